"""senders: what a messaging profile's number pool may send from and should not: drift of the profile as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from reconciler.model.drift import Drift, MixedCampaigns, UncoveredSender, Unproven
from reconciler.model.fleet import Observed, aliases_of
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Roster
from reconciler.model.memory import Memory
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired, Pool


def senders(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Drift, ...]:
    """Compare what the pools' profiles send from with what their campaigns cover. `memory` includes this look.

    Only a profile with a number pool picks numbers by itself, so only there a number that nobody asked for matters.
    What no pool wants is told under the first pool in the file that names the profile.
    """
    drifts: list[Drift] = []
    for pool in desired.pools:
        profile = pool.messaging_profile
        roster, read = (observed.rosters.get(profile), memory.profiles.get(profile)) if profile else (None, None)
        if roster is None or read is None or not read.pooled or pool.campaign not in observed.listings:
            continue
        if pool is next(one for one in desired.pools if one.messaging_profile == profile):
            drifts.extend(_uncovered(pool, roster, desired, memory, now, patience))
        drifts.extend(_mixed(pool, roster, memory))
    return tuple(drifts)


def _uncovered(
    pool: Pool, roster: Roster, desired: Desired, memory: Memory, now: datetime, patience: Patience
) -> Iterator[Drift]:
    for number in _long_codes(roster):
        known = memory.sightings.get(number)
        if desired.pool_of(number) is not None or (known is not None and known.assignment is not None):
            continue
        if known is not None and now - known.seen_at <= patience.slow_recheck:
            yield UncoveredSender(number, pool.name, pool.campaign, roster.profile)
        else:
            yield Unproven(number, pool.name, pool.campaign, "whether a campaign covers it has not been read")


def _mixed(pool: Pool, roster: Roster, memory: Memory) -> Iterator[MixedCampaigns]:
    """One drift, if some of the profile's numbers are known to be on another campaign than the pool's."""
    aliases = aliases_of(memory.campaigns.get(pool.campaign))
    others: Counter[CampaignId] = Counter()
    examples = []
    for number in _long_codes(roster):
        known = memory.sightings.get(number)
        found = None if known is None else known.assignment
        if found is not None and not found.is_on(pool.campaign, aliases):
            others[found.campaign] += 1
            examples.append(number)
    if examples:
        yield MixedCampaigns(min(examples), pool.name, pool.campaign, roster.profile, dict(sorted(others.items())))


def _long_codes(roster: Roster) -> Iterator[PhoneNumber]:
    """Toll-free numbers may be on the profile too, and never belong on a campaign (OAS NumberPoolSettings)."""
    return (number for number, line in roster.lines.items() if number.is_us_long_code and not line.is_wrong_kind)
