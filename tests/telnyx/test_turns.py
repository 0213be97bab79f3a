"""A turn is one call: to assign a number, to put it on a messaging profile, or to read what is known of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import Line, LineKind, Membership
from reconciler.model.operations import Urgency
from reconciler.model.verdicts import Refused, Told, Unresolved
from reconciler.ports import Turn
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.documents import Json
from reconciler.telnyx.exchange import WriteRefused
from reconciler.telnyx.limiter import Limiter
from tests.telnyx.scripted import NOW, StoppedClock, client_of, raw, reply, reset, scripted, settings
from tests.telnyx.scripted import Line as Answer

pytestmark = pytest.mark.anyio

NUMBER = PhoneNumber("+12025550123")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
OTHER = ProfileId("5001838b-1c1a-4e1b-9a8c-0d7c1f3f2a12")
ITEM: dict[str, Json] = {
    "id": "1293384261075731499",
    "phone_number": NUMBER,
    "messaging_profile_id": PROFILE,
    "type": "long-code",
    "country_code": "US",
}
LINE = Line(NUMBER, NOW, PROFILE, "1293384261075731499", LineKind.LONG_CODE, "US")
ALONE = Line(NUMBER, NOW, id="1293384261075731499")
NOWHERE = reply({"data": [], "meta": {"total_results": 0}})
EVERYBODY = reply({"data": [ITEM | {"phone_number": "+12025550199"}], "meta": {"total_results": 90_000}})
ERROR: Json = {"errors": [{"code": "10015", "title": "Bad request"}]}


def listed(**fields: Json) -> Answer:
    return reply({"data": [ITEM | fields], "meta": {"total_results": 1}})


async def attach(answer: Answer, line: Line = ALONE) -> Told | Refused | Unresolved:
    async with scripted(answer) as script, client_of(script) as client, client.turn(Urgency.APPROVAL) as turn:
        return await turn.attach(line, PROFILE)


async def reads(*answers: Answer) -> tuple[list[Line | Fault], list[str]]:
    """What as many reads of one number told, each in a turn of its own, and which list each asked."""
    told = []
    async with scripted(*answers) as script, client_of(script) as client:
        for _ in answers:
            async with client.turn(Urgency.APPROVAL) as turn:
                told.append(await turn.read(NUMBER))
    return told, [target.partition("?")[0].removeprefix("GET /v2") for target in script.asked]


async def test_attaching_sends_one_patch_to_the_number_by_its_id() -> None:
    async with (
        scripted(reply({"data": ITEM})) as script,
        client_of(script) as client,
        client.turn(Urgency.APPROVAL) as turn,
    ):
        port: Turn = turn
        outcome = await port.attach(ALONE, PROFILE)

    assert outcome == Told(LINE, answer=True)
    assert script.asked == ["PATCH /v2/phone_numbers/1293384261075731499/messaging"]
    assert json.loads(script.received[0].body) == {"messaging_profile_id": PROFILE}


async def test_a_number_whose_id_was_never_told_goes_by_itself() -> None:
    async with (
        scripted(reply({"data": ITEM})) as script,
        client_of(script) as client,
        client.turn(Urgency.APPROVAL) as turn,
    ):
        await turn.attach(Line(NUMBER, NOW), PROFILE)

    assert script.asked == ["PATCH /v2/phone_numbers/%2B12025550123/messaging"]


@pytest.mark.parametrize(
    ("profile", "membership"),
    [(PROFILE, Membership.EXPECTED), (OTHER, Membership.OTHER), (None, Membership.NONE), (7, Membership.UNKNOWN)],
)
async def test_the_answer_tells_where_the_number_is(profile: Json, membership: Membership) -> None:
    outcome = await attach(reply({"data": ITEM | {"messaging_profile_id": profile}}))

    assert isinstance(outcome, Told)
    assert (outcome.line.membership(PROFILE), outcome.answer) == (membership, True)


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("body", [ITEM, {"data": ITEM}])
async def test_any_2xx_with_the_number_is_an_answer(status: int, body: Json) -> None:
    assert await attach(reply(body, status)) == Told(LINE, answer=True)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reset, id="reset"),
        pytest.param(raw(b"HTTP/1.1 200 "), id="cut in the head"),
        pytest.param(reply(b"", 204), id="204"),
        pytest.param(reply({}), id="nothing in it"),
        pytest.param(reply({"data": {}}), id="nothing in its data"),
        pytest.param(reply({"data": ITEM | {"phone_number": "+12025550199"}}), id="another number"),
        pytest.param(reply(ERROR), id="200 with an error"),
        pytest.param(reply(ERROR, 500), id="500"),
        pytest.param(reply(b"<html>", 404, headers={"content-type": "text/html"}), id="a proxy's 404"),
    ],
)
async def test_what_may_have_happened_is_unresolved(answer: Answer) -> None:
    outcome = await attach(answer)

    assert isinstance(outcome, Unresolved)
    assert outcome.fault.kind is FaultKind.LOST


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, ERROR, FaultKind.REFUSED),
        (401, ERROR, FaultKind.HALTED),
        (403, {"errors": [{"code": "10038", "title": "Feature not permitted"}]}, FaultKind.REFUSED),
        (404, {"errors": [{"code": "10005", "title": "Not found"}]}, FaultKind.NOT_FOUND),
        (429, b"", FaultKind.THROTTLED),
    ],
)
async def test_what_telnyx_did_not_do_is_refused(status: int, body: bytes | object, kind: FaultKind) -> None:
    outcome = await attach(reply(body, status))

    assert isinstance(outcome, Refused)
    assert (outcome.fault.kind, outcome.fault.status) == (kind, status)


async def test_a_read_only_client_attaches_nothing() -> None:
    async with (
        scripted() as script,
        client_of(script, read_only=True) as client,
        client.turn(Urgency.APPROVAL) as turn,
    ):
        with pytest.raises(WriteRefused):
            await turn.attach(ALONE, PROFILE)

    assert script.received == []


async def test_a_number_with_messaging_settings_is_read_in_one_call() -> None:
    assert await reads(listed()) == ([LINE], ["/phone_numbers/messaging"])


async def test_a_number_that_is_not_shown_is_unclear_and_the_next_read_asks_the_list_of_all_numbers() -> None:
    told, asked = await reads(NOWHERE, listed(messaging_profile_id=None), listed())

    assert told[0] == Line(NUMBER, NOW, unclear=True)
    assert asked == ["/phone_numbers/messaging", "/phone_numbers", "/phone_numbers"]
    assert [line.membership(PROFILE) for line in told if isinstance(line, Line)] == [
        Membership.UNKNOWN,
        Membership.NONE,
        Membership.EXPECTED,
    ]


async def test_absence_is_told_by_the_list_of_all_numbers_only() -> None:
    told, _ = await reads(NOWHERE, NOWHERE, NOWHERE)

    assert [line.absences for line in told if isinstance(line, Line)] == [0, 1, 1]


async def test_where_that_list_cannot_tell_the_profile_the_first_is_asked_again() -> None:
    told, asked = await reads(NOWHERE, listed(messaging_profile_id="UNAVAILABLE"), listed())

    assert asked == ["/phone_numbers/messaging", "/phone_numbers", "/phone_numbers/messaging"]
    assert told[2] == LINE


@pytest.mark.parametrize("answers", [[reset], [NOWHERE, reset], [NOWHERE, EVERYBODY]])
async def test_a_read_that_failed_is_a_fault_and_not_an_absence(answers: list[Answer]) -> None:
    told, _ = await reads(*answers)

    assert isinstance(told[-1], Fault)
    assert told[-1].kind is FaultKind.LOST


async def test_other_numbers_are_looked_for_in_the_first_list() -> None:
    async with scripted(NOWHERE, NOWHERE) as script, client_of(script) as client:
        for number in (NUMBER, PhoneNumber("+12025550199")):
            async with client.turn(Urgency.APPROVAL) as turn:
                await turn.read(number)

    assert all("/messaging?" in target for target in script.asked)


Use = Callable[[Turn], Awaitable[object]]
USES: list[Use] = [
    lambda turn: turn.attach(ALONE, PROFILE),
    lambda turn: turn.read(NUMBER),
    lambda turn: turn.look(NUMBER),
]


@pytest.mark.parametrize("use", USES, ids=["attach", "read", "look"])
async def test_a_turn_is_one_call_and_one_token_of_the_limiter(use: Use) -> None:
    limiter = Limiter(0.001, burst=2)
    async with (
        scripted(NOWHERE, NOWHERE, NOWHERE) as script,
        TelnyxClient(settings(script.base_url), StoppedClock(), limiter) as client,
    ):
        for _ in range(2):
            async with client.turn(Urgency.APPROVAL) as turn:
                await use(turn)
                with pytest.raises(RuntimeError, match="one call"):
                    await use(turn)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), client.turn(Urgency.APPROVAL):
                pass

    assert len(script.received) == 2
