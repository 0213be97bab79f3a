"""Alerts as JSON by POST, signed by Standard Webhooks where the config gives a key."""

import json
from typing import Final

from reconciler.alerts.signing import Signer
from reconciler.alerts.wire import Wire
from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault
from reconciler.model.settings import Secret
from reconciler.ports import Clock

_JSON: Final = {"content-type": "application/json"}


class WebhookSink:
    """Posts each message to one URL."""

    def __init__(self, name: str, url: Secret, clock: Clock, signing_key: Secret | None = None) -> None:
        """Raises ReconcilerError for text that is no URL, or no key."""
        self._name = name
        self._wire = Wire(name, url)
        self._clock = clock
        self._signer = None if signing_key is None else Signer(name, signing_key)

    @property
    def name(self) -> str:
        """Its name in the config."""
        return self._name

    @property
    def notes(self) -> str:
        """The public key by which the receiver checks what comes, if it is signed."""
        return "" if self._signer is None else f"signed; the receiver checks it by {self._signer.public_key}"

    async def send(self, body: str) -> Sent | Fault:
        """Post it. 2xx: it arrived."""
        headers = _JSON
        if self._signer is not None:
            headers = {**_JSON, **self._signer.headers(json.loads(body)["id"], self._clock.now(), body)}
        return await self._wire.post(body.encode(), headers)
