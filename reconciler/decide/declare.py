"""declare: from pools as the file has them to the desired state, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.errors import Place, Problem
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.pools import Desired, Placed, Pool, PoolDraft


def declare(revision: str, drafts: tuple[PoolDraft, ...]) -> tuple[Desired | None, tuple[Problem, ...]]:
    """Check all pools together. With any problem there is no desired state: half a config is never acted on."""
    problems: list[Problem] = []
    pools: list[Pool] = []
    owners: dict[str, tuple[str, Place]] = {}
    names: dict[str, Place] = {}
    for draft in drafts:
        problems.extend(_name_problems(draft, names))
        numbers = []
        for entry in draft.numbers:
            owner, first = owners.setdefault(entry.text, (draft.name.text, entry.place))
            if owner != draft.name.text:
                message = f"{entry.text} is in two pools: {owner} ({first}) and {draft.name.text}"
                problems.append(Problem(entry.place, message, "a number can be on one campaign only: take one out"))
            elif isinstance(number := _number(entry), Problem):
                problems.append(number)
            else:
                numbers.append(number)
        if not draft.numbers and not draft.policy.allow_empty:
            message = f"pool {draft.name.text} has no numbers"
            problems.append(Problem(draft.name.place, message, "list some, or say `policy: {allow_empty: true}`"))
        pools.extend(_pool(draft, tuple(sorted(set(numbers)))))
    if problems:
        return None, tuple(problems)
    return Desired(revision, tuple(pools)), ()


def _name_problems(draft: PoolDraft, names: dict[str, Place]) -> Iterator[Problem]:
    if (first := names.setdefault(draft.name.text, draft.name.place)) is not draft.name.place:
        yield Problem(draft.name.place, f"two pools are named {draft.name.text}: the other is at {first}")
    try:
        PoolName(draft.name.text)
    except ValueError as error:
        yield Problem(draft.name.place, str(error))
    try:
        CampaignId(draft.campaign.text)
    except ValueError as error:
        yield Problem(draft.campaign.place, str(error))


def _number(entry: Placed) -> PhoneNumber | Problem:
    hint = "write +1 and ten digits, such as +12025550123"
    try:
        number = PhoneNumber(entry.text)
    except ValueError as error:
        return Problem(entry.place, str(error), hint)
    if number.is_toll_free:
        return Problem(entry.place, f"{number} is toll-free; 10DLC campaigns take US long codes only", "take it out")
    if not number.is_us_shaped:
        return Problem(entry.place, f"{number} is not a US number; 10DLC campaigns take US long codes only", hint)
    return number


def _pool(draft: PoolDraft, numbers: tuple[PhoneNumber, ...]) -> Iterator[Pool]:
    try:
        name, campaign = PoolName(draft.name.text), CampaignId(draft.campaign.text)
    except ValueError:
        return  # already told, with its place
    yield Pool(name, campaign, numbers, draft.policy, draft.description)
