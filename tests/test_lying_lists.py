"""Lists that lie, shift, loop or end too soon take nothing away, and start nothing that the numbers do not need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.oddities import Oddities
from reconciler.telnyx.pages import MAX_PAGES
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, PROFILE, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(8))
TAKEN_OFF, STRANGERS = NUMBERS[3], tuple(a_number(which) for which in range(50, 56))
WANTED = pool_of(NUMBERS, f"messaging_profile: {PROFILE}")
RARELY = "schedule: {drift_check: every 2h}"
OFTEN = "schedule: {drift_check: every 5m}"
NOT_FOUND = {"errors": [{"code": "10005", "title": "Resource not found"}]}
JSON = {"content-type": "application/json"}
LIST, PROFILES = "phone_number_campaigns", "phone_numbers/messaging"

Answers: TypeAlias = Callable[[httpx.Request], Awaitable[httpx.Response | None]]


def account(emulator: Emulator) -> None:
    """The pool's numbers on its profile, and numbers of others on a campaign of theirs."""
    account_of((*NUMBERS, *STRANGERS))(emulator)
    emulator.add_campaign(FOREIGN, status="MNO_PROVISIONED")
    emulator.add_profile(PROFILE)
    for number in NUMBERS:
        emulator.put_on_profile(number, PROFILE)
    for number in STRANGERS:
        emulator.assign_by_hand(number, FOREIGN)


def answered(body: object, *paths: str, status: int = 200) -> Answers:
    """Lists at these addresses are answered so, whichever page is asked for."""

    async def instead(request: httpx.Request) -> httpx.Response | None:
        hit = request.method == "GET" and any(request.url.path.endswith(path) for path in paths)
        return httpx.Response(status, json=body) if hit else None

    return instead


def item(number: str, campaign: str = CAMPAIGN) -> dict[str, str]:
    """A row."""
    return {"phoneNumber": number, "campaignId": campaign, "assignmentStatus": "ASSIGNED"}


EMPTY = {"records": [], "page": 1, "totalRecords": 0}
EMPTY_DATA = {"data": [], "meta": {"total_results": 0, "total_pages": 1, "page_number": 1, "page_size": 250}}
LOOP = {"records": [item(NUMBERS[0]), item(NUMBERS[1])], "page": 1, "totalRecords": 1_000_000}
HALF = {"records": [item(number) for number in NUMBERS[:4]], "page": 1, "totalRecords": 4}

THEIRS = {"records": [item(number, FOREIGN) for number in NUMBERS], "totalRecords": len(NUMBERS)}
NO_ROWS = {"records": [None, 1, "x", []], "totalRecords": 4}

LIES = [
    pytest.param(Oddities(empty_page=1), None, id="page 1 is empty, and the total is not"),
    pytest.param(Oddities(page_size=3, empty_page=2), None, id="page 2 is empty"),
    pytest.param(Oddities(page_size=3, empty_page=3), None, id="the last page is empty"),
    pytest.param(Oddities(page_size=3, shifted_rows=1), None, id="rows come twice"),
    pytest.param(Oddities(page_size=3, shifted_rows=-1), None, id="rows are missed"),
    pytest.param(Oddities(total_off_by=3), None, id="the total is too high"),
    pytest.param(Oddities(total_off_by=-3), None, id="the total is too low"),
    pytest.param(Oddities(page_size=3, total_off_by=-8), None, id="the total is nothing"),
    pytest.param(Oddities(total_missing=True), None, id="no total"),
    pytest.param(Oddities(filters_ignored=True), None, id="everybody's numbers"),
    pytest.param(Oddities(omitted_numbers=NUMBERS[2:5]), None, id="some are left out, and counted"),
    pytest.param(Oddities(omitted_numbers=NUMBERS[2:5], total_off_by=-3), None, id="some are left out"),
    pytest.param(Oddities(), answered(EMPTY, LIST), id="no numbers on the campaign"),
    pytest.param(Oddities(), answered(EMPTY_DATA, PROFILES), id="no numbers on the profile"),
    pytest.param(Oddities(), answered({**EMPTY, **EMPTY_DATA}, LIST, PROFILES), id="no numbers at all"),
    pytest.param(Oddities(), answered(HALF, LIST), id="half of them"),
    pytest.param(Oddities(), answered(LOOP, LIST), id="the same page for ever"),
    pytest.param(Oddities(), answered({"records": {}}, LIST), id="an object in place of the rows"),
    pytest.param(Oddities(), answered(NO_ROWS, LIST), id="rows that are none"),
    pytest.param(Oddities(), answered([], LIST), id="a list in place of the object"),
    pytest.param(Oddities(), answered(THEIRS, LIST), id="another campaign's"),
    pytest.param(Oddities(), answered({"errors": [{"code": "10007"}]}, LIST, PROFILES), id="an error, as 200"),
    pytest.param(Oddities(), answered(NOT_FOUND, LIST, status=404), id="no such list"),
]


def writes(world: World) -> list[str]:
    """Every request that would change something."""
    return [f"{one.method} {one.path} {one.body}" for one in world.emulator.journal() if one.method != "GET"]


def lie(world: World, oddities: Oddities, instead: Answers | None) -> None:
    """From now on lists are so."""
    world.emulator.oddities = oddities
    if instead is not None:
        world.wire.instead = instead


async def truth(_: httpx.Request) -> None:
    """Nothing is answered in place of Telnyx."""


@pytest.mark.covers("A05", "F-53", "F-54", "A08")
@pytest.mark.parametrize(("oddities", "instead"), LIES)
async def test_lists_that_lie_of_numbers_that_are_ready_change_nothing(
    tmp_path: Path, oddities: Oddities, instead: Answers | None
) -> None:
    """Each number is there when it is read by itself: nothing is asked, nothing taken away, and nobody woken up."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=account) as world:
        await world.wait(10 * MINUTE)
        assert await world.phases() == {"Ready": len(NUMBERS)}
        before, there = writes(world), world.assigned()

        lie(world, oddities, instead)
        await world.wait(25 * MINUTE)

        assert writes(world) == before
        assert world.assigned() == there
        assert set(await world.phases()) <= {"Ready"}
        assert {name for name, _ in world.fired} <= {"DriftUnresolved"}  # a person is told that it cannot be seen

        lie(world, Oddities(), truth)
        await world.wait(6 * MINUTE)

        assert writes(world) == before
        assert await world.phases() == {"Ready": len(NUMBERS)}
        assert await world.alerts() == ()


@pytest.mark.covers("A05", "F-53", "F-54")
@pytest.mark.parametrize(("oddities", "instead"), LIES)
async def test_lists_that_lie_at_first_contact_lose_no_number_and_double_none(
    tmp_path: Path, oddities: Oddities, instead: Answers | None
) -> None:
    """Some are assigned already and some are not: each is asked for once at the most, and in the end all are Ready.

    A complete list that lacks what nobody ever saw is believed: where it lied, Telnyx says "already assigned".
    """

    def half_done(emulator: Emulator) -> None:
        account(emulator)
        for number in NUMBERS[:4]:
            emulator.assign_by_hand(number, CAMPAIGN)
        emulator.oddities = oddities

    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=half_done) as world:
        lie(world, oddities, instead)
        await world.wait(12 * MINUTE)
        lie(world, Oddities(), truth)
        await world.wait(12 * MINUTE)

        assert await world.phases() == {"Ready": len(NUMBERS)}
        posts = [world.emulator.posts(number) for number in NUMBERS]
        assert max(posts[:4]) <= 1
        assert posts[4:] == [1] * 4
        assert world.removals() == 0
        assert {campaign for number, (campaign, _) in world.assigned().items() if number in STRANGERS} == {FOREIGN}
        assert await world.alerts() == ()


@pytest.mark.covers("F-53")
@pytest.mark.parametrize(("repeats", "most"), [(True, 2), (False, MAX_PAGES)])
async def test_a_list_without_end_is_left(tmp_path: Path, *, repeats: bool, most: int) -> None:
    """Where a page repeats, at once; where every page is new, at the cap."""
    pages: list[int] = []

    async def endless(request: httpx.Request) -> httpx.Response | None:
        if request.method != "GET" or not request.url.path.endswith(LIST):
            return None
        pages.append(int(request.url.params["page"]))
        rows = [item(a_number(0 if repeats else 1_000 + pages[-1]))]
        return httpx.Response(200, json={"records": rows, "totalRecords": 10**9})

    async with a_world(tmp_path, WANTED, rest=RARELY, rate="1000/s", stage=account) as world:
        world.wire.instead = endless
        await world.step()  # the sweep is spread over the campaigns
        await world.step()

        assert pages == [*range(1, most + 1)]


@pytest.mark.covers("A08")
async def test_a_number_that_is_listed_and_not_found_by_itself_is_left_alone(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=account) as world:
        await world.wait(10 * MINUTE)
        before = writes(world)
        world.wire.instead = answered(NOT_FOUND, *NUMBERS, status=404)

        await world.wait(HOUR)

        assert writes(world) == before
        assert await world.phases() == {"Ready": len(NUMBERS)}
        assert world.fired == set()


@pytest.mark.covers("A08")
async def test_a_number_that_is_not_listed_and_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    """It was there, the list lacks it, and its own record is answered 503: neither gone nor asked for."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=account) as world:
        await world.wait(10 * MINUTE)
        before = writes(world)
        others = {"records": [item(one) for one in NUMBERS if one != TAKEN_OFF], "totalRecords": len(NUMBERS) - 1}
        lacking = answered(others, LIST)
        unwell = answered({"errors": [{"code": "10007", "title": "x"}]}, TAKEN_OFF, status=503)

        async def instead(request: httpx.Request) -> httpx.Response | None:
            return await lacking(request) or await unwell(request)

        world.wire.instead = instead

        await world.wait(HOUR)

        assert writes(world) == before
        assert await world.phases() == {"Ready": len(NUMBERS) - 1, "Drifted": 1}
        assert world.assigned()[TAKEN_OFF] == (CAMPAIGN, AssignmentStatus.ASSIGNED)


@pytest.mark.covers("F-49", "A10")
@pytest.mark.parametrize("word", ["ASSIGNED_V2", "", "assigned", "UNASSIGNED", "NONE"])
async def test_a_state_of_tomorrow_starts_nothing_for_hours(tmp_path: Path, word: str) -> None:
    def new_words(emulator: Emulator) -> None:
        account(emulator)
        for number in NUMBERS:
            emulator.assign_by_hand(number, CAMPAIGN)

    async def reworded(request: httpx.Request) -> httpx.Response | None:
        answer = world.wire.apply(request)
        if LIST not in request.url.path or not answer.is_success:
            return answer
        return httpx.Response(200, text=answer.text.replace('"ASSIGNED"', f'"{word}"'), headers=JSON)

    async with a_world(tmp_path, WANTED, rest="schedule: {drift_check: every 1h}", stage=new_words) as world:
        world.wire.instead = reworded
        await world.wait(6 * HOUR)

        assert writes(world) == []
        assert await world.phases() == {"Waiting": len(NUMBERS)}
        assert await world.reasons() == {"evidence_stale"}
        assert {name for name, _ in world.fired} == {"DriftUnresolved"}
