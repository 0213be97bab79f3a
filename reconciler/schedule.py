"""The schedule: APScheduler tells when a check or a resync is due. What is durable stays in our own store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from reconciler.model.settings import Cron, Every, Rhythm, Settings

MOST_JITTER = 0.25
"""Of the time between two runs: however short that is, they stay apart about as the rhythm says."""

MOST_LATE = timedelta(minutes=1)
"""A run that was due for longer will not come: a scheduler that is alive is late by moments."""

_CHECK = "drift_check"
_RESYNC = "full_resync"
GAPS = 10
"""Between drift checks of a cron line, looked at for the longest: a week of daily ones and more."""


class Schedule:
    """Two jobs: ask for a drift check, ask for a full resync. Runs that were missed (a suspended host) become one."""

    def __init__(self, check: Callable[[], Awaitable[None]], resync: Callable[[], Awaitable[None]]) -> None:
        self._jobs = {_CHECK: check, _RESYNC: resync}
        self._rhythms: dict[str, tuple[Rhythm, timedelta, tzinfo]] = {}
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self, settings: Settings, resynced_at: datetime | None = None) -> None:
        """Begin. The first check is one interval from now: `serve` sweeps at start by itself.

        A resync by an interval is counted from the last one, so that one comes however often the service restarts.
        """
        self._scheduler.start()
        self.change(settings, resynced_at)

    def change(self, settings: Settings, resynced_at: datetime | None = None) -> None:
        """Take other rhythms from now on; a cron line goes by the clocks of the schedule's zone.

        A rhythm that stays goes on as it is: reloads put nothing off. Before the start there is nothing to change.
        """
        if not self._scheduler.running:
            return
        zone = settings.windows.zone
        for job, rhythm, last in (
            (_CHECK, settings.drift_check, None),
            (_RESYNC, settings.full_resync, resynced_at),
        ):
            if self._rhythms.get(job) != (rhythm, settings.jitter, zone):
                self._rhythms[job] = rhythm, settings.jitter, zone
                self._scheduler.add_job(
                    self._jobs[job],
                    trigger=_trigger(rhythm, settings.jitter, zone, last),
                    id=job,
                    replace_existing=True,
                    coalesce=True,
                    max_instances=1,
                    misfire_grace_time=None,
                )

    def anew(self, settings: Settings, resynced_at: datetime | None = None) -> None:
        """Count all times from now on: the clock by which they were reckoned has been set."""
        self._rhythms.clear()
        self.change(settings, resynced_at)

    @property
    def goes_on(self) -> bool:
        """Whether checks are still to come, and none is long overdue. Before the start there is nothing to go on."""
        if not self._rhythms:
            return True
        at = self.next_at
        return self._scheduler.running and at is not None and datetime.now(UTC) - at < MOST_LATE

    @property
    def next_at(self) -> datetime | None:
        """When the next drift check will be asked for."""
        return self._next_at(_CHECK)

    @property
    def next_resync_at(self) -> datetime | None:
        """When the next full resync will be asked for."""
        return self._next_at(_RESYNC)

    def stop(self) -> None:
        """End; a run under way is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _next_at(self, name: str) -> datetime | None:
        job = self._scheduler.get_job(name)
        return None if job is None else job.next_run_time


def longest_gap(rhythm: Rhythm, zone: tzinfo, now: datetime) -> timedelta:
    """The longest time from one run to the next, among those to come."""
    match rhythm:
        case Every():
            return rhythm.interval
        case Cron():
            trigger, times = _exact(rhythm, zone, None), [now]
            while len(times) <= GAPS and (at := trigger.get_next_fire_time(times[-1], times[-1])) is not None:
                times.append(at)
            return max(later - sooner for sooner, later in pairwise(times))


def _trigger(rhythm: Rhythm, jitter: timedelta, zone: tzinfo, last: datetime | None) -> IntervalTrigger | CronTrigger:
    trigger = _exact(rhythm, zone, last)
    trigger.jitter = min(jitter, MOST_JITTER * _gap(trigger)).total_seconds()
    return trigger


def _exact(rhythm: Rhythm, zone: tzinfo, last: datetime | None) -> IntervalTrigger | CronTrigger:
    match rhythm:
        case Every():
            first = None if last is None else last + rhythm.interval
            return IntervalTrigger(seconds=rhythm.interval.total_seconds(), start_date=first, timezone=UTC)
        case Cron():
            fields = rhythm.line.split()
            names = ("second", "minute", "hour", "day", "month", "day_of_week")
            return CronTrigger(**dict(zip(names[len(names) - len(fields) :], fields, strict=True)), timezone=zone)


def _gap(trigger: IntervalTrigger | CronTrigger) -> timedelta:
    """The time between its next two runs; none if there are not two."""
    now = datetime.now(UTC)
    first = trigger.get_next_fire_time(None, now)
    second = None if first is None else trigger.get_next_fire_time(first, first)
    return timedelta() if first is None or second is None else second - first
