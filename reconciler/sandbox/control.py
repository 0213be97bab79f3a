"""The control endpoint: what is done to the emulated world, by JSON from another process of this machine."""

import inspect
import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from types import UnionType
from typing import Final, get_origin

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.sandbox.body import read_body
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.faults import parse_faults
from reconciler.sandbox.line import Line

VERBS: Final[Mapping[str, Callable[..., object]]] = {
    "approve": Emulator.approve,
    "assign": Emulator.assign_by_hand,
    "campaign": Emulator.add_campaign,
    "clear": Emulator.clear_failures,
    "emit": Emulator.emit,
    "fail": Emulator.fail_next,
    "number": Emulator.add_number,
    "remove": Emulator.remove_by_hand,
    "status": Emulator.set_campaign_status,
}
"""What `POST /_sandbox/{verb}` does; the JSON has the arguments by their names, the time excepted."""

Answer = Callable[[Request], Awaitable[Response]]


def control_routes(line: Line) -> list[Route]:
    """`POST /_sandbox/{verb}`, `GET /_sandbox/world` and `/journal`, for peers on loopback only.

    Beside the verbs of the world there are `webhooks` (`{"on": false}` loses what comes due) and `faults`
    (the fields of Faults; what is left out is as if nothing were wrong). What cannot be done is 400 with
    its reason.
    """

    async def act(request: Request) -> Response:
        verb = request.path_params["verb"]
        try:
            _act(line, verb, _parse(await read_body(request)))
        except (LookupError, TypeError, ValueError) as trouble:
            return JSONResponse({"error": str(trouble)}, 400)
        line.woken.set()
        return JSONResponse({"done": verb})

    async def world(_: Request) -> Response:
        return JSONResponse(_world(line))

    async def journal(_: Request) -> Response:
        return JSONResponse({"calls": [asdict(call) for call in line.emulator.journal()]})

    return [
        Route("/_sandbox/world", _loopback_only(world), methods=["GET"]),
        Route("/_sandbox/journal", _loopback_only(journal), methods=["GET"]),
        Route("/_sandbox/{verb}", _loopback_only(act), methods=["POST"]),
    ]


def _act(line: Line, verb: str, arguments: JsonObject) -> None:
    match verb:
        case "faults":
            line.faults = parse_faults(arguments)
        case "webhooks":
            if not isinstance(arguments.get("on"), bool):
                raise TypeError("on is true or false")
            line.drop_webhooks = not arguments["on"]
        case _ if verb in VERBS:
            _call(VERBS[verb], line.emulator, arguments, line.now())
        case _:
            raise LookupError(f"no verb {verb!r}: there are {', '.join(sorted({*VERBS, 'faults', 'webhooks'}))}")


def _call(verb: Callable[..., object], emulator: Emulator, arguments: JsonObject, now: float) -> None:
    """Call a verb with arguments of its own types; its signature is the schema."""
    parameters = inspect.signature(verb).parameters
    for name, value in arguments.items():
        if name not in parameters or name in {"self", "now"}:
            raise TypeError(f"no argument {name!r}")
        if not isinstance(value, _plain(parameters[name].annotation)):
            raise TypeError(f"{name} is not of its type, {parameters[name].annotation}")
    timed: JsonObject = {"now": now} if "now" in parameters else {}
    bound = inspect.signature(verb).bind(emulator, **arguments, **timed)
    verb(*bound.args, **bound.kwargs)


def _plain(annotation: type) -> type:
    """What isinstance can check: `Mapping[str, object]` as Mapping, `str | None` as it is."""
    origin = get_origin(annotation)
    return annotation if origin in {None, UnionType} else origin


def _parse(body: bytes) -> JsonObject:
    content = json.loads(body or b"{}")
    if not isinstance(content, dict):
        raise TypeError("the arguments are a JSON object")
    return content


def _world(line: Line) -> JsonObject:
    emulator = line.emulator
    return {
        "campaigns": [asdict(campaign) for campaign in emulator.campaigns().values()],
        "numbers": dict(emulator.numbers()),
        "assignments": [asdict(assignment) for assignment in emulator.assignments().values()],
        "events": {
            "announced": emulator.outbox.announced,
            "delivered": emulator.outbox.delivered,
            "lost": emulator.outbox.lost,
        },
        "webhooks": not line.drop_webhooks,
        "public_key": emulator.public_key,
    }


def _loopback_only(answer: Answer) -> Answer:
    async def guarded(request: Request) -> Response:
        if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
            return JSONResponse({"error": "the control endpoint is for this machine only"}, 403)
        return await answer(request)

    return guarded
