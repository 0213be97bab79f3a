"""The account's numbers, over a real socket: by messaging profile, by tags, and one by one."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Look, Observed
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile, ByTags, Line, LineKind, Profile, Selection
from reconciler.telnyx.account import ask_line, ask_roster, ask_tagged
from reconciler.telnyx.documents import Json
from tests.telnyx.scripted import NOW, asking, client_of, reply, reset, scripted
from tests.telnyx.scripted import Line as Answer
from tests.telnyx.test_documents import JSON

pytestmark = pytest.mark.anyio

CAMPAIGN = CampaignId("3008dd9f-66d7-40e0-bf23-bf2d8d1a96ba")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
OTHER = ProfileId("5001838b-1c1a-4e1b-9a8c-0d7c1f3f2a12")
SALES = ByTags(("sales",))
NO_SUCH = reply({"errors": [{"code": "10005", "title": "Resource not found"}]}, 404)
NO_KEY = reply({"errors": [{"code": "10009", "title": "Authentication failed"}]}, 401)
EMPTY = reply({"records": [], "totalRecords": 0})
NOWHERE = reply({"data": [], "meta": {"total_results": 0}})
SECRET = "rP1VamejkU2v0qIUxntqLW2c"


def number(index: int) -> PhoneNumber:
    return PhoneNumber(f"+1202{5550000 + index}")


def row(index: int, profile: Json = PROFILE, **fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"id": f"{9000 + index}", "phone_number": number(index), "messaging_profile_id": profile}
    return whole | {"type": "long-code", "country_code": "US"} | fields


def tagged(index: int, *tags: Json, **fields: Json) -> dict[str, Json]:
    return row(index, phone_number_type="local", country_iso_alpha2="US", tags=list(tags)) | fields


def page(*rows: Json, total: Json) -> Answer:
    return reply({"data": list(rows), "meta": {"page_number": 1, "total_pages": 1, "total_results": total}})


def profile(name: str = "sales", profile_id: ProfileId = PROFILE, **fields: Json) -> Answer:
    settings: Json = {"long_code_weight": 1, "toll_free_weight": 10, "skip_unhealthy": True}
    whole = {"id": profile_id, "name": name, "number_pool_settings": settings, "v1_secret": SECRET}
    return reply({"data": whole | fields})


def look(*profiles: ProfileId, selections: tuple[Selection, ...] = ()) -> Look:
    """A look at a campaign that has no numbers: its listing is the first call."""
    return Look(CAMPAIGN, read_campaign=False, profiles=profiles, selections=selections)


async def observe(*answers: Answer, looks: tuple[Look, ...], lines: tuple[PhoneNumber, ...] = ()) -> Observed:
    async with scripted(*answers) as script, client_of(script) as client:
        observed = await client.observe(looks, (), lines=lines)
        assert not script.lines, "the script was not played to its end"
        return observed


async def calls_of(*answers: Answer, looks: tuple[Look, ...] = (), lines: tuple[PhoneNumber, ...] = ()) -> list[str]:
    """The addresses asked, without their queries."""
    async with scripted(*answers) as script, client_of(script) as client:
        await client.observe(looks, (), lines=lines)
        assert not script.lines, "the script was not played to its end"
        return [target.partition("?")[0].removeprefix("GET /v2") for target in script.asked]


async def flaw_of(*pages: Answer) -> str:
    """The flaw of a roster that is not complete."""
    observed = await observe(EMPTY, profile(), *pages, looks=(look(PROFILE),))
    assert not observed.rosters[PROFILE].complete
    return observed.rosters[PROFILE].flaw


async def choose(selection: Selection, *rows: Json, total: int | None = None) -> tuple[set[PhoneNumber], str]:
    """What a selection by tags chooses from a list, and why that is not all."""
    listed = page(*rows, total=len(rows) if total is None else total)
    observed = await observe(EMPTY, listed, looks=(look(selections=(selection,)),))
    selected = observed.selected[selection]
    assert selected.complete == (not selected.flaw)
    assert selected.taken_at == NOW
    return set(selected.numbers), selected.flaw


async def test_a_profile_comes_with_the_numbers_on_it() -> None:
    observed = await observe(EMPTY, profile(), page(row(0), row(1), total=2), looks=(look(PROFILE),))

    assert observed.profiles == {PROFILE: Profile(PROFILE, NOW, name="sales", pooled=True)}
    roster = observed.rosters[PROFILE]
    assert (roster.profile, roster.taken_at, roster.complete, roster.flaw) == (PROFILE, NOW, True, "")
    assert roster.lines[number(1)] == Line(number(1), NOW, PROFILE, "9001", LineKind.LONG_CODE, "US")
    assert observed.faults == ()


async def test_a_profile_that_telnyx_does_not_know_has_no_numbers_to_list() -> None:
    observed = await observe(EMPTY, NO_SUCH, looks=(look(PROFILE),))

    assert observed.profiles == {PROFILE: Profile(PROFILE, NOW, exists=False)}
    assert observed.rosters == {}
    assert observed.faults == ()


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        reply(b"<html>", 404, headers={"content-type": "text/html"}),
        reply({"errors": [{"code": "10015", "title": "Bad request"}]}, 422),
        profile(profile_id=OTHER),
    ],
)
async def test_a_profile_that_could_not_be_read_is_not_one_that_telnyx_does_not_know(answer: Answer) -> None:
    observed = await observe(EMPTY, answer, looks=(look(PROFILE),))

    assert (observed.profiles, observed.rosters) == ({}, {})
    assert [subject for subject, _ in observed.faults] == [PROFILE]


async def test_smaller_pages_than_asked_for_are_taken() -> None:
    pages = page(row(0), row(1), total=3), page(row(2), total=3)
    observed = await observe(EMPTY, profile(), *pages, looks=(look(PROFILE),))

    assert observed.rosters[PROFILE].complete
    assert list(observed.rosters[PROFILE].lines) == [number(0), number(1), number(2)]


async def test_short_codes_are_counted_and_left_out() -> None:
    short = row(1, phone_number="26810", type="short-code")
    observed = await observe(EMPTY, profile(), page(row(0), short, total=2), looks=(look(PROFILE),))

    assert observed.rosters[PROFILE].complete
    assert list(observed.rosters[PROFILE].lines) == [number(0)]


async def test_toll_free_numbers_stay_in_the_roster_with_their_kind() -> None:
    observed = await observe(EMPTY, profile(), page(row(0, type="tollfree"), total=1), looks=(look(PROFILE),))

    assert observed.rosters[PROFILE].lines[number(0)].is_wrong_kind


async def test_a_profile_is_the_same_in_capitals() -> None:
    observed = await observe(EMPTY, profile(), page(row(0, PROFILE.upper()), total=1), looks=(look(PROFILE),))

    assert observed.rosters[PROFILE].lines[number(0)].profile == PROFILE


async def test_numbers_of_another_profile_show_that_the_filter_was_ignored() -> None:
    flaw = await flaw_of(page(row(0), row(1, OTHER), total=90_000))
    assert flaw.startswith("numbers of other messaging profiles among them: the filter was ignored")

    assert "the filter was ignored" in await flaw_of(page(row(0), row(1, None), total=2))


async def test_a_row_that_does_not_say_its_profile_is_of_none_and_of_no_other() -> None:
    for profile_id in ("UNAVAILABLE", 7):
        flaw = await flaw_of(page(row(0), row(1, profile_id), total=2))
        assert flaw == "a record that cannot be read: it does not say its messaging profile; 1 listed, of 2"


async def test_pages_that_do_not_add_up() -> None:
    assert await flaw_of(page(row(0), total=2), page(total=2)) == "1 listed, of 2"
    assert await flaw_of(page(row(0), row(0), total=2)) == "1 listed, of 2"
    assert "changed from 2 to 3" in await flaw_of(page(row(0), total=2), page(row(1), total=3), page(total=3))
    assert "how many" in await flaw_of(page(row(0), total=None), page(total=None))


async def test_a_page_that_fails_leaves_what_came_before_it_and_a_fault() -> None:
    observed = await observe(EMPTY, profile(), page(row(0), total=2), reset, looks=(look(PROFILE),))

    assert list(observed.rosters[PROFILE].lines) == [number(0)]
    assert observed.rosters[PROFILE].flaw.startswith("page 2 could not be read")
    assert [(subject, fault.kind) for subject, fault in observed.faults] == [(PROFILE, FaultKind.LOST)]


async def test_no_page_is_no_roster() -> None:
    observed = await observe(EMPTY, profile(), reset, looks=(look(PROFILE),))

    assert PROFILE in observed.profiles
    assert observed.rosters == {}


async def test_a_profile_that_two_looks_name_is_read_once() -> None:
    answers = EMPTY, profile(), page(total=0), EMPTY, profile(profile_id=OTHER), page(total=0)

    asked = await calls_of(*answers, looks=(look(PROFILE, PROFILE), look(PROFILE, OTHER)))

    assert asked[1::3] == [f"/messaging_profiles/{PROFILE}", f"/messaging_profiles/{OTHER}"]
    assert asked[2::3] == ["/phone_numbers/messaging"] * 2


async def test_a_profile_that_failed_is_not_read_again_for_the_next_look() -> None:
    observed = await observe(EMPTY, reset, EMPTY, looks=(look(PROFILE), look(PROFILE)))

    assert [subject for subject, _ in observed.faults] == [PROFILE]


async def test_a_selection_by_profile_is_answered_by_its_roster() -> None:
    selection = ByProfile(PROFILE)
    rows = row(0), row(1, type="toll-free"), row(2, country_code="CA"), row(3, type="new", country_code=None)
    toll_free = row(4, phone_number="+18005550199", type=None)
    observed = await observe(
        EMPTY, profile(), page(*rows, toll_free, total=5), looks=(look(PROFILE, selections=(selection,)),)
    )

    selected = observed.selected[selection]
    assert (selected.numbers, selected.complete, selected.taken_at) == (
        frozenset({number(0), number(3)}),
        True,
        NOW,
    )


async def test_a_selection_by_a_profile_that_no_look_names_reads_it_once() -> None:
    selection = ByProfile(PROFILE)
    looks = look(selections=(selection,)), look(PROFILE, selections=(selection,))

    asked = await calls_of(EMPTY, profile(), page(row(0), total=1), EMPTY, looks=looks)

    assert asked.count("/phone_numbers/messaging") == 1


@pytest.mark.parametrize(
    ("answers", "flaw"),
    [
        ([NO_SUCH], "Telnyx knows no messaging profile by this id"),
        ([profile(), page(row(0), total=2), page(total=2)], "1 listed, of 2"),
    ],
)
async def test_a_profile_unknown_or_listed_in_part_is_not_an_empty_choice(answers: list[Answer], flaw: str) -> None:
    observed = await observe(EMPTY, *answers, looks=(look(selections=(ByProfile(PROFILE),)),))

    selected = observed.selected[ByProfile(PROFILE)]
    assert (selected.complete, selected.flaw) == (False, flaw)


@pytest.mark.parametrize("answers", [[reset], [profile(), reset]])
async def test_a_profile_that_could_not_be_read_chooses_nothing_at_all(answers: list[Answer]) -> None:
    observed = await observe(EMPTY, *answers, looks=(look(selections=(ByProfile(PROFILE),)),))

    assert observed.selected == {}
    assert [subject for subject, _ in observed.faults] == [PROFILE]


async def test_tags_choose_what_has_every_one_and_none_of_the_others() -> None:
    selection = ByTags(("sales", "us"), not_tags=("old", "test"))
    rows = (
        tagged(0, "sales", "us"),
        tagged(1, "sales"),
        tagged(2, "us", "sales", "more"),
        tagged(3, "sales", "us", "old"),
        tagged(4, "sales", "us", "test"),
    )

    assert await choose(selection, *rows) == ({number(0), number(2)}, "")


async def test_tags_choose_us_long_codes_that_are_in_the_account() -> None:
    rows = (
        tagged(0, "sales"),
        tagged(1, "sales", type=None, phone_number_type="toll_free"),
        tagged(2, "sales", country_code=None, country_iso_alpha2="CA"),
        tagged(3, "sales", status="ported-out"),
        tagged(4, "sales", phone_number="+447700900123", country_code="GB"),
        tagged(5, "sales", phone_number="26810", type="short-code"),
        tagged(6, "sales", messaging_profile_id="UNAVAILABLE"),
    )

    assert await choose(SALES, *rows) == ({number(0), number(6)}, "")


async def test_a_number_without_the_tag_shows_that_the_filter_was_ignored() -> None:
    chosen, flaw = await choose(SALES, tagged(0, "sales"), tagged(1, "Sales"), total=90_000)

    assert chosen == {number(0)}
    assert flaw.startswith("numbers without the tag among them: the filter was ignored")


async def test_a_number_that_does_not_say_its_tags_leaves_the_choice_open() -> None:
    untold = tagged(1)
    del untold["tags"]

    for odd in (untold, untold | {"tags": None}, untold | {"tags": "sales"}):
        chosen, flaw = await choose(SALES, tagged(0, "sales"), odd)
        assert chosen == {number(0)}
        assert flaw == "a record that cannot be read: no list of tags; 1 listed, of 2"


async def test_trouble_with_the_profiles_is_no_trouble_for_tags() -> None:
    errors: Json = [{"code": "10007", "title": "Messaging profiles could not be loaded"}]
    listed = reply({"data": [tagged(0, "sales")], "meta": {"total_results": 1}, "errors": errors})

    observed = await observe(EMPTY, listed, looks=(look(selections=(SALES,)),))

    assert observed.selected[SALES].complete


async def test_tags_that_could_not_be_listed_choose_nothing_at_all() -> None:
    observed = await observe(EMPTY, reset, EMPTY, looks=(look(selections=(SALES,)), look(selections=(SALES,))))

    assert observed.selected == {}
    assert [(subject, fault.kind) for subject, fault in observed.faults] == [(str(SALES), FaultKind.LOST)]


async def test_tags_are_asked_for_by_the_first_of_them_once() -> None:
    both = ByTags(("a tag", "sales"))
    async with scripted(EMPTY, page(total=0), EMPTY) as script, client_of(script) as client:
        await client.observe((look(selections=(both, both)), look(selections=(both,))), ())

    assert "filter%5Btag%5D=a+tag&" in script.asked[1]


async def test_a_single_number_is_read_from_the_list_of_messaging_settings() -> None:
    observed = await observe(page(row(0), total=1), looks=(), lines=(number(0),))

    assert observed.lines == {number(0): Line(number(0), NOW, PROFILE, "9000", LineKind.LONG_CODE, "US")}


async def test_where_that_does_not_show_it_the_list_of_all_numbers_is_asked() -> None:
    found = page(tagged(0, messaging_profile_id=None), total=1)

    for first in (NOWHERE, page(row(1), row(2), total=90_000)):
        asked = await calls_of(first, found, lines=(number(0), number(0)))
        assert asked == ["/phone_numbers/messaging", "/phone_numbers"]
    observed = await observe(NOWHERE, found, looks=(), lines=(number(0),))
    assert observed.lines[number(0)] == Line(number(0), NOW, None, "9000", LineKind.LONG_CODE, "US")


async def test_a_number_in_neither_list_is_absent_once() -> None:
    observed = await observe(NOWHERE, NOWHERE, looks=(), lines=(number(0),))

    assert observed.lines == {number(0): Line(number(0), NOW, absences=1)}
    assert observed.faults == ()


@pytest.mark.parametrize(
    "answers", [[reset], [NOWHERE, reset], [NOWHERE, page(row(1), total=90_000)], [NOWHERE, NO_SUCH], [NO_SUCH]]
)
async def test_a_number_that_could_not_be_read_is_not_absent(answers: list[Answer]) -> None:
    observed = await observe(*answers, looks=(), lines=(number(0),))

    assert observed.lines == {}
    assert [subject for subject, _ in observed.faults] == [number(0)]


@pytest.mark.parametrize(
    "before",
    [
        [EMPTY],
        [EMPTY, profile()],
        [EMPTY, profile(), page(row(0), total=2)],
        [EMPTY, profile(), page(total=0)],
        [EMPTY, profile(), page(total=0), page(tagged(0, "sales"), total=2)],
        [EMPTY, profile(), page(total=0), page(total=0), EMPTY],
        [EMPTY, profile(), page(total=0), page(total=0), EMPTY, NOWHERE],
    ],
)
async def test_a_refused_key_ends_the_look_at_once(before: list[Answer]) -> None:
    looks = look(PROFILE, selections=(SALES, ByProfile(PROFILE))), look(PROFILE)
    async with scripted(*before, NO_KEY) as script, client_of(script) as client:
        observed = await client.observe(looks, (), lines=(number(0), number(1)))

    assert len(script.asked) == len(before) + 1
    assert [fault.kind for _, fault in observed.faults] == [FaultKind.HALTED]


@given(JSON, st.dictionaries(st.sampled_from(["phone_number", "messaging_profile_id", "type", "tags", "id"]), JSON))
def test_any_list_is_read_or_ends_in_a_fault(anything: Json, fields: dict[str, Json]) -> None:
    rows: list[Json] = [anything, fields, row(0) | fields, tagged(1, "sales") | fields]
    documents: tuple[Json, ...] = (anything, {"data": rows, "meta": {"total_results": 4}})
    for document in documents:
        roster, no_roster = asyncio.run(ask_roster(asking(document), PROFILE))
        selected, no_selected = asyncio.run(ask_tagged(asking(document), SALES))
        assert (roster is None, selected is None) == (no_roster is not None, no_selected is not None)
        assert isinstance(asyncio.run(ask_line(asking(document), number(0))), Fault | Line)


async def test_the_secret_of_a_profile_shows_nowhere() -> None:
    bodies = [
        profile(profile_id=OTHER),
        reply(f'{{"data": {{"v1_secret": "{SECRET}"'.encode()),
        reply(f'{{"v1_secret": "{SECRET}"}}'.encode(), 500),
        reply(f'{{"v1_secret": "{SECRET}"}}'.encode(), 418),
        reply(f"<p>{SECRET}</p>".encode(), headers={"content-type": "text/html"}),
        reply(SECRET.encode(), 502),
        reply({"data": {"id": SECRET, "v1_secret": SECRET}}),
    ]
    for body in bodies:
        observed = await observe(EMPTY, body, looks=(look(PROFILE),))
        assert len(observed.faults) == 1
        assert SECRET[:8] not in repr(observed)
    observed = await observe(EMPTY, profile(), page(total=0), looks=(look(PROFILE),))
    assert SECRET not in repr(observed)
