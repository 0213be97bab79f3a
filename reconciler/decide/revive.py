"""revive: which waiting operations an event or a new config may have freed, and when to try them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.model.events import Cause
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Retry


def revive(
    operations: Iterable[Operation], asked: Iterable[Asked], *, now: datetime, patience: Patience
) -> tuple[tuple[Operation, Retry], ...]:
    """Bring the slow re-check of a blocked number forward: after an event about its campaign, or a reload.

    A reload may also have mended what made Telnyx unreachable, such as its address: then the backoff ends.
    Nothing that Telnyx refused is sent within the first refusal's wait of its last request, so that no stream of
    events becomes one of requests.
    Events about the number itself do nothing here: a request that fails causes one, and it would cause the next.
    """
    causes = tuple(asked)
    reloaded = any(one.cause is Cause.RELOAD for one in causes)
    told = {one.subject for one in causes if one.cause is Cause.EVENT and isinstance(one.subject, CampaignId)}
    revived = []
    for operation in operations:
        if operation.step is Step.BLOCKED and (reloaded or operation.campaign in told):
            at = max(now, (operation.sent_at or now) + patience.refusal_waits[0])
            if at < operation.not_before:
                revived.append((operation, Retry(at, operation.reason, operation.detail, trouble=False, anew=True)))
        elif reloaded and _is_backing_off(operation) and now < operation.not_before:
            revived.append((operation, Retry(now, operation.reason, operation.detail, trouble=False, anew=True)))
    return tuple(revived)


def _is_backing_off(operation: Operation) -> bool:
    """Whether it waits only because tries failed, and not because Telnyx asked it to."""
    return operation.step is Step.READY and operation.reason is Reason.TELNYX_UNAVAILABLE
