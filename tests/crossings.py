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
    reads: dict[str, list[float]] = defaultdict(list)
    for one in crossings:
        if one.method == "GET" and one.fault is None and one.status == HTTPStatus.NOT_FOUND:
            reads[one.path.removeprefix(f"{ASSIGNMENTS}/")].append(one.at)
    found = []
    for number, posts in asked_for(crossings).items():
        for first, second in pairwise(posts):
            wait = second.at - first.at
            told = f"{number}: asked for again after {wait:.1f} s; the first was {first.fault or first.status}"
            absences = [at for at in reads[number] if first.at < at < second.at]
            if first.status is not None and first.status < HTTPStatus.BAD_REQUEST:
                if not any(first.at < at < second.at for at in (undone or {}).get(number, ())):
                    found.append(f"{told}, and done")
            elif first.status is None and wait < settle_seconds:
                found.append(f"{told}, within the settle window")
            elif first.status is None and (len(absences) < 2 or absences[-1] < first.at + settle_seconds):
                found.append(f"{told}, without two absences around the end of the window")
    return found


def removals(crossings: Iterable[Crossing]) -> list[Crossing]:
    """Every request to take something away."""
    return [one for one in crossings if one.method == "DELETE"]
