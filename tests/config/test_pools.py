"""Pools as drafts: with stand-ins where the file says nothing of use, so that the rest is judged all the same."""

from collections.abc import Callable

from reconciler.decide.declare import declare
from reconciler.model.pools import Mode, OnConflict, Policy
from reconciler.model.settings import Draft

Read = Callable[..., Draft]


def test_declare_finds_nothing_to_add_where_all_has_been_told(read: Read) -> None:
    draft = read(
        "version: 1\ntelnyx: {api_key: k}\npools:\n  - {name: , numbers: [{file: x}]}\n"
        "  - {numbers: ['+12025550123']}\n  - {name: a, campaign: '${NOPE}'}\n"
    )

    assert [f"{problem.place}: {problem.message}" for problem in draft.problems] == [
        "tendlc.yaml:4:5: missing key 'pools[0].campaign'",
        "tendlc.yaml:4:6: pools[0].name: is empty",
        "tendlc.yaml:4:24: pools[0].numbers[0]: number entries as mappings: not supported yet",
        "tendlc.yaml:5:5: missing key 'pools[1].campaign'",
        "tendlc.yaml:5:5: missing key 'pools[1].name'",
        "tendlc.yaml:6:5: missing key 'pools[2].numbers'",
        "tendlc.yaml:6:26: the environment variable NOPE is not set",
    ]
    assert declare("", draft.pools)[1] == ()


def test_declare_judges_the_numbers_of_a_pool_without_a_name(read: Read) -> None:
    draft = read("version: 1\ntelnyx: {api_key: k}\npools:\n  - campaign: a\n    numbers: [12, '+18005550123']\n")

    assert [str(problem.place) for problem in declare("", draft.pools)[1]] == ["tendlc.yaml:5:15", "tendlc.yaml:5:19"]


def test_an_empty_pool_is_for_declare_to_judge(read: Read) -> None:
    draft = read("version: 1\ntelnyx: {api_key: k}\npools:\n  - {name: a, campaign: b, numbers: []}\n")

    assert draft.problems == ()
    assert [str(problem.place) for problem in declare("", draft.pools)[1]] == ["tendlc.yaml:4:12"]


def test_a_policy_merges_key_by_key(read: Read) -> None:
    draft = read(
        "version: 1\ntelnyx: {api_key: k}\ndefaults: {policy: {mode: observe, on_conflict: skip, allow_empty: true}}\n"
        "pools:\n  - {name: a, campaign: b, numbers: []}\n"
        "  - {name: b, campaign: b, numbers: [], policy: {mode: enforce, allow_empty: false}}\n"
        "  - {name: c, campaign: b, numbers: [], policy: }\n"
    )

    assert [pool.policy for pool in draft.pools] == [
        Policy(Mode.OBSERVE, OnConflict.SKIP, allow_empty=True),
        Policy(Mode.ENFORCE, OnConflict.SKIP, allow_empty=False),
        Policy(Mode.OBSERVE, OnConflict.SKIP, allow_empty=True),
    ]


def test_numbers_stay_text(read: Read) -> None:
    draft = read(
        "version: 1\ntelnyx: {api_key: k}\npools:\n  - name: a\n    campaign: b\n"
        "    numbers: [+15551234567, 0123, no, 12:30, 1e3, '+1 555', \"${N}\"]\n",
        {"N": "+12025550123"},
    )

    assert draft.problems == ()
    assert [number.text for number in draft.pools[0].numbers] == [
        "+15551234567",
        "0123",
        "no",
        "12:30",
        "1e3",
        "+1 555",
        "+12025550123",
    ]
