"""What a number's own record says of it, and what it leaves open."""

from dataclasses import replace

import pytest

from reconciler.model.lines import ByProfile, ByTags, Line, LineKind, Membership, Selection
from tests.builders import HOUR, NOW, OTHER_PROFILE, PROFILE, a_line


@pytest.mark.parametrize(
    ("line", "membership"),
    [
        (a_line(profile=PROFILE), Membership.EXPECTED),
        (a_line(profile=OTHER_PROFILE), Membership.OTHER),
        (a_line(), Membership.NONE),
        (a_line(unclear=True), Membership.UNKNOWN),
        (a_line(profile=PROFILE, unclear=True), Membership.UNKNOWN),
        (a_line(profile=OTHER_PROFILE, unclear=True), Membership.UNKNOWN),
        (a_line(absences=1), Membership.UNKNOWN),
        (a_line(profile=PROFILE, absences=2), Membership.UNKNOWN),
    ],
)
def test_where_it_is_seen_from_a_profile(line: Line, membership: Membership) -> None:
    assert line.membership(PROFILE) is membership


@pytest.mark.parametrize(("absences", "gone"), [(0, False), (1, False), (2, True), (9, True)])
def test_one_read_without_it_may_be_a_lie_and_two_are_not(absences: int, *, gone: bool) -> None:
    assert a_line(absences=absences).is_gone is gone


@pytest.mark.parametrize(
    ("kind", "country", "wrong"),
    [
        (LineKind.LONG_CODE, "US", False),
        (LineKind.LONG_CODE, "", False),
        (LineKind.UNKNOWN, "", False),
        (LineKind.LONG_CODE, "CA", True),
        (LineKind.TOLL_FREE, "US", True),
        (LineKind.TOLL_FREE, "", True),
        (LineKind.SHORT_CODE, "US", True),
    ],
)
def test_only_what_is_said_to_be_of_the_wrong_kind_is(kind: LineKind, country: str, *, wrong: bool) -> None:
    assert a_line(kind=kind, country=country).is_wrong_kind is wrong


def test_two_readings_say_the_same_whenever_they_were_made() -> None:
    line = a_line(profile=PROFILE)

    assert line.says_the_same(replace(line, taken_at=NOW + HOUR))
    for other in (
        a_line(profile=OTHER_PROFILE),
        a_line(profile=PROFILE, unclear=True),
        a_line(profile=PROFILE, absences=1),
        a_line(profile=PROFILE, kind=LineKind.TOLL_FREE),
        a_line(profile=PROFILE, country="CA"),
        replace(line, id="2"),
    ):
        assert not line.says_the_same(other)


def test_the_text_of_a_selection_tells_it_from_every_other() -> None:
    """It is the name by which the store and a look's faults know it."""
    selections: list[Selection] = [
        ByTags(("a", "b")),
        ByTags(("a, b",)),
        ByTags(("a",), ("b",)),
        ByTags(('a", "b',)),
        ByProfile(PROFILE),
        ByTags((PROFILE,)),
    ]

    assert len({str(one) for one in selections}) == len(selections)
    assert str(ByTags(("a",))) == str(ByTags(("a",)))
