"""Which test shows what about which failure: `make safety` writes the table of docs/explanation/safety.md.

The table is made from the `covers` marks of the tests, by reading their syntax trees: nothing is imported or run.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "explanation" / "safety.md"
BEGIN = "<!-- safety: made by `make safety`; change the marks or tests/house/safety.py -->"
END = "<!-- safety: end -->"

Marks = Mapping[str, tuple[str, ...]]
"""By failure: the tests that carry its mark, as pytest names them."""

PARTS: Mapping[str, Mapping[str, str]] = {
    "Config and plan": {
        "C02": "Most numbers vanish from the config: a bad merge, a broken generator",
        "C03": "A small change to a small pool, and one in a large account",
        "C06": "A pool with protected numbers is taken out of the file",
        "C07": "A pool gets another name",
        "C08": "The config changes in the middle of a run, or there and back",
        "C09": "A reload brings a config that is wrong",
        "C10": "The config file disappears",
        "C11": "What a selection chooses cannot be read, or not whole",
        "C13": "A stored plan is applied twice, late, or to another account",
        "C14": "Commands that only look, and pools that only observe",
        "C15": "YAML that means something else than it seems, or is too large",
    },
    "Events": {
        "E02": "The approval comes while the service is down for longer than Telnyx retries",
        "E03": "One event a hundred times",
        "E05": "Events of strangers, of unknown types, without an id, in other shapes",
        "E06": "Forged, stale, altered, huge and trickling deliveries; a change of keys",
        "E07": "Killed, or out of disk, around the moment of keeping an event",
        "E08": "Ten thousand events at once",
        "E11": "Events of a type that is not listened for",
        "E12": "Telnyx's clock and ours differ",
    },
    "Queue and loop": {
        "Q02": "One number that always fails or hangs",
        "Q04": "Approvals arrive while a sweep has filled the queue",
        "Q06": "Everything falls due at the same moment",
        "Q07": "A wait that had grown, after what it waited for was mended",
        "Q08": "A pause or a window begins or ends in the middle of a batch; clocks change",
        "Q09": "A loop dies, hangs or stops",
        "Q11": "The clock jumps, or the host sleeps",
    },
    "Telnyx's answers": {
        "A01": "The answer to a write that was done is lost",
        "A03": "Throttling, outages, torn and false answers",
        "A04": "The key is refused in the middle of work",
        "A05": "Lists that shift, repeat or miss rows while they are read",
        "A07": "Reads show what was before our write",
        "A08": "A list and a read of one number contradict each other",
        "A09": "The number is on a campaign already: ours, another of ours, a stranger's",
        "A10": "Pending for days, failed without a reason, a status nobody knows",
        "A12": "Somebody else changes a number between our read and our write",
        "F-38": "Names do not resolve, or slowly",
        "F-39": "No connection, or a certificate that is not right",
        "F-40": "A connection on which nothing more comes",
        "F-42": "An answer that is huge, or unpacks to something huge",
        "F-44": "Server errors, and errors that look like success",
        "F-45": "The key is revoked or wrong",
        "F-47": "Refused because the number is assigned elsewhere",
        "F-48": "Answers that are no JSON",
        "F-49": "JSON of another shape than documented",
        "F-52": "A list that shows a new assignment a minute late",
        "F-53": "Pages that change, repeat or never end",
        "F-54": "An empty list where there are numbers",
        "F-56": "A library that repeats a write by itself",
    },
    "Campaigns and numbers": {
        "D01": "A campaign is suspended while its numbers are on it",
        "D01c": "A campaign would lose all its numbers, or has had none for ten days",
        "D01d": "Asked for hours before the campaign is ready",
        "D01e": "Assigned, and one carrier refuses it",
        "D02": "A campaign expired, or is gone",
        "D04": "Two campaigns whose pools both choose one number",
        "D06": "A person and the service undo each other's work",
        "D07": "A number leaves the account, or loses its messaging profile",
        "D08": "More numbers than a campaign may have, or its number pool is taken away",
        "D09": "A move that fails half way",
    },
    "State, operations and alerts": {
        "H01": "Killed at every single point",
        "H03": "The store is gone, locked, read-only, full, broken or newer",
        "H06": "A key of another account",
        "O02": "Hundreds of numbers fail together, or one flaps",
        "O03": "A headline that says well while something is not",
        "O04": "Secrets in logs, alerts or the journal",
        "O05": "Metrics of a hundred thousand numbers",
    },
    "Killed in the middle": {
        "F-01": "Before the body of a webhook is read",
        "F-03": "Inside the transaction that keeps it",
        "F-06": "After an operation was claimed, before its request",
        "F-07": "After the request, before Telnyx took it",
        "F-08": "After Telnyx took it, before the answer",
        "F-09": "After the answer, before it is recorded",
        "F-10": "After it is recorded, before the event is done",
        "F-12": "While old rows are cleared or a copy is made",
        "F-13": "At random, again and again, on a bad line",
    },
    "Storage": {
        "F-15": "The disk fills up",
        "F-16": "The file system becomes read-only",
        "F-17": "Another process locks the database",
        "F-18": "The file is damaged, or no database",
        "F-19": "A release of SQLite that can lose what it wrote",
        "F-20": "Files of the database are deleted or replaced while it runs",
        "F-21": "The disk fails to keep a commit",
        "F-22": "Settings with which a commit may be lost",
        "F-23": "A database on a file system that breaks SQLite's promises",
        "F-25": "A PostgreSQL failover loses the last commits",
        "F-29": "An inbox of a million rows",
    },
    "Clocks and host": {
        "F-30": "The clock jumps by an hour, or to 1970",
        "F-31": "The clock is slewed, or has a leap second",
        "F-32": "Suspended, moved or stopped for a minute",
        "F-34": "No file descriptors left",
        "F-37": "Odd locales and time zones",
    },
    "Delivery of webhooks": {
        "F-58": "No webhook for a day",
        "F-59": "The receiver is down for longer than Telnyx retries",
        "F-60": "A campaign sends its events elsewhere",
        "F-62": "Telnyx signs with another key",
        "F-63": "Webhooks that are not signed",
    },
    "Operations": {
        "F-67": "YAML that reads as another type, repeats keys, or expands",
        "F-68": "A config that would remove or move many numbers",
        "F-69": "Two services on one store",
        "F-70": "Two services on two stores",
        "F-71": "An old and a new release side by side",
        "F-72": "A receiver of alerts that is down or hangs",
        "F-74": "Too much to log, or nobody who reads it",
        "F-76": "A store that was restored from yesterday",
        "F-77": "The key's file is replaced",
    },
}


@dataclass(frozen=True, slots=True)
class NotYet:
    """A failure whose required outcome no test shows, because something is not built."""

    lacks: str
    meanwhile: str
    """What keeps it from doing harm until then."""


NOT_YET: Mapping[str, NotYet] = {
    "C13": NotYet(
        "plans are not stored or approved", "`plan` only shows; the service makes each plan anew from fresh reads"
    ),
    "D09": NotYet("moves", "nothing is ever taken off a campaign, so nothing can be lost half way"),
    "F-12": NotYet("retention and backups", "nothing deletes or rewrites rows, so there is nothing to be killed in"),
    "F-25": NotYet("PostgreSQL", "a store URL that is not SQLite's is refused at start"),
    "F-29": NotYet("retention", "rows are never deleted, so none is lost; the file only grows"),
    "F-69": NotYet(
        "two services that share the work", "the second refuses to start: a lock on the store is held by one"
    ),
    "F-71": NotYet(
        "two releases on one store at a time",
        "migrations only add, the older release refuses the newer store, and only one process may write",
    ),
    "H06": NotYet(
        "a check of whose account the key is",
        "a campaign that the account does not have is never taken for approved, and nothing is removed",
    ),
}


def marks(folder: Path) -> Marks:
    """Every mark under a folder of tests. Raises TypeError for one whose failures are not literal texts."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.rglob("test_*.py")):
        name = file.relative_to(folder.parent).as_posix()
        for test, failures in _in(ast.parse(file.read_text(), str(file)), name):
            for failure in failures:
                found[failure].add(test)
    return {failure: tuple(sorted(tests)) for failure, tests in found.items()}


def _in(node: ast.Module | ast.ClassDef, name: str, around: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Each test of a module or class, with what marks it: its own marks, and those of what it stands in."""
    for part in node.body:
        if isinstance(part, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == "pytestmark" for to in part.targets
        ):
            around = (*around, *_failures(part.value, name))
    for part in node.body:
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        own = [failure for decorator in part.decorator_list for failure in _failures(decorator, name)]
        if isinstance(part, ast.ClassDef):
            yield from _in(part, f"{name}::{part.name}", (*around, *own))
        elif part.name.startswith("test_"):
            yield f"{name}::{part.name}", [*around, *own]


def _failures(expression: ast.expr, name: str) -> Iterator[str]:
    """What `covers(...)` anywhere in it names: a parameter of a test may have a mark of its own."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "covers":
            for one in node.args:
                if not (isinstance(one, ast.Constant) and isinstance(one.value, str)):
                    raise TypeError(f"{name}:{node.lineno}: covers() takes the ids of failures as they are")
                yield one.value


def titles() -> Mapping[str, str]:
    """Every failure that we have a name for."""
    return {failure: title for part in PARTS.values() for failure, title in part.items()}


def flaws(found: Marks) -> list[str]:
    """What is wrong with the marks and the list of what is not yet shown, whatever the failures are."""
    known = titles()
    return [
        *(
            f"{failure} is marked by {tests[0]}, and has no name in PARTS"
            for failure, tests in found.items()
            if failure not in known
        ),
        *(f"{failure} is in NOT_YET, and has no name in PARTS" for failure in NOT_YET if failure not in known),
        *(f"{failure} is in NOT_YET, and marked by {found[failure][0]}" for failure in NOT_YET if failure in found),
    ]


def open_failures(found: Marks) -> list[str]:
    """Failures that no test is marked with, and that are not said to be open either."""
    return [failure for failure in titles() if failure not in found and failure not in NOT_YET]


def table(found: Marks) -> str:
    """The whole of what stands between the markers."""
    lines = [BEGIN, ""]
    for part, failures in PARTS.items():
        lines += [f"### {part}", "", "| | failure | shown by |", "|---|---|---|"]
        lines += [f"| {failure} | {title} | {_shown(failure, found)} |" for failure, title in failures.items()]
        lines.append("")
    shown = sum(failure in found for failure in titles())
    lines += [
        f"{shown} of {len(titles())} are shown by {len({t for tests in found.values() for t in tests})} tests.",
        "",
    ]
    return "\n".join([*lines, END])


def _shown(failure: str, found: Marks) -> str:
    if failure in found:
        return "<br>".join(f"`{test}`" for test in found[failure])
    if failure in NOT_YET:
        return f"**not yet**: {NOT_YET[failure].lacks}. Meanwhile {NOT_YET[failure].meanwhile}"
    return "**nothing yet**"


def page(text: str, found: Marks) -> str:
    """The page with the table as it would be made now. Raises ValueError where its place is not marked."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} needs the two lines between which the table stands:\n{BEGIN}\n{END}")
    return f"{before}{table(found)}{after}"


def main() -> int:
    """Write the table, and say what is open. Exit code 1 where a mark is wrong."""
    found = marks(PROJECT / "tests")
    PAGE.write_text(page(PAGE.read_text(), found))
    for line in (*flaws(found), *(f"{failure}: no test is marked with it" for failure in open_failures(found))):
        print(line, file=sys.stderr)  # noqa: T201 -- this program is for people at a terminal
    return 1 if flaws(found) else 0


if __name__ == "__main__":
    sys.exit(main())
