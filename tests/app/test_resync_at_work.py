"""A full resync at work: a few numbers at a time are read anew, and never by a look that somebody waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.decide.doubt import MOST_REREAD
from reconciler.model.events import Cause, Trigger
from reconciler.model.ids import CampaignId
from tests.app.at_work import CAMPAIGN, NUMBERS, Work, at_work, pool

pytestmark = pytest.mark.anyio


def read_alone(work: Work) -> list[str]:
    """The numbers that were read by themselves, in this order."""
    paths = [call.path for call in work.line.emulator.journal() if call.method == "GET"]
    return [path.rpartition("/")[2] for path in paths if path.startswith("/10dlc/phone_number_campaigns/")]


async def look(work: Work, cause: Cause) -> None:
    """Have the campaign looked at."""
    trigger = Trigger(CampaignId(CAMPAIGN), cause, work.service.hands.clock.now())
    await work.service.store.ask((trigger,))
    work.service.planning.ring()
    await work.until_looked()


async def test_what_no_list_shows_is_read_a_few_at_a_time_until_all_were(tmp_path: Path) -> None:
    async with at_work(tmp_path, pool("acme", NUMBERS[: 2 * MOST_REREAD + 5], mode="observe")) as work:
        await work.until("a look", lambda: bool(work.line.emulator.journal()))
        await work.until_looked()
        assert read_alone(work) == []

        await work.service.resync()
        await work.until_looked()
        assert len(read_alone(work)) == MOST_REREAD

        for cause in set(Cause) - {Cause.RESYNC, Cause.SWEEP}:
            await look(work, cause)
            assert len(read_alone(work)) == MOST_REREAD

        for count in (2 * MOST_REREAD, 2 * MOST_REREAD + 5, 2 * MOST_REREAD + 5):
            await look(work, Cause.SWEEP)
            assert len(set(read_alone(work))) == len(read_alone(work)) == count
        assert work.writes() == []
