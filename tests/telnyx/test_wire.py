"""Every word of Telnyx's reference has a meaning here, and only one means yes."""

import json
from pathlib import Path

from reconciler.model.fleet import AssignmentState, CampaignPhase
from reconciler.telnyx import wire


def test_every_word_of_the_reference_is_known(shared: Path) -> None:
    spec = json.loads((shared / "telnyx/openapi/telnyx-10dlc-subset-12de4dd.json").read_text())
    schemas = spec["components"]["schemas"]

    assert set(schemas["PhoneNumberCampaign"]["properties"]["assignmentStatus"]["enum"]) == set(wire.ASSIGNMENT_STATES)
    assert set(schemas["TelnyxCampaign_CSP"]["properties"]["campaignStatus"]["enum"]) == set(wire.CAMPAIGN_PHASES)
    assert set(schemas["PhoneNumberDetailed"]["properties"]["status"]["enum"]) >= wire.GONE_STATUSES
    assert wire.DELIVERED in schemas["webhook_delivery"]["properties"]["status"]["enum"]


def test_one_word_means_approved_and_one_means_assigned() -> None:
    assert [word for word, phase in wire.CAMPAIGN_PHASES.items() if phase is CampaignPhase.APPROVED] == [
        "MNO_PROVISIONED"
    ]
    assert [word for word, state in wire.ASSIGNMENT_STATES.items() if state is AssignmentState.ASSIGNED] == ["ASSIGNED"]
