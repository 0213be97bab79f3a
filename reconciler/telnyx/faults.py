"""Faults: from an answer that is a no to what kind of no it is. On code first, on text only as a hint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from reconciler.model.errors import Fault, FaultKind
from reconciler.telnyx import wire
from reconciler.telnyx.answers import reasons
from reconciler.telnyx.documents import ANSWER_BOUNDS, Json, Unreadable, plain, read_document, sample

DETAIL_CHARACTERS: Final = 300
CODE_CHARACTERS: Final = 32
MAX_WAIT_SECONDS: Final = 300.0
"""However long an answer asks us to wait: an absurd header must not silence the service."""
QUOTA_WAIT_SECONDS: Final = 6 * 3600.0
"""The carrier's quota comes back "tomorrow", in a time zone that is not said: ask four times a day."""
FIRST_EPOCH_SECONDS: Final = 1e9
"""A number of seconds above this is a time, not a wait."""

_LEADING_NUMBER = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)(?![0-9.])")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error document says."""

    codes: tuple[str, ...]
    text: str


def read_refusal(status: int, headers: Mapping[str, str], raw: bytes, now: datetime, *, private: bool = False) -> Fault:
    """The fault that an answer outside 2xx is. `headers` are found under lower-case names. Raises nothing.

    No sample is shown of a body that is `private`.
    """
    complaint = read_complaint(raw)
    kind = _by_status(status) if complaint is None else _by_complaint(status, complaint)
    # The headers come with every answer; only here do they ask us to wait.
    asks_to_wait = kind is FaultKind.THROTTLED or status == HTTPStatus.SERVICE_UNAVAILABLE
    wait = read_wait(headers, now) if asks_to_wait else None
    if complaint is None:
        shown = "" if private else f": {sample(raw)!r}"
        return Fault(kind, f"HTTP {status}, and no error document{shown}", status, None, wait)
    if kind is FaultKind.THROTTLED and _says(complaint.text.casefold(), wire.QUOTA_TEXTS):
        wait = QUOTA_WAIT_SECONDS
    code = complaint.codes[0] if complaint.codes else None
    return Fault(kind, plain(complaint.text, DETAIL_CHARACTERS) or f"HTTP {status}", status, code, wait)


def read_complaint(raw: bytes) -> Complaint | None:
    """What an error body says, in any of the four shapes that occur; None where it is no error document.

    `{"errors": [{code, title, detail}]}`, the same object bare, `{"detail": [{loc, msg}]}`, `{"message"}`; codes are
    text or numbers (OAS, KB:api-error-codes).
    """
    try:
        document = read_document(raw, ANSWER_BOUNDS)
    except Unreadable:
        return None
    if not isinstance(document, dict):
        return None
    listed = document.get(wire.ERRORS)
    errors: list[Json] = listed if isinstance(listed, list) else [listed or document]
    codes = tuple(code for error in errors if isinstance(error, dict) and (code := _code(error)))
    text = "; ".join(filter(None, (_text(error) for error in errors)))
    return Complaint(codes, text) if codes or text else None


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds an answer asks us to wait, 0 to 300; None where it does not, or not legibly.

    `Retry-After` comes as seconds or as a date (RFC 9110), `x-ratelimit-reset` as seconds or as a Unix time.
    """
    for name in (wire.RETRY_AFTER, wire.RATE_LIMIT_RESET):
        seconds = read_seconds(headers.get(name, ""), now)
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_WAIT_SECONDS)
    return None


def read_seconds(text: str, now: datetime) -> float | None:
    """How many seconds from `now` a header means, by a number, a Unix time or a date; None where it is not legible."""
    if number := _LEADING_NUMBER.match(text):
        seconds = float(number[1])
        return seconds - now.timestamp() if seconds > FIRST_EPOCH_SECONDS else seconds
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()


def _by_status(status: int) -> FaultKind:
    """What can be told without an error document, such as from a proxy's page.

    That is little: such a 404 shows no absence, and such a 400 does not show that nothing was done.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.PAYMENT_REQUIRED | HTTPStatus.FORBIDDEN:
            return FaultKind.HALTED
        case HTTPStatus.TOO_MANY_REQUESTS:
            return FaultKind.THROTTLED
        case _:
            return FaultKind.LOST


def _by_complaint(status: int, complaint: Complaint) -> FaultKind:
    codes, text = set(complaint.codes), complaint.text.casefold()
    by_status = _by_status(status)
    maybe_done = not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    first_that_fits = (
        (maybe_done or status == HTTPStatus.REQUEST_TIMEOUT, FaultKind.LOST),
        (by_status is FaultKind.THROTTLED or wire.THROTTLED_CODE in codes, FaultKind.THROTTLED),
        (bool(codes & wire.ACCOUNT_CODES), FaultKind.HALTED),
        (bool(codes & wire.LIMIT_CODES), FaultKind.REFUSED),
        (by_status is FaultKind.HALTED, FaultKind.HALTED),
        (bool(codes & wire.TRANSIENT_CODES), FaultKind.LOST),
        (wire.NOT_APPROVED_CODE in codes, FaultKind.NOT_APPROVED),
        (wire.TAKEN_CODE in codes, FaultKind.TAKEN),
        (wire.UNPROFILED_CODE in codes, FaultKind.UNPROFILED),
        (wire.NOT_FOUND_CODE in codes or status == HTTPStatus.NOT_FOUND, FaultKind.NOT_FOUND),
        (_says(text, wire.QUOTA_TEXTS), FaultKind.THROTTLED),
        (_says(text, wire.UNPROFILED_TEXTS), FaultKind.UNPROFILED),
        (_says(text, wire.TAKEN_TEXTS), FaultKind.TAKEN),
        (_says(text, wire.CAPACITY_TEXTS), FaultKind.CAPACITY),
        (_says(text, wire.NOT_APPROVED_TEXTS), FaultKind.NOT_APPROVED),
    )
    return next((kind for fits, kind in first_that_fits if fits), FaultKind.REFUSED)


def _says(text: str, hints: tuple[str, ...]) -> bool:
    return any(hint in text for hint in hints)


def _code(error: dict[str, Json]) -> str:
    code = error.get(wire.ERROR_CODE)
    return plain(str(code), CODE_CHARACTERS) if isinstance(code, str | int) and not isinstance(code, bool) else ""


def _text(error: Json) -> str:
    if not isinstance(error, dict):
        return reasons(error)
    parts = (reasons(error.get(name)) for name in (wire.ERROR_TITLE, wire.ERROR_DETAIL, wire.ERROR_MESSAGE))
    return ": ".join(filter(None, parts))
