"""Where a process may die: every step from an event's first byte to an alert's delivery, and what must hold after.

K1 to K10 are the places of a kill that the failure modes name (F-01 to F-10).
"""

from enum import StrEnum, unique


@unique
class CrashPoint(StrEnum):
    """A place at which `dying` ends the process.

    What is `uncommitted` is all written, inside its transaction; what is durable is so since a moment, and nobody is
    told of it yet.
    """

    ACCEPTED = "accepted"
    """K1: a webhook's head is read, its body is not. No row and no answer: Telnyx sends it again."""
    BODY_READ = "body_read"
    """K2: its body is read, nothing is checked or stored. As K1."""
    RECEIVE_UNCOMMITTED = "receive_uncommitted"
    """K3: its row is written and not committed. No row and no answer: Telnyx sends it again."""
    RECEIVE_COMMITTED = "receive_committed"
    """K4: its row is durable and it is not answered. Telnyx sends it again, and that is a duplicate."""
    ANSWERED = "answered"
    """K5: it is answered 200, and nothing more is done about it. The row is there, and is read after the start."""

    EVENTS_READ = "events_read"
    """Events are read from the inbox, and mean nothing yet. They are read again."""
    EVENTS_UNCOMMITTED = "events_uncommitted"
    """K10: they are marked as done and looks are asked for, uncommitted. Both or neither: they are read again."""
    EVENTS_FINISHED = "events_finished"
    """Both are durable, and nobody is woken. The look happens after the start."""

    ROUND_TAKEN = "round_taken"
    """A round has its triggers in hand. They are due again after the start."""
    ROUND_LOOKED = "round_looked"
    """A read of a round, or of what is in doubt, is answered, and nothing is concluded from it. It is read again."""
    ROUND_UNCOMMITTED = "round_uncommitted"
    """What a round decided is written and not committed. Nothing of it holds: its triggers are due again."""
    ROUND_WRITTEN = "round_written"
    """Operations are queued, and no executor is woken. They are claimed after the start."""

    CLAIM_UNCOMMITTED = "claim_uncommitted"
    """An intent is written and not committed, so nothing was sent. The operation is queued as before."""
    CLAIMED = "claimed"
    """K6: the intent is durable, nothing is sent. Nobody can know: it is read, and sent after the settle window."""
    RENEWED = "renewed"
    """The lease of an attachment is renewed, its PATCH is not sent. As K6: its own record is read."""
    CALL_SENT = "call_sent"
    """K7: a write is on its way; whether it arrives is open. It is read; sent again only after two absences."""
    CALL_ACCEPTED = "call_accepted"
    """K8: Telnyx did it, and of the answer only the head has come. It is read, and found done: no second request."""
    CALL_ANSWERED = "call_answered"
    """K9: the answer is read, and nothing is recorded. As K8."""
    RECORD_UNCOMMITTED = "record_uncommitted"
    """K9: the outcome is written with its alerts, uncommitted. Both or neither. As K8."""
    RECORDED = "recorded"
    """K10: the outcome is durable, and nobody is woken. What is left to do is only to look."""

    RECOVER_UNCOMMITTED = "recover_uncommitted"
    """At start, what a dead process had sent is put in doubt, uncommitted. The next start does it again."""
    RECOVERED = "recovered"
    """It is in doubt, and nothing of it is read yet. The next start reads it."""

    POST_UNCOMMITTED = "post_uncommitted"
    """Messages are in the outbox and their groups are noted as told, uncommitted. Both or neither: posted again."""
    POSTED = "posted"
    """Both are durable, nothing is sent. They are sent after the start."""
    PARCEL_UNCOMMITTED = "parcel_uncommitted"
    """A message is taken for its receiver, uncommitted. As `posted`."""
    PARCEL_TAKEN = "parcel_taken"
    """It is taken and not sent. It is taken and sent again."""
    LETTER_SENT = "letter_sent"
    """Its receiver has it, and that is not recorded. It is sent again, and its `dedup_key` says that it is the same."""
    DELIVERED_UNCOMMITTED = "delivered_uncommitted"
    """That it arrived is written and not committed. As `letter_sent`."""
    DELIVERED = "delivered"
    """That is durable. It is not sent again."""
