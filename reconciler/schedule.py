"""The schedule: APScheduler tells when a drift check is due. What is durable stays in our own store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from reconciler.model.settings import Cron, DriftCheck, Every

GAPS = 10
"""Between drift checks of a cron line, looked at for the longest: a week of daily ones and more."""
_JOB = "drift_check"


class Schedule:
    """One job: ask for a drift check. Runs that were missed (a suspended host) become one."""

    def __init__(self, ask: Callable[[], Awaitable[None]]) -> None:
        self._ask = ask
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self, check: DriftCheck, zone: tzinfo = UTC) -> None:
        """Begin. The first run is one interval from now: `serve` sweeps at start by itself."""
        self._scheduler.start()
        self.change(check, zone)

    def change(self, check: DriftCheck, zone: tzinfo = UTC) -> None:
        """Take another rhythm from now on; a cron line goes by the clocks of this zone."""
        self._scheduler.add_job(
            self._ask,
            trigger=_trigger(check, zone),
            id=_JOB,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    @property
    def next_at(self) -> datetime | None:
        """When the next drift check will be asked for."""
        job = self._scheduler.get_job(_JOB)
        return None if job is None else job.next_run_time

    def stop(self) -> None:
        """End; a run under way is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def longest_gap(check: DriftCheck, zone: tzinfo, now: datetime) -> timedelta:
    """The longest time from one drift check to the next, among those to come."""
    match check:
        case Every():
            return check.interval
        case Cron():
            trigger, times = _trigger(check, zone), [now]
            while len(times) <= GAPS and (at := trigger.get_next_fire_time(times[-1], times[-1])) is not None:
                times.append(at)
            return max(later - sooner for sooner, later in pairwise(times))


def _trigger(check: DriftCheck, zone: tzinfo) -> BaseTrigger:
    match check:
        case Every():
            return IntervalTrigger(seconds=check.interval.total_seconds(), timezone=UTC)
        case Cron():
            fields = check.line.split()
            names = ("second", "minute", "hour", "day", "month", "day_of_week")
            return CronTrigger(**dict(zip(names[len(names) - len(fields) :], fields, strict=True)), timezone=zone)
