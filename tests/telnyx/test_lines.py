"""Numbers and messaging profiles are read from every list that tells of them, and unknown is never "none"."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import Line, LineKind, Membership, Profile
from reconciler.telnyx import wire
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.lines import (
    find_line,
    find_line_or_absence,
    read_changed,
    read_line,
    read_profile,
    read_tags,
)
from tests.telnyx.test_documents import JSON

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+12025550123")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
SHORT_CODE: Json = {"phone_number": "26810", "type": "short-code"}
NAMES = [value for value in vars(wire).values() if isinstance(value, str) and value.isidentifier()]


def item(**fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"phone_number": NUMBER, "messaging_profile_id": PROFILE, "id": "1293384261075731499"}
    return whole | fields


def listed(*rows: Json, total: Json, **fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"data": list(rows), "meta": {"total_results": total}}
    return whole | fields


def line(**fields: Json) -> Line:
    read = read_line(item(**fields), NOW)
    assert read is not None
    return read


def profile(**fields: Json) -> Profile:
    whole: dict[str, Json] = {"id": PROFILE, "name": "sales", "number_pool_settings": {"long_code_weight": 1}}
    return read_profile({"data": whole | fields}, NOW, asked=PROFILE)


def test_a_number_with_its_profile() -> None:
    assert line(type="long-code", country_code="US") == Line(
        NUMBER, NOW, PROFILE, "1293384261075731499", LineKind.LONG_CODE, "US"
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_number_on_no_profile(nothing: Json) -> None:
    read = line(messaging_profile_id=nothing)

    assert (read.profile, read.unclear) == (None, False)
    assert read.membership(PROFILE) is Membership.NONE


@pytest.mark.parametrize("value", ["UNAVAILABLE", "unavailable", "not an id", "a" * 65, 7, 0, False, [], {}, [PROFILE]])
def test_a_profile_that_could_not_be_told_is_unclear_and_not_none(value: Json) -> None:
    read = line(messaging_profile_id=value)

    assert (read.profile, read.unclear) == (None, True)
    assert read.membership(PROFILE) is Membership.UNKNOWN


def test_a_missing_profile_is_unclear_and_not_none() -> None:
    read = read_line({"phone_number": NUMBER}, NOW)

    assert read == Line(NUMBER, NOW, unclear=True)


@pytest.mark.parametrize(("value", "unclear"), [(None, True), ("", True), (PROFILE, False)])
def test_where_profiles_could_not_be_loaded_none_is_unclear(value: Json, unclear: bool) -> None:
    read = read_line(item(messaging_profile_id=value), NOW, troubled=True)

    assert read is not None
    assert read.unclear is unclear


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "long-code"}, LineKind.LONG_CODE),
        ({"type": "longcode"}, LineKind.LONG_CODE),
        ({"phone_number_type": "local"}, LineKind.LONG_CODE),
        ({"phone_number_type": "mobile"}, LineKind.LONG_CODE),
        ({"type": "tollfree"}, LineKind.TOLL_FREE),
        ({"type": "toll-free"}, LineKind.TOLL_FREE),
        ({"phone_number_type": "toll_free"}, LineKind.TOLL_FREE),
        ({"type": "short-code"}, LineKind.SHORT_CODE),
        ({"type": "shortcode"}, LineKind.SHORT_CODE),
        ({"type": "something-new"}, LineKind.UNKNOWN),
        ({"type": 7}, LineKind.UNKNOWN),
        ({}, LineKind.UNKNOWN),
    ],
)
def test_the_kind_under_every_spelling(fields: dict[str, Json], kind: LineKind) -> None:
    assert line(**fields).kind is kind


@pytest.mark.parametrize(
    ("fields", "country"),
    [
        ({"country_code": "US"}, "US"),
        ({"country_iso_alpha2": "ca"}, "CA"),
        ({"country_code": "USA"}, ""),
        ({"country_code": None}, ""),
        ({"country_code": 1}, ""),
    ],
)
def test_the_country_where_it_is_said(fields: dict[str, Json], country: str) -> None:
    assert line(**fields).country == country


@pytest.mark.parametrize(
    ("value", "line_id"),
    [
        ("1293384261075731499", "1293384261075731499"),
        (1293384261075731499 // 10, "129338426107573149"),
        ("../../messaging_profiles", ""),
        ("..", ""),
        ("", ""),
        ("a" * 65, ""),
        (True, ""),
        (None, ""),
    ],
)
def test_an_id_is_fit_for_an_address_or_none(value: Json, line_id: str) -> None:
    assert line(id=value).id == line_id


@pytest.mark.parametrize("status", ["deleted", "ported-out", "port-failed", "purchase-failed"])
def test_a_number_that_is_listed_as_gone_is_absent(status: str) -> None:
    assert line(status=status).absences == 1
    assert line(status=status).membership(PROFILE) is Membership.UNKNOWN


@pytest.mark.parametrize("status", ["active", "port-pending", "port-out-pending", "something-new", None, 7])
def test_every_other_number_that_is_listed_is_there(status: Json) -> None:
    assert line(status=status).absences == 0


def test_a_short_code_is_no_line_and_no_trouble() -> None:
    assert read_line(SHORT_CODE, NOW) is None


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        "text",
        {},
        {"phone_number": "2025550123"},
        {"phone_number": 12025550123},
        {"phone_number": "26810"},
        {"type": "short-code"},
        {"errors": [{"code": "10007"}]},
    ],
)
def test_what_names_no_number_is_unreadable(row: Json) -> None:
    with pytest.raises(Unreadable):
        read_line(row, NOW)


@pytest.mark.parametrize(
    ("settings", "pooled"),
    [
        (None, False),
        ({}, False),
        ("on", False),
        ([1], False),
        ({"long_code_weight": 0}, False),
        ({"long_code_weight": 0.0, "toll_free_weight": 10}, False),
        ({"long_code_weight": "0"}, False),
        ({"long_code_weight": 1}, True),
        ({"long_code_weight": 0.5}, True),
        ({"toll_free_weight": 10}, True),
        ({"long_code_weight": None}, True),
        ({"long_code_weight": []}, True),
    ],
)
def test_whether_a_number_pool_may_pick_long_codes(settings: Json, pooled: bool) -> None:
    assert profile(number_pool_settings=settings).pooled is pooled


def test_a_profile_goes_by_the_id_it_was_asked_for() -> None:
    assert profile(id=PROFILE.upper()) == Profile(PROFILE, NOW, name="sales", pooled=True)
    assert read_profile({"id": PROFILE}, NOW, asked=PROFILE) == Profile(PROFILE, NOW)
    assert profile(name="two\r\nlines \x1b[31m" + "x" * 200).name.startswith("two lines \\u001b[31mxxx")
    assert len(profile(name="x" * 200).name) == 100


@pytest.mark.parametrize("document", [None, [], {}, {"data": {}}, {"data": {"id": "another"}}, {"errors": [{}]}])
def test_another_profile_or_none_is_unreadable(document: Json) -> None:
    with pytest.raises(Unreadable):
        read_profile(document, NOW, asked=PROFILE)


def test_tags_are_a_list_of_texts_or_not_told() -> None:
    assert read_tags(item(tags=["a", "b", "a"])) == {"a", "b"}
    assert read_tags(item(tags=[])) == frozenset()
    others: tuple[Json, ...] = (None, "a", {"a": "b"}, [{"name": "a"}], ["a", None])
    for tags in others:
        with pytest.raises(Unreadable):
            read_tags(item(tags=tags))
    with pytest.raises(Unreadable):
        read_tags(item())


def test_the_answer_to_a_change_is_about_that_number() -> None:
    assert read_changed({"data": item()}, NOW, asked=NUMBER) == line()
    assert read_changed(item(errors=[]), NOW, asked=NUMBER) == line()
    others: tuple[Json, ...] = (item(phone_number="+12025550199"), SHORT_CODE, {}, [])
    for other in others:
        with pytest.raises(Unreadable):
            read_changed(other, NOW, asked=NUMBER)


def test_a_number_is_found_among_whatever_else_came() -> None:
    others: tuple[Json, ...] = (item(phone_number="+12025550199"), {}, SHORT_CODE)

    assert find_line(listed(*others, item(), total=9), NOW, asked=NUMBER) == line()
    assert find_line(listed(*others, total=9), NOW, asked=NUMBER) is None
    assert find_line_or_absence(listed(*others, item(), total=9), NOW, asked=NUMBER) == line()


def test_absence_is_believed_of_a_list_that_is_all_there_is() -> None:
    other = item(phone_number="+3912025550123")

    for document in (listed(total=0), listed(other, total=1)):
        assert find_line_or_absence(document, NOW, asked=NUMBER) == Line(NUMBER, NOW, absences=1)


@pytest.mark.parametrize(
    "document",
    [
        listed(total=1),
        listed(total=None),
        listed(item(phone_number="+12025550199"), total=2),
        listed(item(phone_number="+12025550199"), total=None),
        listed({}, total=1),
        listed({"phone_number": "12025550123"}, total=1),
        listed(total=0, errors=[{"code": "10007"}]),
        {"data": None},
    ],
)
def test_every_other_list_that_lacks_a_number_shows_no_absence(document: Json) -> None:
    with pytest.raises(Unreadable):
        find_line_or_absence(document, NOW, asked=NUMBER)


def test_errors_beside_the_rows_make_none_unclear() -> None:
    document = listed(item(messaging_profile_id=None), total=1, errors=[{"code": "10007"}])

    found = find_line_or_absence(document, NOW, asked=NUMBER)
    assert found.unclear


@given(JSON, st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), st.booleans())
def test_any_answer_is_read_or_unreadable(anything: Json, fields: dict[str, Json], troubled: bool) -> None:
    for document in (anything, {"data": anything}, fields, item(**fields), {"id": PROFILE} | fields):
        with suppress(Unreadable):
            read_line(document, NOW, troubled=troubled)
        with suppress(Unreadable):
            read_profile(document, NOW, asked=PROFILE)
        with suppress(Unreadable):
            read_tags(document)
        with suppress(Unreadable):
            read_changed(document, NOW, asked=NUMBER)
        for whole in (document, listed(document, anything, total=1)):
            with suppress(Unreadable):
                find_line(whole, NOW, asked=NUMBER)
            with suppress(Unreadable):
                find_line_or_absence(whole, NOW, asked=NUMBER)


@given(st.none() | st.text(max_size=20) | JSON)
def test_a_number_is_on_no_profile_only_where_that_is_said(value: Json) -> None:
    read = line(messaging_profile_id=value)

    assert (read.membership(PROFILE) is Membership.NONE) == (value is None or value == "")


def test_the_examples_of_telnyx(shared: Path) -> None:
    def example(name: str) -> Json:
        document: Json = json.loads((shared / "telnyx/examples" / name).read_text())
        return document

    read = read_line(example("http.phone_number.item.json"), NOW)
    assert read is not None
    assert (read.number, read.kind, read.country) == ("+19705555098", LineKind.LONG_CODE, "US")
    assert read.profile == "abc85f64-5717-4562-b3fc-2c9600000000"
    assert read_tags(example("http.phone_number.item.json")) == {"tag_1", "tag_2"}
    read = read_line(example("http.phone_number_messaging.item.json"), NOW)
    assert read is not None
    assert (read.number, read.kind, read.id) == ("+18005550001", LineKind.TOLL_FREE, "1293384261075731499")
    asked = ProfileId("3fa85f64-5717-4562-b3fc-2c963f66afa6")
    assert read_profile(example("http.messaging_profile.item.json"), NOW, asked=asked).pooled
