"""Makes whole answers odd: a function for each oddity, on the way in or on the way out."""

from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Final, TypeAlias, assert_never

from reconciler.sandbox.api.assignments import CURRENT, LEGACY
from reconciler.sandbox.api.replies import Reply, Request, error
from reconciler.sandbox.api.routes import method_not_allowed, no_such_address
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.oddities import Door, ErrorShape, LimitHeaders, Oddities, ProfileLookup, RetryAfter
from reconciler.sandbox.reword import reworded

Answer: TypeAlias = Callable[[Request], Reply]

REFUSED: Final = range(400, 600)


def distorted(oddities: Oddities, request: Request, answer: Answer) -> Reply:
    """The answer to a request, with everything odd about it that is asked for."""
    if oddities == Oddities():
        return answer(request)
    request = _in_small_pages(oddities, _unfiltered(oddities, request))
    reply = _shifted(oddities, request, answer)
    for change in (_profileless, _thinned, _miscounted, _uncounted, _reworded, _moved, _wrapped, _numbered, _reshaped):
        reply = change(oddities, request, reply)
    for change in (_to_come_back, _reset_at, _limited, _renumbered):
        reply = change(oddities, request, reply)
    return reply


def closed(oddities: Oddities, request: Request) -> Reply | None:
    """The answer of a spelling of the assignment path that is switched off; None from one that is not."""
    doors = {CURRENT: oddities.current_path, LEGACY: oddities.legacy_path}
    door = next((door for path, door in doors.items() if f"{request.path}/".startswith(f"{path}/")), Door.OPEN)
    match door:
        case Door.OPEN:
            return None
        case Door.NOT_FOUND:
            return no_such_address()
        case Door.NOT_ALLOWED:
            return method_not_allowed(request)
        case _:
            assert_never(door)


def _unfiltered(oddities: Oddities, request: Request) -> Request:
    kept = {name: text for name, text in request.query.items() if not name.startswith("filter[")}
    return replace(request, query=kept) if oddities.filters_ignored else request


def _in_small_pages(oddities: Oddities, request: Request) -> Request:
    most, names = oddities.page_size, ("recordsPerPage", "page[size]")
    asked = {name: text for name, text in request.query.items() if name in names and text.isdecimal()}
    small = {name: str(most) for name, text in asked.items() if most is not None and int(text) > most}
    return replace(request, query={**request.query, **small})


def _shifted(oddities: Oddities, request: Request, answer: Answer) -> Reply:
    """A later page begins with the last rows of the page before it, or lacks its first and has the next one's."""
    reply, shift, (name, page) = answer(request), oddities.shifted_rows, _page(request)
    rows = _rows(reply)
    if not shift or not rows or page == 1:
        return reply
    neighbour = str(page - 1 if shift > 0 else page + 1)
    others = _rows(answer(replace(request, query={**request.query, name: neighbour}))) or []
    seen = (others[-shift:] + rows)[: len(others)] if shift > 0 else rows[-shift:] + others[:-shift]
    return _with_rows(reply, seen)


def _profileless(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    rows, trouble = _rows(reply), error(503, "10007", "Unexpected error", "Messaging profiles cannot be loaded.")
    if oddities.profile_lookup is ProfileLookup.WORKS or request.path != "/phone_numbers" or rows is None:
        return reply
    if request.query.get("handle_messaging_profile_error") != "true":
        return replace(trouble, headers=reply.headers)
    nameless = [{name: part for name, part in row.items() if name not in _OF_PROFILES} for row in rows]
    if oddities.profile_lookup is ProfileLookup.UNAVAILABLE:
        return _with_rows(reply, [row | dict.fromkeys(_OF_PROFILES, "UNAVAILABLE") for row in nameless])
    return _with_rows(replace(reply, content=reply.content | trouble.content), nameless)


_OF_PROFILES: Final = ("messaging_profile_id", "messaging_profile_name")


def _thinned(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    """Without the numbers to leave out, or without any."""
    rows, omitted = _rows(reply), oddities.omitted_numbers
    if rows is None:
        return reply
    kept = [row for row in rows if row.get("phoneNumber", row.get("phone_number")) not in omitted]
    return _with_rows(reply, [] if _page(request)[1] == oddities.empty_page else kept)


def _miscounted(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    def count(item: JsonObject) -> JsonObject:
        totals = {name: item[name] for name in ("totalRecords", "total_results") if name in item}
        return item | {name: int(str(total)) + oddities.total_off_by for name, total in totals.items()}

    return _with_counts(reply, count)


def _uncounted(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    totals = {"totalRecords", "total_results", "total_pages"} if oddities.total_missing else set()
    return _with_counts(reply, lambda item: {name: part for name, part in item.items() if name not in totals})


def _reworded(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    if reply.status in REFUSED:
        return reply
    rows, inner = _rows(reply), reply.content.get("data")
    if rows is not None:
        return _with_rows(reply, [reworded(oddities, row) for row in rows])
    if isinstance(inner, dict):
        return replace(reply, content=reply.content | {"data": reworded(oddities, inner)})
    return replace(reply, content=reworded(oddities, reply.content))


def _moved(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    names = {"records": "data"} if oddities.listed_in_data else {}
    return replace(reply, content={names.get(name, name): part for name, part in reply.content.items()})


def _wrapped(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    item = reply.status not in REFUSED and _rows(reply) is None and request.path.startswith("/10dlc/")
    return replace(reply, content={"data": reply.content}) if oddities.wrapped_in_data and item else reply


def _numbered(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    errors = reply.content.get("errors")
    if not oddities.integer_codes or not isinstance(errors, list):
        return reply
    return replace(reply, content=reply.content | {"errors": [one | {"code": int(one["code"])} for one in errors]})


def _reshaped(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    errors = reply.content.get("errors")
    if reply.status not in REFUSED or not isinstance(errors, list):
        return reply
    first: JsonObject = errors[0]
    shapes: dict[ErrorShape, JsonObject] = {
        ErrorShape.ERRORS: reply.content,
        ErrorShape.BARE: first,
        ErrorShape.DETAIL: {"detail": [{"loc": ["body"], "msg": first["detail"], "type": "value_error"}]},
        ErrorShape.MESSAGE: {"message": first["detail"]},
    }
    return replace(reply, content=shapes[oddities.error_shape])


def _to_come_back(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    seconds = int(reply.headers.get("x-ratelimit-reset", "1"))
    if reply.status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return reply
    match oddities.retry_after:
        case RetryAfter.NONE:
            return reply
        case RetryAfter.SECONDS:
            return _with_header(reply, "retry-after", str(seconds))
        case RetryAfter.DATE:
            return _with_header(reply, "retry-after", formatdate(request.now + seconds, usegmt=True))
        case RetryAfter.ABSURD:
            return _with_header(reply, "retry-after", "999999999")
        case _:
            assert_never(oddities.retry_after)


def _reset_at(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    seconds = reply.headers.get("x-ratelimit-reset")
    if not oddities.reset_as_epoch or seconds is None:
        return reply
    return _with_header(reply, "x-ratelimit-reset", str(int(request.now) + int(seconds)))


def _limited(oddities: Oddities, _: Request, reply: Reply) -> Reply:
    names = [name for name in reply.headers if name.startswith("x-ratelimit-")]
    match oddities.limit_headers:
        case LimitHeaders.PLAIN | LimitHeaders.POLICY:
            return reply  # the window itself writes both
        case LimitHeaders.MISSING:
            return replace(reply, headers={name: reply.headers[name] for name in reply.headers if name not in names})
        case LimitHeaders.ABSURD:
            return replace(reply, headers=reply.headers | dict.fromkeys(names, "-1"))
        case _:
            assert_never(oddities.limit_headers)


def _renumbered(oddities: Oddities, request: Request, reply: Reply) -> Reply:
    """Another status."""
    if oddities.errors_as_200 and reply.status in REFUSED:
        return replace(reply, status=200)
    created = oddities.posts_as_201 and request.method == "POST" and reply.status == HTTPStatus.OK
    return replace(reply, status=201) if created else reply


def _page(request: Request) -> tuple[str, int]:
    """What a list calls its pages, and which is asked for."""
    name = "page" if request.path.startswith("/10dlc/") else "page[number]"
    text = request.query.get(name, "1")
    return name, int(text) if text.isdecimal() else 1


def _rows(reply: Reply) -> list[JsonObject] | None:
    """The rows of a list; None if the reply is none."""
    rows = reply.content.get("records", reply.content.get("data"))
    return rows if isinstance(rows, list) else None


def _with_rows(reply: Reply, rows: list[JsonObject]) -> Reply:
    name = "records" if "records" in reply.content else "data"
    return replace(reply, content=reply.content | {name: rows})


def _with_counts(reply: Reply, change: Callable[[JsonObject], JsonObject]) -> Reply:
    """The reply with what a list says of its length changed: in itself, or in its `meta`."""
    meta = reply.content.get("meta")
    if isinstance(meta, dict):
        return replace(reply, content=reply.content | {"meta": change(meta)})
    return replace(reply, content=change(reply.content))


def _with_header(reply: Reply, name: str, text: str) -> Reply:
    return replace(reply, headers=reply.headers | {name: text})
