"""Webhooks are signed, sent five times at most, and then lost."""

import base64
import json

import pytest
from nacl.signing import VerifyKey

from tests.sandbox.stage import CAMPAIGN, Telnyx


class TestWebhooks:
    def test_are_signed_when_they_are_sent(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.approve(CAMPAIGN, telnyx.now)

        delivery = telnyx.wait(7)[0]

        stamp = delivery.headers["telnyx-timestamp"]
        assert stamp == str(int(telnyx.now))
        signature = base64.b64decode(delivery.headers["telnyx-signature-ed25519"])
        key = VerifyKey(base64.b64decode(telnyx.emulator.public_key))
        assert key.verify(f"{stamp}|".encode() + delivery.body, signature)

    @pytest.mark.parametrize("answer", [None, 202, 204, 302, 500])
    def test_are_sent_five_times_in_all_unless_answered_exactly_200(self, answer: int | None) -> None:
        telnyx = Telnyx()
        telnyx.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN}, telnyx.now)

        attempts = telnyx.wait(0)
        telnyx.emulator.delivered(attempts[0].id, answer, telnyx.now)
        for _ in range(10):
            assert telnyx.wait(29.9) == []
            attempts += (again := telnyx.wait(0.1))
            for delivery in again:
                telnyx.emulator.delivered(delivery.id, answer, telnyx.now)

        assert [delivery.attempt for delivery in attempts] == [1, 2, 3, 4, 5]
        assert len({delivery.id for delivery in attempts}) == 1
        assert len({delivery.headers["telnyx-timestamp"] for delivery in attempts}) == 5
        assert (telnyx.emulator.outbox.delivered, telnyx.emulator.outbox.lost) == (0, 1)

    def test_end_with_a_200(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN}, telnyx.now)
        (delivery,) = telnyx.wait(0)
        telnyx.emulator.delivered(delivery.id, 200, telnyx.now)

        assert telnyx.wait(1000) == []
        assert telnyx.emulator.outbox.delivered == 1

    def test_may_be_lost_for_good(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN}, telnyx.now)
        telnyx.emulator.discard(telnyx.wait(0)[0].id)

        assert telnyx.wait(1000) == []
        assert telnyx.emulator.outbox.lost == 1

    def test_of_any_kind_go_to_any_address(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.emit("10dlc.brand.update", {"brandId": "b"}, telnyx.now, url="http://127.0.0.1:1/x")

        (delivery,) = telnyx.wait(0)
        assert delivery.url == "http://127.0.0.1:1/x"
        assert json.loads(delivery.body)["data"]["event_type"] == "10dlc.brand.update"
        with pytest.raises(LookupError):
            telnyx.emulator.emit("10dlc.brand.update", {"brandId": "b"}, telnyx.now)
