"""Known: what one client has learned about the account, and keeps from call to call. It is lost with the client."""

from __future__ import annotations

from typing import Final

from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.ports import Clock
from reconciler.telnyx.calls import ASSIGNMENTS, LEGACY_ASSIGNMENTS
from reconciler.telnyx.campaigns import Directory

MAX_CAMPAIGNS: Final = 10_000
"""Whose ids are remembered."""
MAX_ELSEWHERE: Final = 10_000


class Known:
    """Ids, addresses and where to look: nothing that could not be learned again."""

    def __init__(self, clock: Clock, assignment_path: str) -> None:
        self.assignment_path = assignment_path
        """The spelling in use for assignments."""
        self.directory = Directory(clock)
        self._campaigns: dict[CampaignId, Campaign] = {}
        self._elsewhere: dict[PhoneNumber, None] = {}
        self._may_respell = True

    def learn(self, *campaigns: Campaign) -> None:
        """Remember the ids that these campaigns have at Telnyx."""
        for campaign in campaigns:
            if campaign.telnyx_id or campaign.tcr_id:
                self._campaigns[campaign.id] = campaign
        while len(self._campaigns) > MAX_CAMPAIGNS:
            self._campaigns.pop(next(iter(self._campaigns)))

    def id_at_telnyx(self, campaign: CampaignId) -> CampaignId:
        """The id to send for a campaign that the config names: Telnyx's own; TCR's for a shared one (OAS)."""
        known = self._campaigns.get(campaign)
        return (known.telnyx_id or known.tcr_id or campaign) if known else campaign

    def aliases(self, campaign: CampaignId) -> tuple[CampaignId, ...]:
        """The ids at Telnyx and at TCR of a campaign that the config names, as far as they were learned."""
        known = self._campaigns.get(campaign)
        return known.aliases if known else ()

    def is_elsewhere(self, number: PhoneNumber) -> bool:
        """Whether the list of numbers with messaging settings did not show it when last asked."""
        return number in self._elsewhere

    def look_elsewhere(self, number: PhoneNumber) -> None:
        """Look for this number in the list of all numbers from now on."""
        self._elsewhere[number] = None
        if len(self._elsewhere) > MAX_ELSEWHERE:
            self._elsewhere.pop(next(iter(self._elsewhere)))

    def look_here_again(self, number: PhoneNumber) -> None:
        """Look for this number among those with messaging settings."""
        self._elsewhere.pop(number, None)

    @property
    def other_spelling(self) -> str | None:
        """The other spelling for assignments. None once it is the one in use: there is no way back and forth."""
        other = ASSIGNMENTS if self.assignment_path.strip("/") == LEGACY_ASSIGNMENTS else LEGACY_ASSIGNMENTS
        return other if self._may_respell else None

    def respell(self, spelling: str) -> None:
        """Use this spelling from now on."""
        self.assignment_path, self._may_respell = spelling, False
