"""The control endpoint: what is done to the emulated world, by JSON from another process of this machine."""

import inspect
import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.sandbox.body import read_body
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.line import Line
from reconciler.sandbox.oddities import Oddities

VERBS: Final[Mapping[str, Callable[..., object]]] = {
    "approve": Emulator.approve,
    "assign": Emulator.assign_by_hand,
    "campaign": Emulator.add_campaign,
    "clear": Emulator.clear_failures,
    "emit": Emulator.emit,
    "fail": Emulator.fail_next,
    "limit": Emulator.limit_numbers,
    "number": Emulator.add_number,
    "pooling": Emulator.set_number_pooling,
    "profile": Emulator.add_profile,
    "put": Emulator.put_on_profile,
    "release": Emulator.release_number,
    "remove": Emulator.remove_by_hand,
    "status": Emulator.set_campaign_status,
    "suspend": Emulator.set_tmobile_suspension,
    "tag": Emulator.tag_number,
}
"""What `POST /_sandbox/{verb}` does; the JSON has the arguments by their names, the time excepted."""
SWITCHES: Final = {"faults", "oddities", "webhooks"}

T = TypeVar("T")
Answer = Callable[[Request], Awaitable[Response]]


def control_routes(line: Line) -> list[Route]:
    """`POST /_sandbox/{verb}`, `GET /_sandbox/world` and `/journal`, for peers on loopback only.

    Beside the verbs of the world there are `webhooks` (`{"on": false}` loses what comes due), `faults` (the fields
    of Faults: how bad the line is) and `oddities` (the fields of Oddities: how odd the answers are). Of these two,
    what is left out is as if nothing were wrong. What cannot be done is 400 with its reason.
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
            line.faults = _settings(Faults, arguments)
        case "oddities":
            line.emulator.oddities = _settings(Oddities, arguments)
        case "webhooks":
            if not isinstance(arguments.get("on"), bool):
                raise TypeError("on is true or false")
            line.drop_webhooks = not arguments["on"]
        case _ if verb in VERBS:
            _call(VERBS[verb], line.emulator, arguments, line.now())
        case _:
            raise LookupError(f"no verb {verb!r}: there are {', '.join(sorted(VERBS.keys() | SWITCHES))}")


def _call(verb: Callable[..., object], emulator: Emulator, arguments: JsonObject, now: float) -> None:
    """Call a verb with arguments of its own types; its signature is the schema."""
    parameters = inspect.signature(verb).parameters
    typed = {}
    for name, value in arguments.items():
        if name not in parameters or name in {"self", "now"}:
            raise TypeError(f"no argument {name!r}")
        typed[name] = _typed(parameters[name].annotation, name, value)
    timed: JsonObject = {"now": now} if "now" in parameters else {}
    bound = inspect.signature(verb).bind(emulator, **typed, **timed)
    verb(*bound.args, **bound.kwargs)


def _settings(kind: type[T], arguments: JsonObject) -> T:
    """A frozen value by the names of its fields; its class is the schema."""
    parameters = inspect.signature(kind).parameters
    for name in arguments:
        if name not in parameters:
            raise TypeError(f"no setting {name!r}")
    return kind(**{name: _typed(parameters[name].annotation, name, value) for name, value in arguments.items()})


def _typed(annotation: type[object], name: str, value: object) -> object:
    """A value of JSON as one of this type, without bending it: a list as a tuple, a word as a member of an enum."""
    try:
        return TypeAdapter(annotation).validate_json(json.dumps(value), strict=True)
    except ValidationError as trouble:
        raise TypeError(f"{name} is not of its type: {trouble.errors()[0]['msg']}") from None


def _parse(body: bytes) -> JsonObject:
    content = json.loads(body or b"{}")
    if not isinstance(content, dict):
        raise TypeError("the arguments are a JSON object")
    return content


def _world(line: Line) -> JsonObject:
    emulator = line.emulator
    return {
        "campaigns": [asdict(campaign) for campaign in emulator.campaigns().values()],
        "profiles": [asdict(profile) for profile in emulator.profiles().values()],
        "numbers": [asdict(number) for number in emulator.numbers().values()],
        "assignments": [asdict(assignment) for assignment in emulator.assignments().values()],
        "events": {
            "announced": emulator.outbox.announced,
            "delivered": emulator.outbox.delivered,
            "lost": emulator.outbox.lost,
        },
        "webhooks": not line.drop_webhooks,
        "oddities": asdict(emulator.oddities),
        "public_key": emulator.public_key,
    }


def _loopback_only(answer: Answer) -> Answer:
    async def guarded(request: Request) -> Response:
        if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
            return JSONResponse({"error": "the control endpoint is for this machine only"}, 403)
        return await answer(request)

    return guarded
