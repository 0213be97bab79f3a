"""Pools as drafts: with stand-ins where the file says nothing of use, so that the rest is judged all the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from reconciler.config.pool_schema import ModeSection
from reconciler.decide.declare import declare
from reconciler.model.pools import DriftClass, Mode, OnConflict, OnMissingProfile, PendingAfter, Policy
from reconciler.model.settings import Draft

Read = Callable[..., Draft]
BARE = "version: 1\ntelnyx: {api_key: k}\n"


def places(draft: Draft) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in draft.problems]


def test_declare_finds_nothing_to_add_where_all_has_been_told(read: Read) -> None:
    draft = read(
        f"{BARE}pools:\n  - {{name: , numbers: [{{file: x}}]}}\n"
        "  - {numbers: ['+12025550123', '${NOPE}']}\n  - {name: a, campaign: '${NOPE}'}\n"
        "  - {name: b, campaign: b, numbers: ['${NOPE}']}\n  - {name: c, campaign: b, numbers: text}\n"
    )

    assert places(draft) == [
        "tendlc.yaml:4:5: missing key 'pools[0].campaign'",
        "tendlc.yaml:4:6: pools[0].name: is empty",
        "tendlc.yaml:4:31: pools[0].numbers[0].file: must be a file's name that ends in .txt or .csv",
        "tendlc.yaml:5:5: missing key 'pools[1].campaign'",
        "tendlc.yaml:5:5: missing key 'pools[1].name'",
        "tendlc.yaml:5:33: the environment variable NOPE is not set",
        "tendlc.yaml:6:5: missing key 'pools[2].numbers'",
        "tendlc.yaml:6:26: the environment variable NOPE is not set",
        "tendlc.yaml:7:39: the environment variable NOPE is not set",
        "tendlc.yaml:8:37: pools[4].numbers: must be a list",
    ]
    assert declare("", draft.pools)[1] == ()


def test_an_empty_pool_is_for_declare_to_judge(read: Read) -> None:
    draft = read(f"{BARE}pools:\n  - {{name: a, campaign: b, numbers: []}}\n")

    assert draft.problems == ()
    assert [str(problem.place) for problem in declare("", draft.pools)[1]] == ["tendlc.yaml:4:12"]


def test_a_mistake_elsewhere_makes_no_pool_empty(read: Read) -> None:
    """That a pool may have no numbers is still known, or at least not held against it."""
    empty = "pools: [{name: a, campaign: b, numbers: []}]\n"
    sound = read(f"{BARE}defaults: {{policy: {{allow_empty: true}}}}\nwebhook: {{path: x}}\n{empty}")
    broken = read(f"{BARE}defaults: {{policy: {{allow_empty: true, mode: x}}}}\n{empty}")

    assert (len(sound.problems), len(broken.problems)) == (1, 1)
    assert declare("", sound.pools)[1] == declare("", broken.pools)[1] == ()


def test_a_policy_merges_key_by_key(read: Read) -> None:
    draft = read(
        f"{BARE}defaults:\n"
        "  policy: {mode: observe, on_conflict: skip, allow_empty: true, on_missing_profile: fail}\n"
        "pools:\n  - {name: a, campaign: b, numbers: []}\n"
        "  - {name: b, campaign: b, numbers: [],\n"
        "     policy: {mode: enforce, allow_empty: false, on_missing_profile: skip}}\n"
        "  - {name: c, campaign: b, numbers: [], policy: }\n"
    )
    merged = Policy(
        Mode.OBSERVE, on_conflict=OnConflict.SKIP, on_missing_profile=OnMissingProfile.FAIL, allow_empty=True
    )

    assert [pool.policy for pool in draft.pools] == [
        merged,
        Policy(Mode.ENFORCE, on_conflict=OnConflict.SKIP, on_missing_profile=OnMissingProfile.SKIP),
        merged,
    ]


MISSING, EXTRA, CONFLICT = DriftClass.MISSING, DriftClass.EXTRA, DriftClass.CONFLICT
MODES = {
    ("enforce", ""): Policy(),
    ("observe", ""): Policy(Mode.OBSERVE),
    ("observe", "enforce"): Policy(),
    ("{extra: observe}", ""): Policy(observed=frozenset({EXTRA})),
    ("{extra: observe}", "enforce"): Policy(),
    ("observe", "{missing: enforce}"): Policy(Mode.OBSERVE, enforced=frozenset({MISSING})),
    ("{extra: observe, conflict: observe}", "{missing: enforce, extra: enforce}"): Policy(
        observed=frozenset({CONFLICT}), enforced=frozenset({MISSING, EXTRA})
    ),
    ("{extra: observe}", "{}"): Policy(observed=frozenset({EXTRA})),
    ("{extra: }", "{missing: }"): Policy(),
}


@pytest.mark.parametrize(("default", "own"), MODES)
def test_modes_merge_class_by_class(read: Read, default: str, own: str) -> None:
    """A pool's one word is for all classes of drift; its mapping adds to what the defaults say."""
    draft = read(
        f"{BARE}defaults: {{policy: {{mode: {default}}}}}\n"
        f"pools: [{{name: a, campaign: b, numbers: ['+12025550123'], policy: {{mode: {own}}}}}]\n"
    )

    assert draft.problems == ()
    assert draft.pools[0].policy == MODES[default, own]


def hours(warn: float, alert: float, escalate: float) -> PendingAfter:
    return PendingAfter(*(timedelta(hours=one) for one in (warn, alert, escalate)))


PENDING = {
    ("", ""): PendingAfter(),
    ("48h", ""): hours(8, 48, 144),
    ("", "1h"): hours(1 / 6, 1, 3),
    ("{warn: 1h, escalate: 2d}", "12h"): hours(2, 12, 36),
    ("12h", "{warn: 1h}"): hours(1, 12, 36),
    ("{warn: 1h}", "{escalate: 48h}"): hours(1, 24, 48),
    ("{warn: 30h, alert: 40h}", "{warn: 1h}"): hours(1, 40, 120),
    ("{warn: 24h, escalate: 24h}", "{}"): hours(24, 24, 24),
    ("{warn: }", "{alert: }"): PendingAfter(),
}


@pytest.mark.parametrize(("default", "own"), PENDING)
def test_how_long_a_number_may_be_pending_merges_key_by_key(read: Read, default: str, own: str) -> None:
    """What is said nowhere stands to `alert` as by default; a pool's one value is for all three."""
    draft = read(
        f"{BARE}defaults: {{policy: {{pending_after: {default}}}}}\n"
        f"pools: [{{name: a, campaign: b, numbers: ['+12025550123'], policy: {{pending_after: {own}}}}}]\n"
    )

    assert draft.problems == ()
    assert draft.pools[0].policy.pending_after == PENDING[default, own]


def test_times_that_grow_shorter_as_they_grow_louder_are_told_where_they_are(read: Read) -> None:
    """In the defaults once, and in each pool that says something of its own about it."""
    draft = read(
        f"{BARE}defaults: {{policy: {{pending_after: {{warn: 30h}}}}}}\n"
        "pools:\n  - {name: a, campaign: b, numbers: ['+12025550123']}\n"
        "  - {name: b, campaign: b, numbers: ['+12025550124'], policy: {pending_after: {escalate: 20h}}}\n"
        "  - {name: c, campaign: b, numbers: ['+12025550125'], policy: {pending_after: 1h}}\n"
    )

    words = "warn must not be longer than alert, nor alert longer than escalate"
    assert places(draft) == [
        f"tendlc.yaml:3:36: defaults.policy.pending_after: {words}",
        f"tendlc.yaml:6:79: pools[1].policy.pending_after: {words}",
    ]
    assert draft.problems[1].hint == "warn 30h, escalate 20h; what is left out stands to alert as 4h and 72h to 24h"


def test_how_long_a_number_may_be_pending_is_a_duration_or_a_mapping(read: Read) -> None:
    values = ["5", "[1h]", "{warm: 1h}", "{warn: [1h]}"]
    pools = "".join(
        f"  - {{name: a{n}, campaign: b, numbers: [], policy: {{allow_empty: true, pending_after: {value}}}}}\n"
        for n, value in enumerate(values)
    )

    either = "must be a duration, or a mapping with warn, alert and escalate"
    assert places(read(f"{BARE}pools:\n{pools}")) == [
        "tendlc.yaml:4:85: pools[0].policy.pending_after: not a duration",
        f"tendlc.yaml:5:85: pools[1].policy.pending_after: {either}",
        "tendlc.yaml:6:86: unknown key 'warm', did you mean 'warn'?",
        "tendlc.yaml:7:92: pools[3].policy.pending_after.warn: must be a single value",
    ]


def test_there_is_a_mode_for_each_class_of_drift() -> None:
    assert set(ModeSection.known()) == set(DriftClass)


def test_a_mode_is_a_word_or_a_mapping(read: Read) -> None:
    pools = "".join(
        f"  - {{name: a{n}, campaign: b, numbers: [], policy: {{allow_empty: true, mode: {mode}}}}}\n"
        for n, mode in enumerate(["[observe]", "off", "{mising: enforce, extra: [observe]}", "{extra: 'no'}"])
    )

    assert places(read(f"{BARE}pools:\n{pools}")) == [
        "tendlc.yaml:4:76: pools[0].policy.mode: must be a word, or a mapping by class of drift",
        "tendlc.yaml:5:76: pools[1].policy.mode: must be enforce or observe",
        "tendlc.yaml:6:77: unknown key 'mising', did you mean 'missing'?",
        "tendlc.yaml:6:101: pools[2].policy.mode.extra: must be a word, or a mapping by class of drift",
        "tendlc.yaml:7:84: pools[3].policy.mode.extra: must be enforce or observe",
    ]


def test_numbers_stay_text(read: Read) -> None:
    draft = read(
        f"{BARE}pools:\n  - name: a\n    campaign: b\n"
        '    numbers: [+15551234567, \'+12025550124\', "${N}", "+1${REST}"]\n',
        {"N": "+12025550123", "REST": "2025550125"},
    )

    assert draft.problems == ()
    assert [one.number for one in draft.pools[0].listed] == [
        "+15551234567",
        "+12025550124",
        "+12025550123",
        "+12025550125",
    ]


def test_no_two_stand_ins_are_the_same(read: Read) -> None:
    draft = read(f"{BARE}pools: [{{}}, {{name: }}, {{name: '${{A}}'}}]\n")

    assert len({pool.name.text for pool in draft.pools}) == 3
    assert declare("", draft.pools)[1] == ()
