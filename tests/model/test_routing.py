"""What a match fits, and which severity is the gravest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.alerts import AlertName, Condition, Severity
from reconciler.model.routing import Match, worst

FAILED = Condition(AlertName.ASSIGNMENT_FAILED, "acme-marketing", "+12025550123")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match("AssignmentFailed"), True),
        (Match("Assignment*", "acme-*", Severity.WARNING), True),
        (Match("assignmentfailed"), False),
        (Match(pool="acme"), False),
        (Match(pool="acme-marketin?"), True),
        (Match(severity=Severity.CRITICAL), False),
    ],
)
def test_a_match_fits_where_all_of_it_does(match: Match, *, fits: bool) -> None:
    assert match.fits(FAILED) is fits


def test_a_match_asks_for_the_severity_of_now() -> None:
    assert Match(severity=Severity.CRITICAL).fits(replace(FAILED, severity=Severity.CRITICAL))


def test_the_worst() -> None:
    assert worst([Severity.WARNING, Severity.CRITICAL, Severity.INFO]) is Severity.CRITICAL
    assert worst([]) is Severity.INFO
