"""The JSON outputs about single numbers and their operations, as models: the same as `shapes`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reconciler.app.shapes import FORMAT_VERSION, PauseShape, Shape, Time


class OperationShape(Shape):
    """One open operation of the work queue."""

    number: str
    verb: Literal["assign", "attach_profile"]
    pool: str
    campaign: str
    messaging_profile: str | None
    step: str = Field(description="ready, sent, unresolved, confirming or blocked.")
    urgency: str = Field(description="approval, event, heal or sweep.")
    attempt: int = Field(description="Requests sent.")
    refusals: int
    trouble: int = Field(description="Transient failures in a row.")
    created_at: Time
    due_at: Time | None = Field(description="When it is sent or read next; null: Telnyx goes on with it.")
    due: bool = Field(description="Whether that is now, as far as time goes.")
    reason: str
    error: str = Field(description="The last answer that was no success, in words.")


class OperationsShape(Shape):
    """`tendlc queue list -o json`, and `/api/v1/operations`: in the order of their turns."""

    format_version: Literal["1"] = FORMAT_VERSION
    open: int
    paused: PauseShape | None
    operations: tuple[OperationShape, ...]


class PausedShape(Shape):
    """`tendlc queue pause` and `resume` with `-o json`, and what `/api/v1/queue/pause` and `resume` answer."""

    format_version: Literal["1"] = FORMAT_VERSION
    paused: PauseShape | None
    ended: PauseShape | None = Field(default=None, description="What was paused until now, after `resume`.")


class RetriedShape(Shape):
    """What `queue retry` did for one number."""

    number: str
    done: str = Field(description="What it is due for now: send or read; nothing, where nothing was done.")
    why: str = Field(description="Then: due, under_way, taken, nothing_open or unknown_number.")


class RetriesShape(Shape):
    """`tendlc queue retry -o json`, and what `/api/v1/queue/retry` answers. With all, the numbers are only counted."""

    format_version: Literal["1"] = FORMAT_VERSION
    send: int
    read: int
    nothing: int
    numbers: tuple[RetriedShape, ...]
    paused: PauseShape | None = Field(description="Then nothing is sent before that ends.")


class NumberShape(Shape):
    """Where one number stands: a line of `tendlc numbers -o ndjson`."""

    number: str
    pool: str | None = Field(description="null: it is on a campaign of the config, and in no pool.")
    campaign: str | None
    phase: str
    reason: str
    who: Literal["us", "telnyx", "carrier", "you"]
    fresh: bool
    next_at: Time | None
    since: Time | None = Field(description="When its state last changed, or its open operation began.")
    message: str


class NumbersShape(Shape):
    """`tendlc numbers -o json`, and a page of `/api/v1/numbers`."""

    format_version: Literal["1"] = FORMAT_VERSION
    numbers: tuple[NumberShape, ...]
    next: str | None = Field(
        default=None, description="What to give as `after` for the next page; null: this is the last."
    )
