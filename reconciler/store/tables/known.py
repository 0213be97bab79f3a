"""known: what is known of campaigns, of the numbers on them, of the account's own numbers, and of pools."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Integer, Table, Text, true

from reconciler.model.fleet import AssignmentState, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import LineKind
from reconciler.store.kinds import IDS, INSTANT, INSTANTS, SAID, common, word
from reconciler.store.tables.columns import has, key, may, metadata, partial

campaigns = Table(
    "campaigns",
    metadata,
    key("id", common(CampaignId)),
    has("phase", common(CampaignPhase)),
    has("read_at", INSTANT),
    has("status", SAID),
    may("telnyx_id", common(CampaignId)),
    may("tcr_id", common(CampaignId)),
    has("webhook_url", SAID),
    has("failure", SAID),
    has("brand_id", SAID),
    has("tcr_brand_id", SAID),
    has("pooled", Boolean()),
    has("sole_proprietor", Boolean()),
)

dormancies = Table(
    "dormancies",
    metadata,
    key("campaign", common(CampaignId)),
    has("told_at", INSTANT),
    has("tries", Integer()),
    may("tried_at", INSTANT),
)

listings = Table(
    "listings",
    metadata,
    key("campaign", common(CampaignId)),
    has("looked_at", INSTANT),
    # Since when every complete listing has been empty; null: the last one was not.
    may("empty_since", INSTANT),
)

sightings = Table(
    "sightings",
    metadata,
    key("number", word(PhoneNumber)),
    has("seen_at", INSTANT),
    has("source", Text()),
    has("since", INSTANT),
    has("was_ready", Boolean()),
    has("doubted", Boolean()),
    has("settling", Boolean()),
    # The assignment; no campaign: seen to be on none.
    may("campaign", common(CampaignId)),
    may("state", common(AssignmentState)),
    has("carriers", JSON()),
    has("failure", SAID),
    has("aliases", IDS),
    # The campaign on which a request of ours put it.
    may("put_on", common(CampaignId)),
)
SETTLING = sightings.c.settling.is_(true())
partial(
    "ix_sightings_settling",
    SETTLING,
    sightings.c.campaign,
    sightings.c.aliases,
    sightings.c.source,
    sightings.c.since,
)

reversals = Table("reversals", metadata, key("number", word(PhoneNumber)), has("times", INSTANTS))

lines = Table(
    "lines",
    metadata,
    key("number", word(PhoneNumber)),
    has("taken_at", INSTANT),
    may("profile", common(ProfileId)),
    has("id", SAID),
    has("kind", common(LineKind)),
    has("country", SAID),
    has("unclear", Boolean()),
    has("absences", Integer()),
)

profiles = Table(
    "profiles",
    metadata,
    key("id", common(ProfileId)),
    has("read_at", INSTANT),
    has("exists", Boolean()),
    has("name", SAID),
    has("pooled", Boolean()),
)

rosters = Table("rosters", metadata, key("profile", common(ProfileId)), has("looked_at", INSTANT))

selections = Table("selections", metadata, key("selection", Text()), has("taken_at", INSTANT))

selected = Table(
    "selected",
    metadata,
    key("selection", Text()),
    key("number", word(PhoneNumber)),
    sqlite_with_rowid=False,  # a row is nothing but its key: stored once, not again beside an index of itself
)

pool_checks = Table(
    "pool_checks",
    metadata,
    key("pool", common(PoolName)),
    has("checked_at", INSTANT),
    has("drift", JSON()),
    may("changed_at", INSTANT),
)
