"""Two kinds of trouble on one page: a Fault is a value the world may answer; a ReconcilerError needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What kind of no the world gave. Each has one verdict in `decide.settle`."""

    UNREACHABLE = "unreachable"
    """No connection was made, so nothing was sent: DNS, refused, TLS."""
    LOST = "lost"
    """The request may have arrived and no usable answer came: deadline, cut connection, 5xx, an unreadable body."""
    THROTTLED = "throttled"
    """429, code 10011 (KB:api-error-codes)."""
    HALTED = "halted"
    """401, 402, 403 and account codes: no call will succeed until a person acts (KB:api-error-codes)."""
    NOT_FOUND = "not_found"
    """404, code 10005."""
    NOT_APPROVED = "not_approved"
    """400, code 10036: the campaign is still being processed (FIELD:62887261475)."""
    TAKEN = "taken"
    """The number is already on a campaign, maybe ours: only a read can tell."""
    UNPROFILED = "unprofiled"
    """The number is on no messaging profile (number assignment page)."""
    CAPACITY = "capacity"
    """The campaign can take no more numbers ("Limit exceeded", sole proprietor)."""
    REFUSED = "refused"
    """Any other no that repeating will not change."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, as a value. `detail` is short, for people, and never holds a secret."""

    kind: FaultKind
    detail: str
    status: int | None = None
    """The HTTP status, where there was an answer."""
    code: str | None = None
    """Telnyx's error code as text, where the body had one."""
    retry_after_seconds: float | None = None
    """How long Telnyx asked us to wait."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in which file: lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1
    text: str = ""
    """The line itself, to show."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the config: where, what, and the way out."""

    place: Place
    message: str
    hint: str = ""


class ReconcilerError(Exception):
    """A trouble that a person must mend, or a worker whose lease is lost. `hint` is the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(ReconcilerError):
    """The config cannot be used. Holds every problem found, in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = f": {problems[0].place}: {problems[0].message}" if problems else ""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the config has {count}{first}", "mend the lines named, then `tendlc validate`")
        self.problems = problems


class StoreError(ReconcilerError):
    """The store cannot be used: locked by another process, unreadable, full, or of another version."""


class StoreBusy(StoreError):
    """The store cannot take more now; the caller should say so and ask to be asked again."""


class StoreInUse(StoreError):
    """Another process is the store's one writer."""


class ServiceRefused(ReconcilerError):
    """The running service did not do what a command asked of it. `code` is its word for why."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class LeaseLost(ReconcilerError):
    """Another worker holds the operation now: whatever this one found out must not be recorded."""


class AccessRefused(ReconcilerError):
    """Telnyx refuses the API key or the account."""


class KeyRefused(ReconcilerError):
    """A public key that cannot verify webhooks. Names the setting, never the key's bytes."""
