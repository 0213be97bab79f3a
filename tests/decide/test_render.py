"""Few messages, each worth reading: Alertmanager's rules, and one text for many numbers."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.render import render
from reconciler.model.alerts import Alert, AlertName, Group, Grouping, Message, Severity
from tests.builders import HOUR, MINUTE, NOW, POOL, SECOND, a_number, an_alert

FAILED = AlertName.ASSIGNMENT_FAILED
WAITED = NOW + 30 * SECOND
TOLD = Group("ops", FAILED, POOL, WAITED, frozenset({a_number(0)}), Severity.WARNING, NOW)


def rendered(
    *alerts: Alert,
    groups: tuple[Group, ...] = (),
    at: datetime = WAITED,
    grouping: Grouping | None = None,
    inhibited: tuple[Alert, ...] = (),
    others: tuple[Alert, ...] = (),
    link: str = "",
) -> tuple[Message, ...]:
    """The messages due at a time to one receiver; `others` fire too, and are not for it."""
    firing = tuple(alert for alert in alerts if alert.resolved_at is None)
    return render((*alerts, *others), groups, {"ops": firing}, inhibited, grouping or Grouping(), link, now=at)


def test_the_first_message_waits_for_group_wait() -> None:
    assert rendered(an_alert(), at=WAITED - SECOND) == ()
    (message,) = rendered(an_alert())
    assert (message.status, message.count, message.started_at) == ("firing", 1, NOW)


def test_what_resolves_before_group_wait_is_never_told() -> None:
    resolved = an_alert(resolved_at=NOW + 10 * SECOND)

    assert all(rendered(resolved, at=NOW + wait * MINUTE) == () for wait in range(600))


def test_three_hundred_failures_are_one_message() -> None:
    alerts = [an_alert(which, reason="capacity" if which % 3 else "telnyx_refused") for which in range(300)]

    (message,) = rendered(*alerts)

    assert message.count == 300
    assert message.reasons == (("capacity", 200), ("telnyx_refused", 100))
    assert [subject for subject, _ in message.examples] == [a_number(which) for which in range(5)]
    assert message.summary.startswith("300 numbers of pool acme could not be assigned. ")
    assert message.subjects == {a_number(which) for which in range(300)}


def test_a_message_says_what_it_means_and_what_to_do() -> None:
    (message,) = rendered(an_alert(detail="x" * 10_000))

    assert message.summary == (
        "1 number of pool acme could not be assigned. Messages from these numbers are filtered by carriers. "
        "Refused ones are tried again by themselves, at last every 6 hours; the others are looked at again. "
        "Mend the reasons given; `tendlc explain +12025550000` shows each step."
    )
    assert (message.severity, message.dedup_key) == (Severity.WARNING, "tendlc/AssignmentFailed/acme")
    assert len(message.examples[0][1]) == 200


@pytest.mark.parametrize("alert", AlertName)
def test_every_alert_has_its_text(alert: AlertName) -> None:
    (message,) = rendered(an_alert(alert=alert))

    assert message.summary[0] == message.summary[0].upper()
    assert message.summary.endswith(".")
    assert "{" not in message.summary


def test_a_change_is_told_after_group_interval() -> None:
    more = (an_alert(), an_alert(1))

    assert rendered(*more, groups=(TOLD,), at=WAITED + 5 * MINUTE - SECOND) == ()
    (message,) = rendered(*more, groups=(TOLD,), at=WAITED + 5 * MINUTE)
    assert (message.count, message.started_at) == (2, NOW)


def test_no_change_is_told_after_repeat_interval() -> None:
    assert rendered(an_alert(), groups=(TOLD,), at=WAITED + 4 * HOUR - SECOND) == ()
    assert len(rendered(an_alert(), groups=(TOLD,), at=WAITED + 4 * HOUR)) == 1


def test_a_group_began_with_its_first_alert_and_keeps_its_beginning() -> None:
    earlier = replace(TOLD, started_at=NOW - HOUR)
    alerts = (an_alert(since=NOW), an_alert(1, since=NOW - MINUTE))

    (first,) = rendered(*alerts)
    (changed,) = rendered(*alerts, groups=(earlier,), at=WAITED + HOUR)
    (ended,) = rendered(groups=(earlier,), at=WAITED + HOUR)

    assert [one.started_at for one in (first, changed, ended)] == [NOW - MINUTE, NOW - HOUR, NOW - HOUR]


def test_another_detail_is_no_change() -> None:
    assert rendered(an_alert(detail="another text"), groups=(TOLD,), at=WAITED + HOUR) == ()


def test_the_end_is_told_once_after_group_interval() -> None:
    ended = an_alert(resolved_at=WAITED + SECOND)
    over = replace(TOLD, last_sent_at=WAITED + 5 * MINUTE, last_sent=frozenset())

    assert rendered(ended, groups=(TOLD,), at=WAITED + 5 * MINUTE - SECOND) == ()
    (message,) = rendered(ended, groups=(TOLD,), at=WAITED + 5 * MINUTE)
    assert (message.status, message.count, message.subjects) == ("resolved", 1, frozenset())
    assert message.dedup_key == "tendlc/AssignmentFailed/acme"
    assert message.summary == "Resolved: 1 number of pool acme could not be assigned."
    assert rendered(groups=(over,), at=WAITED + 10 * HOUR) == ()


def test_the_end_of_a_part_is_told_as_a_change() -> None:
    both = replace(TOLD, last_sent=frozenset({a_number(0), a_number(1)}))

    (message,) = rendered(an_alert(), an_alert(1, resolved_at=WAITED), groups=(both,), at=WAITED + 5 * MINUTE)

    assert (message.status, message.count) == ("firing", 1)


def test_after_its_end_it_begins_anew() -> None:
    over = replace(TOLD, last_sent_at=NOW - MINUTE, last_sent=frozenset())

    assert rendered(an_alert(), groups=(over,), at=WAITED - SECOND) == ()
    (message,) = rendered(an_alert(), groups=(over,), at=WAITED)
    assert message.started_at == NOW


def test_without_send_resolved_an_end_is_noted_in_silence_and_the_next_beginning_is_told() -> None:
    quiet = Grouping(send_resolved=False)
    ended = an_alert(resolved_at=WAITED + SECOND)
    again = an_alert(since=WAITED + MINUTE)

    (message,) = rendered(ended, groups=(TOLD,), at=WAITED + 2 * SECOND, grouping=quiet)
    assert (message.status, message.unsaid) == ("resolved", True)
    assert rendered(again, at=WAITED + 80 * SECOND, grouping=quiet) == ()
    (message,) = rendered(again, at=WAITED + 90 * SECOND, grouping=quiet)
    assert (message.status, message.unsaid) == ("firing", False)


def test_pools_and_alerts_have_messages_of_their_own() -> None:
    alerts = (an_alert(), an_alert(pool="zeta"), an_alert(alert=AlertName.TELNYX_AUTH_FAILED, pool=""))

    assert [(one.alert, one.pool) for one in rendered(*alerts)] == [
        (FAILED, "acme"),
        (FAILED, "zeta"),
        (AlertName.TELNYX_AUTH_FAILED, ""),
    ]


def stuck(severity: Severity, which: int = 0, since: datetime = NOW) -> Alert:
    """A number that has been pending for long, or for very long."""
    plain = an_alert(which, alert=AlertName.ASSIGNMENT_STUCK, since=since)
    return replace(plain, condition=replace(plain.condition, severity=severity))


STUCK = replace(TOLD, alert=AlertName.ASSIGNMENT_STUCK)
CRITICAL = replace(STUCK, severity=Severity.CRITICAL)


def test_a_rise_in_severity_is_a_change() -> None:
    graver = stuck(Severity.CRITICAL)

    assert rendered(graver, groups=(STUCK,), at=WAITED + 5 * MINUTE - SECOND) == ()
    (message,) = rendered(graver, groups=(STUCK,), at=WAITED + 5 * MINUTE)
    assert (message.status, message.severity, message.count) == ("firing", Severity.CRITICAL, 1)
    assert message.dedup_key == rendered(stuck(Severity.WARNING))[0].dedup_key


def test_the_gravest_of_a_group_is_its_severity() -> None:
    (message,) = rendered(stuck(Severity.CRITICAL), stuck(Severity.WARNING, 1))

    assert message.severity is Severity.CRITICAL


def test_who_hears_only_of_what_is_critical_hears_at_once_of_what_has_held_for_long() -> None:
    (message,) = rendered(stuck(Severity.CRITICAL), at=NOW + 72 * HOUR)

    assert message.started_at == NOW


def test_what_sinks_below_its_severity_is_over_for_a_receiver() -> None:
    lighter = stuck(Severity.WARNING)

    (message,) = rendered(groups=(CRITICAL,), others=(lighter,), at=WAITED + 5 * MINUTE)
    assert (message.status, message.severity) == ("resolved", Severity.CRITICAL)
    assert message.summary == "No longer critical: 1 number of pool acme have been pending at Telnyx for too long."


def test_what_the_config_sends_elsewhere_is_not_over_until_it_ends() -> None:
    assert rendered(groups=(CRITICAL,), others=(stuck(Severity.CRITICAL),), at=WAITED + 100 * HOUR) == ()
    (message,) = rendered(groups=(CRITICAL,), at=WAITED + 100 * HOUR)
    assert message.status == "resolved"


def test_what_is_inhibited_is_not_told() -> None:
    assert rendered(an_alert(), inhibited=(an_alert(),), at=NOW + HOUR) == ()
    assert len(rendered(an_alert(), an_alert(1), inhibited=(an_alert(),), at=NOW + HOUR)) == 1


def test_what_was_told_and_is_inhibited_then_is_neither_over_nor_repeated() -> None:
    assert rendered(an_alert(), inhibited=(an_alert(),), groups=(TOLD,), at=WAITED + 100 * HOUR) == ()
    (message,) = rendered(an_alert(resolved_at=WAITED), groups=(TOLD,), at=WAITED + HOUR)
    assert message.status == "resolved"


def test_a_part_that_is_inhibited_is_not_taken_for_mended() -> None:
    both = replace(TOLD, last_sent=frozenset({a_number(0), a_number(1)}))

    assert rendered(an_alert(), an_alert(1), inhibited=(an_alert(1),), groups=(both,), at=WAITED + HOUR) == ()


def test_a_resolve_says_what_is_over() -> None:
    ended = [an_alert(which, resolved_at=WAITED, detail="full") for which in range(7)]
    told = replace(TOLD, last_sent=frozenset(a_number(which) for which in range(7)))

    (message,) = rendered(*ended, groups=(told,), at=WAITED + HOUR)

    assert (message.count, message.reasons) == (7, (("telnyx_refused", 7),))
    assert message.examples == tuple((a_number(which), "full") for which in range(5))


def test_a_message_says_where_to_look() -> None:
    (message,) = rendered(an_alert(), link="https://tendlc.example.com")
    (other,) = rendered(replace(an_alert(), condition=replace(an_alert().condition, subject="C6X6M95")))

    assert (message.said.command, message.said.link) == ("tendlc explain +12025550000", "https://tendlc.example.com")
    assert (other.said.command, other.said.link) == ("tendlc alerts list", "")


def test_each_receiver_is_told_by_itself() -> None:
    alert = an_alert()
    grouping = Grouping()
    routed = {"ops": (alert,), "audit": (alert,), "nobody": ()}

    messages = render((alert,), (TOLD,), routed, (), grouping, "", now=WAITED)

    assert [one.receiver for one in messages] == ["audit"]


TICK = timedelta(seconds=10)


@given(st.lists(st.sets(st.integers(0, 3)), max_size=120))
def test_whatever_flaps_a_group_is_told_seldom_and_never_ends_before_it_began(history: list[set[int]]) -> None:
    """The history is which numbers fire in each ten seconds. Messages keep their distance, and tell the truth."""
    since: dict[int, datetime] = {}
    group = Group("ops", FAILED, POOL)
    sent: list[tuple[datetime, Message]] = []
    for at, firing in enumerate(history):
        now = NOW + at * TICK
        since = {which: since.get(which, now) for which in firing}
        messages = rendered(*(an_alert(which, since=since[which]) for which in firing), groups=(group,), at=now)
        for message in messages:
            sent.append((now, message))
            group = Group("ops", FAILED, POOL, now, message.subjects, message.severity, message.started_at)
            assert message.subjects == {a_number(which) for which in firing}
            assert (message.status == "firing") is bool(firing)

    statuses = [message.status for _, message in sent]
    assert statuses[:1] in ([], ["firing"])
    assert ("resolved", "resolved") not in pairwise(statuses)
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(sent) if earlier[1].status == "firing"]
    assert all(gap >= 5 * MINUTE for gap in gaps)


@given(st.sets(st.integers(0, 9), min_size=1), st.integers(0, 40))
def test_what_goes_on_firing_is_told(numbers: set[int], ticks: int) -> None:
    alerts = [an_alert(which) for which in numbers]

    assert bool(rendered(*alerts, at=NOW + ticks * TICK)) is (ticks >= 3)
