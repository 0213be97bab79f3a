"""Who is told of what: routes, severities, and nobody of his own deafness."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.route import route
from reconciler.model.alerts import Alert, AlertName, Severity
from reconciler.model.routing import Audience, Match, Route, Routing
from tests.builders import NOW, an_alert

OPS, ONCALL, AUDIT = Audience("ops"), Audience("oncall", Severity.CRITICAL), Audience("audit")
FAILED = an_alert()
HALTED = an_alert(alert=AlertName.TELNYX_AUTH_FAILED, pool="")


def told(*alerts: Alert, routes: tuple[Route, ...] = ()) -> dict[str, list[Alert]]:
    routing = Routing((OPS, ONCALL, AUDIT), routes)
    return {name: list(mine) for name, mine in route(alerts, routing).items()}


def unreached(name: str) -> Alert:
    plain = an_alert(alert=AlertName.NOTIFICATION_FAILED, pool="")
    return replace(plain, condition=replace(plain.condition, subject=name))


def test_without_routes_everybody_is_told_of_what_is_grave_enough() -> None:
    assert told(FAILED, HALTED) == {"ops": [FAILED, HALTED], "oncall": [HALTED], "audit": [FAILED, HALTED]}


def test_a_severity_that_rose_counts() -> None:
    graver = replace(FAILED, condition=replace(FAILED.condition, severity=Severity.CRITICAL))

    assert told(graver)["oncall"] == [graver]


def test_the_first_route_that_fits_counts_and_the_rest_goes_to_all() -> None:
    routes = (
        Route(Match(pool="acme-*"), frozenset({"audit"})),
        Route(Match(pool="acme-m*"), frozenset({"ops"})),
    )
    ours, other = an_alert(pool="acme-marketing"), an_alert(pool="zeta")

    assert told(ours, other, routes=routes) == {"ops": [other], "oncall": [], "audit": [ours, other]}


def test_a_route_may_go_on() -> None:
    routes = (
        Route(Match("Assignment*"), frozenset({"audit"}), goes_on=True),
        Route(Match(severity=Severity.WARNING), frozenset({"ops"})),
        Route(Match(), frozenset({"oncall"})),
    )

    assert told(FAILED, HALTED, routes=routes) == {"ops": [FAILED], "oncall": [HALTED], "audit": [FAILED]}


def test_what_is_resolved_is_for_nobody() -> None:
    assert told(an_alert(resolved_at=NOW)) == {"ops": [], "oncall": [], "audit": []}


@pytest.mark.parametrize("routes", [(), (Route(Match(), frozenset({"ops", "audit"})),)])
def test_that_a_receiver_is_not_reached_is_told_to_the_others(routes: tuple[Route, ...]) -> None:
    both = unreached("ops"), unreached("audit")

    assert told(*both, routes=routes) == {"ops": [both[1]], "oncall": [], "audit": [both[0]]}


MATCHES = st.builds(
    Match,
    st.sampled_from(["*", "AssignmentFailed", "Assignment*", "Telnyx*"]),
    st.sampled_from(["*", "acme*", "zeta"]),
    st.sampled_from([None, *Severity]),
)
ROUTES = st.lists(st.builds(Route, MATCHES, st.frozensets(st.sampled_from(["ops", "oncall"])), st.booleans()))
ALERTS = st.lists(
    st.builds(
        lambda which, alert, pool, severity: replace(
            an_alert(which), condition=replace(an_alert(which, alert=alert, pool=pool).condition, severity=severity)
        ),
        st.integers(0, 3),
        st.sampled_from(AlertName),
        st.sampled_from(["acme", "zeta", ""]),
        st.sampled_from([None, *Severity]),
    )
)


@given(ALERTS, ROUTES)
def test_each_alert_goes_its_way_whatever_else_fires(alerts: list[Alert], routes: list[Route]) -> None:
    together = told(*alerts, routes=tuple(routes))
    alone = [told(alert, routes=tuple(routes)) for alert in alerts]

    for name, mine in together.items():
        assert mine == [alert for one in alone for alert in one[name]]
