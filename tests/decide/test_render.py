"""Few messages, each worth reading: Alertmanager's rules, and one text for many numbers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.render import render
from reconciler.model.alerts import Alert, AlertName, Group, Grouping, Message, Severity, Unrest
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
    over, again = replace(TOLD, last_sent=frozenset()), an_alert(since=WAITED + MINUTE)

    assert rendered(ended, groups=(TOLD,), at=WAITED + 5 * MINUTE - SECOND, grouping=quiet) == ()
    (message,) = rendered(ended, groups=(TOLD,), at=WAITED + 5 * MINUTE, grouping=quiet)
    assert (message.status, message.unsaid) == ("resolved", True)
    assert rendered(again, groups=(over,), at=WAITED + 80 * SECOND, grouping=quiet) == ()
    (message,) = rendered(again, groups=(over,), at=WAITED + 90 * SECOND, grouping=quiet)
    assert (message.status, message.unsaid) == ("firing", False)


BACK = timedelta(hours=1)
"""How far the clock is put back."""


@pytest.mark.parametrize(
    ("alerts", "groups"),
    [
        ((an_alert(),), ()),
        ((an_alert(),), (TOLD,)),
        ((an_alert(), an_alert(1)), (TOLD,)),
        ((an_alert(resolved_at=WAITED),), (TOLD,)),
        ((an_alert(),), (replace(TOLD, last_sent=frozenset()),)),
        ((an_alert(resolved_at=WAITED),), (replace(TOLD, unrest=Unrest(returns=9)),)),
    ],
    ids=["firing", "repeat", "change", "end", "again", "late end"],
)
def test_a_clock_that_was_put_back_holds_nothing(alerts: tuple[Alert, ...], groups: tuple[Group, ...]) -> None:
    """A time to come is no time since: it says nothing of how long anything has waited."""
    assert len(rendered(*alerts, groups=groups, at=NOW - BACK)) == 1


def test_a_beginning_again_within_repeat_interval_of_the_end_is_a_return() -> None:
    over = replace(TOLD, last_sent=frozenset(), unrest=Unrest(2, 1))

    def unrest(hours: int) -> Unrest:
        at = WAITED + hours * HOUR
        (message,) = rendered(an_alert(since=at - 30 * SECOND), groups=(over,), at=at)
        return message.unrest

    assert [unrest(1), unrest(3), unrest(4)] == [Unrest(2, 2), Unrest(2, 2), Unrest()]


@pytest.mark.parametrize(("returns", "minutes"), [(0, 0), (1, 10), (2, 20), (5, 160), (6, 240), (12, 240)])
def test_what_came_back_is_over_when_it_has_been_away_for_longer_and_longer(returns: int, minutes: int) -> None:
    away = minutes * MINUTE
    told = replace(TOLD, unrest=Unrest(returns=returns))
    ended = an_alert(resolved_at=WAITED + HOUR)

    if away:
        assert rendered(ended, groups=(told,), at=WAITED + HOUR + away - SECOND) == ()
    (message,) = rendered(ended, groups=(told,), at=WAITED + HOUR + away)
    assert (message.status, message.unrest) == ("resolved", told.unrest)


def test_that_it_keeps_coming_back_is_said() -> None:
    over = replace(TOLD, last_sent=frozenset(), unrest=Unrest(returns=2))

    (message,) = rendered(an_alert(since=WAITED), groups=(over,), at=WAITED + MINUTE)

    assert message.said.ours.endswith(" It keeps coming back: its end is told once it has been away for 40 min.")


@pytest.mark.parametrize(("changes", "minutes"), [(0, 5), (1, 10), (3, 40), (6, 240), (12, 240)])
def test_each_change_waits_longer_than_the_one_before(changes: int, minutes: int) -> None:
    told = replace(TOLD, unrest=Unrest(changes))
    more = (an_alert(), an_alert(1))

    assert rendered(*more, groups=(told,), at=WAITED + minutes * MINUTE - SECOND) == ()
    (message,) = rendered(*more, groups=(told,), at=WAITED + minutes * MINUTE)
    assert message.unrest.changes == min(changes + 1, 12)


def test_what_fired_without_a_break_until_it_was_repeated_is_calm() -> None:
    told, repeated = replace(TOLD, unrest=Unrest(3, 3)), WAITED + 4 * HOUR

    (steady,) = rendered(an_alert(), groups=(told,), at=repeated)
    (broken,) = rendered(an_alert(since=repeated - MINUTE), groups=(told,), at=repeated)

    assert (steady.unrest, broken.unrest) == (Unrest(), Unrest(3, 3))


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


def test_a_rise_in_severity_never_waits_longer_and_a_fall_does() -> None:
    restless = Unrest(changes=4)
    at = WAITED + 5 * MINUTE

    assert len(rendered(stuck(Severity.CRITICAL), groups=(replace(STUCK, unrest=restless),), at=at)) == 1
    assert rendered(stuck(Severity.WARNING), groups=(replace(CRITICAL, unrest=restless),), at=at) == ()


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
DAY = timedelta(days=1)


def told(group: Group, message: Message, now: datetime) -> Group:
    """What the receiver knows after a message."""
    known = (message.subjects, message.severity, message.started_at if message.subjects else None, message.unrest)
    return Group(group.receiver, group.alert, group.pool, now, *known)


def played(
    levels: Callable[[timedelta], Mapping[int, Severity]],
    span: timedelta = DAY,
    grouping: Grouping | None = None,
    tick: timedelta = TICK,
) -> list[tuple[datetime, Message]]:
    """What one receiver hears, by what fires at each time: numbers, and how grave that is."""
    alerts: dict[int, Alert] = {}
    group = Group("ops", FAILED, POOL)
    sent: list[tuple[datetime, Message]] = []
    for at in range(span // tick + 1):
        now, firing = NOW + at * tick, levels(at * tick)
        for which, level in firing.items():
            known = alerts.get(which)
            since = now if known is None or known.resolved_at is not None else known.firing_since
            plain = an_alert(which, since=since)
            alerts[which] = replace(plain, condition=replace(plain.condition, severity=level))
        for which in alerts.keys() - firing.keys():
            if alerts[which].resolved_at is None:
                alerts[which] = replace(alerts[which], resolved_at=now)
        for message in rendered(*alerts.values(), groups=(group,), at=now, grouping=grouping):
            if not message.unsaid:
                sent.append((now, message))
            group = told(group, message, now)
            assert message.subjects == {a_number(which) for which in firing}
            assert (message.status == "firing") is bool(firing)
    return sent


def statuses(sent: list[tuple[datetime, Message]]) -> list[str]:
    return [message.status for _, message in sent]


def flapping(on: timedelta, off: timedelta) -> Callable[[timedelta], Mapping[int, Severity]]:
    """One number fails for so long, and then not for so long, again and again."""
    return lambda at: {1: Severity.WARNING} if at % (on + off) < on else {}


@pytest.mark.covers("O02")
@pytest.mark.parametrize("send_resolved", [True, False])
def test_what_flaps_every_minute_for_a_day_is_a_few_messages_and_in_the_end_one_end(*, send_resolved: bool) -> None:
    grouping = Grouping(send_resolved=send_resolved)
    flaps = flapping(MINUTE, MINUTE)

    sent = statuses(played(lambda at: flaps(at) if at < DAY else {}, 2 * DAY, grouping))

    assert len(sent) <= 10
    if send_resolved:
        assert sent == ["firing", "resolved", *["firing"] * (len(sent) - 3), "resolved"]


@pytest.mark.covers("O02")
@pytest.mark.parametrize("on", [31, 60, 300, 900, 3_600, 18_000])
@pytest.mark.parametrize("off", [10, 60, 301, 1_201, 3_600, 14_000])
def test_however_it_flaps_a_day_has_few_messages(on: int, off: int) -> None:
    sent = played(flapping(on * SECOND, off * SECOND), 2 * DAY, tick=30 * SECOND)

    assert sum(at < NOW + DAY for at, _ in sent) <= 30
    assert sum(at >= NOW + DAY for at, _ in sent) <= 30


def others(at: timedelta) -> Mapping[int, Severity]:
    """Number 0 fails all the time, and another one every other minute."""
    return {0: Severity.WARNING} | ({1: Severity.WARNING} if at // MINUTE % 2 else {})


def ever_others(at: timedelta) -> Mapping[int, Severity]:
    """In every minute another number fails."""
    return {at // MINUTE: Severity.WARNING}


def levels(at: timedelta) -> Mapping[int, Severity]:
    """One number is critical every other minute."""
    return {0: Severity.CRITICAL if at // MINUTE % 2 else Severity.WARNING}


@pytest.mark.covers("O02")
@pytest.mark.parametrize("world", [others, ever_others, levels])
def test_a_group_that_never_rests_is_told_of_seldom(world: Callable[[timedelta], Mapping[int, Severity]]) -> None:
    assert len(played(world, tick=30 * SECOND)) < 40


@given(st.lists(st.sets(st.integers(0, 3)), max_size=120))
def test_whatever_flaps_a_group_is_told_seldom_and_never_ends_before_it_began(history: list[set[int]]) -> None:
    """The history is which numbers fire in each ten seconds. Messages keep their distance, and tell the truth."""
    sent = played(lambda at: dict.fromkeys(history[at // TICK], Severity.WARNING), TICK * (len(history) - 1))

    assert statuses(sent)[:1] in ([], ["firing"])
    assert ("resolved", "resolved") not in pairwise(statuses(sent))
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(sent) if earlier[1].status == "firing"]
    assert all(gap >= 5 * MINUTE for gap in gaps)


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(0, 20))
def test_what_goes_on_firing_is_told_however_it_flapped(spans: list[int], rest: int) -> None:
    """Each span of minutes it fires or not, in turns. Then it fires on, and within a minute its receiver knows."""
    edges = [sum(spans[:which]) for which in range(len(spans) + 1)]

    def fires(at: timedelta) -> Mapping[int, Severity]:
        passed = sum(edge * MINUTE <= at for edge in edges)
        return {0: Severity.WARNING} if passed % 2 or at >= edges[-1] * MINUTE else {}

    span = (edges[-1] + 1 + rest) * MINUTE
    sent = played(fires, span, tick=30 * SECOND)

    assert statuses(sent)[-1] == "firing"


@given(st.sets(st.integers(0, 9), min_size=1), st.integers(0, 40))
def test_what_goes_on_firing_is_told(numbers: set[int], ticks: int) -> None:
    alerts = [an_alert(which) for which in numbers]

    assert bool(rendered(*alerts, at=NOW + ticks * TICK)) is (ticks >= 3)
