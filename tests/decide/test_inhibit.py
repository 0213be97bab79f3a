"""What another alert says already is not said again; and nothing is silenced by itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.inhibit import inhibit, just_over
from reconciler.model.alerts import Alert, AlertName, Group, Severity
from reconciler.model.routing import DEFAULT_INHIBITIONS, Inhibition, Match
from tests.builders import NOW, SECOND, an_alert

FAILED = an_alert()
ELSEWHERE = an_alert(pool="zeta")
DOWN = an_alert(alert=AlertName.TELNYX_API_UNAVAILABLE, pool="")
REJECTED = an_alert(alert=AlertName.CAMPAIGN_NOT_APPROVED)


def inhibited(*alerts: Alert, rules: tuple[Inhibition, ...] = DEFAULT_INHIBITIONS) -> set[Alert]:
    return set(inhibit(alerts, rules))


def test_while_telnyx_is_down_failed_assignments_are_no_news() -> None:
    assert inhibited(FAILED, ELSEWHERE, DOWN) == {FAILED, ELSEWHERE}


def test_a_campaign_that_is_not_approved_silences_its_own_pool() -> None:
    assert inhibited(FAILED, ELSEWHERE, REJECTED) == {FAILED}


def test_what_is_over_silences_nothing() -> None:
    assert inhibited(FAILED, replace(DOWN, resolved_at=NOW)) == set()


def test_what_is_only_just_over_gives_what_it_caused_the_time_to_end_too() -> None:
    ended = replace(DOWN, resolved_at=NOW)
    told = Group("ops", DOWN.condition.alert, "", NOW, frozenset(), Severity.CRITICAL)
    fires = replace(told, last_sent=frozenset({""}))
    wait = 30 * SECOND

    for alerts, groups in (([FAILED, ended], []), ([FAILED], [told])):
        over = just_over(alerts, groups, wait, now=NOW + 29 * SECOND)
        assert inhibit(alerts, DEFAULT_INHIBITIONS, over) == {FAILED}
        assert just_over(alerts, groups, wait, now=NOW + wait) == []
        assert just_over(alerts, groups, wait, now=NOW - SECOND) == []  # the clock was put back
    assert just_over([FAILED], [fires], wait, now=NOW) == []


def test_an_alert_does_not_inhibit_itself() -> None:
    everything = Inhibition(Match(), Match())
    same = Inhibition(Match("AssignmentFailed"), Match("AssignmentFailed"))

    assert inhibited(FAILED, rules=(everything, same)) == set()
    assert inhibited(FAILED, ELSEWHERE, DOWN, rules=(everything, same)) == set()


def test_what_is_on_both_sides_is_inhibited_by_what_is_on_one() -> None:
    """As in Alertmanager."""
    grave = Inhibition(Match(severity=Severity.CRITICAL), Match())

    assert inhibited(FAILED, DOWN, rules=(grave,)) == {FAILED}
    assert inhibited(DOWN, REJECTED, rules=(grave,)) == set()


MATCHES = st.builds(
    Match,
    st.sampled_from(["*", "AssignmentFailed", "Telnyx*", "Campaign*"]),
    st.sampled_from(["*", "acme", "zeta"]),
    st.sampled_from([None, *Severity]),
)


@given(
    st.lists(st.sampled_from([FAILED, ELSEWHERE, DOWN, REJECTED]), unique=True),
    st.builds(Inhibition, MATCHES, MATCHES, st.booleans()),
)
def test_one_rule_never_silences_everything(alerts: list[Alert], rule: Inhibition) -> None:
    silent = inhibited(*alerts, rules=(rule,))

    assert not alerts or silent != set(alerts)
    for target in silent:
        assert rule.target.fits(target.condition)
        assert any(rule.source.fits(one.condition) for one in alerts if one != target)
