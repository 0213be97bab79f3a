"""What people put in the emulated account and take out by hand: campaigns, messaging profiles, numbers."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from reconciler.sandbox.account import Campaign, PhoneNumber, Profile

PROFILE: Final = "4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11"
"""The messaging profile that every account begins with, and that numbers are on unless said otherwise."""
BRAND: Final = "4b20017f-8da9-4992-a6c0-683072fb7729"
"""The brand that campaigns are under unless said otherwise."""
FIRST_NUMBER_ID: Final = 1_293_384_261_075_000_000


class Holdings:
    """Campaigns, profiles and numbers, with the verbs by which people change them.

    A verb that names a campaign takes either of its ids, one that names a number takes it in E.164 form. Every verb
    raises LookupError for what is not there and ValueError for what cannot be, and then has changed nothing.
    """

    def __init__(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self._profiles = {PROFILE: Profile(PROFILE, "Sandbox profile", None, 0.0, 0.0)}
        self._numbers: dict[str, PhoneNumber] = {}
        self._ids: dict[str, str] = {}
        self._ids_given = 0

    def campaigns(self) -> Mapping[str, Campaign]:
        """Every campaign, by the id that assignments carry: a live view."""
        return MappingProxyType(self._campaigns)

    def profiles(self) -> Mapping[str, Profile]:
        """Every messaging profile, by its id: a live view."""
        return MappingProxyType(self._profiles)

    def numbers(self) -> Mapping[str, PhoneNumber]:
        """Every number of the account, by its E.164 form: a live view."""
        return MappingProxyType(self._numbers)

    def campaign(self, either_id: str) -> Campaign:
        """The campaign with this Telnyx or TCR id."""
        for campaign in self._campaigns.values():
            if either_id in {campaign.campaign_id, campaign.tcr_campaign_id}:
                return campaign
        raise LookupError(f"no campaign {either_id!r}")

    def profile(self, profile_id: str) -> Profile:
        """The messaging profile with this id."""
        if profile_id not in self._profiles:
            raise LookupError(f"no messaging profile {profile_id!r}")
        return self._profiles[profile_id]

    def number(self, number_or_id: str) -> PhoneNumber:
        """The number with this E.164 form or this id (OAS takes the id; the number assignment page, the number)."""
        found = self._numbers.get(self._ids.get(number_or_id, number_or_id))
        if found is None:
            raise LookupError(f"no number {number_or_id!r}")
        return found

    def add_campaign(
        self,
        campaign_id: str,
        *,
        tcr_campaign_id: str = "",
        brand_id: str = BRAND,
        tcr_brand_id: str = "BSANDBX",
        status: str = "MNO_PENDING",
        webhook_url: str = "",
        shared: bool = False,
        now: float = 0.0,
    ) -> Campaign:
        """Put a campaign in the account, or replace it; a shared one has no id but its TCR id."""
        tcr_id = campaign_id if shared else tcr_campaign_id or f"C{campaign_id[-6:].upper()}"
        if any(tcr_id == one.tcr_campaign_id for id_, one in self._campaigns.items() if id_ != campaign_id):
            raise ValueError(f"another campaign has the TCR id {tcr_id}")
        brand = "" if shared else brand_id
        campaign = Campaign(campaign_id, tcr_id, brand, tcr_brand_id, status, webhook_url, shared, now)
        self._campaigns[campaign_id] = campaign
        return campaign

    def limit_numbers(self, campaign_id: str, capacity: int | None) -> None:
        """A campaign takes this many numbers from now on, those that it has stay; None is no limit."""
        campaign = replace(self.campaign(campaign_id), capacity=capacity)
        self._campaigns[campaign.campaign_id] = campaign

    def add_profile(
        self,
        profile_id: str,
        *,
        name: str = "Sandbox profile",
        number_pool_settings: Mapping[str, object] | None = None,
        now: float = 0.0,
    ) -> Profile:
        """Put a messaging profile in the account, or replace it."""
        profile = Profile(profile_id, name, number_pool_settings, now, now)
        self._profiles[profile_id] = profile
        return profile

    def add_number(
        self,
        number: str,
        *,
        messaging_profile_id: str | None = PROFILE,
        tags: tuple[str, ...] = (),
        phone_number_type: str = "local",
        status: str = "active",
        country: str = "US",
        now: float = 0.0,
    ) -> PhoneNumber:
        """Put a number in the account, or replace what is said of it; a None leaves it without a profile."""
        if messaging_profile_id is not None:
            self.profile(messaging_profile_id)
        known = self._numbers.get(number)
        number_id = str(FIRST_NUMBER_ID + self._ids_given) if known is None else known.number_id
        added = PhoneNumber(number, number_id, messaging_profile_id, tags, phone_number_type, status, country, now, now)
        self._ids_given += known is None
        self._ids[number_id] = number
        self._numbers[number] = added
        return added

    def put_on_profile(self, number: str, messaging_profile_id: str | None, now: float = 0.0) -> PhoneNumber:
        """Somebody puts a number on another messaging profile, or on none."""
        if messaging_profile_id is not None:
            self.profile(messaging_profile_id)
        moved = replace(self.number(number), messaging_profile_id=messaging_profile_id, updated_at=now)
        self._numbers[moved.number] = moved
        return moved

    def tag_number(self, number: str, tags: tuple[str, ...], now: float = 0.0) -> PhoneNumber:
        """Somebody gives a number these tags in place of those it had."""
        tagged = replace(self.number(number), tags=tags, updated_at=now)
        self._numbers[tagged.number] = tagged
        return tagged

    def change_profile(
        self, profile_id: str, *, name: str, number_pool_settings: Mapping[str, object] | None, now: float
    ) -> Profile:
        """Somebody renames a messaging profile or sets up its number pool; None ends the pool (OAS)."""
        changed = replace(self.profile(profile_id), name=name, number_pool_settings=number_pool_settings)
        self._profiles[profile_id] = replace(changed, updated_at=now)
        return self._profiles[profile_id]
