"""What crossed the line to an emulated Telnyx, and whether the law was kept there: nothing is asked for twice.

Whoever reads this knows more than the service did: what the API did with each request, and which answers came through.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import pairwise

from reconciler.sandbox.line import Crossing

ASSIGNMENTS = "/10dlc/phone_number_campaigns"
ON_ITS_WAY_SECONDS = 1.0
"""The settle window begins with the intent, and here it is counted from the request's arrival: on a busy machine, that
is so much later at most."""


def asked_for(crossings: Iterable[Crossing]) -> dict[str, list[Crossing]]:
    """Every request to assign a number, by the number: also those that never arrived."""
    posts: dict[str, list[Crossing]] = defaultdict(list)
    for one in crossings:
        if one.method == "POST" and one.path == ASSIGNMENTS:
            posts[json.loads(one.body)["phoneNumber"]].append(one)
    return posts


def asked_too_soon(
    crossings: Sequence[Crossing], settle_seconds: float, undone: Mapping[str, Sequence[float]] | None = None
) -> list[str]:
    """Each second request for a number that was not allowed, in words.

    After one that was done, none is, unless what it did was `undone` by somebody between the two. After one whose
    outcome nobody could know, none is before the settle window is over and two reads, one of them after the
    window, have answered 404. One that Telnyx itself refused may be repeated.
    """
    reads: dict[str, list[Crossing]] = defaultdict(list)
    for one in crossings:
        if one.method == "GET" and one.path.startswith(f"{ASSIGNMENTS}/"):
            reads[one.path.removeprefix(f"{ASSIGNMENTS}/")].append(one)
    found = []
    for number, posts in asked_for(crossings).items():
        for first, second in pairwise(posts):
            between = [one for one in reads[number] if first.at < one.at < second.at]
            why = _why_not(first, second, between, settle_seconds, (undone or {}).get(number, ()))
            if why:
                seen = [f"{one.at - first.at:.1f} s {one.fault or one.status}" for one in between]
                told = f"asked for again after {second.at - first.at:.1f} s, the first {first.fault or first.status}"
                found.append(f"{number}: {told}, {why}; reads between: {', '.join(seen) or 'none'}")
    return found


def _why_not(
    first: Crossing, second: Crossing, between: Sequence[Crossing], settle_seconds: float, undone: Sequence[float]
) -> str:
    if first.status is None:
        settle_seconds -= ON_ITS_WAY_SECONDS
        absent = [one.at for one in between if one.fault is None and one.status == HTTPStatus.NOT_FOUND]
        if second.at - first.at < settle_seconds:
            return "within the settle window"
        if len(absent) < 2 or absent[-1] < first.at + settle_seconds:
            return "without two absences around the end of the window"
    elif first.status < HTTPStatus.BAD_REQUEST and not any(first.at < at < second.at for at in undone):
        return "though it was done"
    return ""


def removals(crossings: Iterable[Crossing]) -> list[Crossing]:
    """Every request to take something away."""
    return [one for one in crossings if one.method == "DELETE"]
