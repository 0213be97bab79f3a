"""declare: from pools as the files have them to one declaration, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.errors import Place, Problem
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.pools import Declaration, Declared, Listed, ListedDraft, PoolDraft

MOST_PROBLEMS = 1_000
"""More would not be read: a number file named twice has as many as it has numbers."""


def declare(revision: str, drafts: tuple[PoolDraft, ...]) -> tuple[Declaration | None, tuple[Problem, ...]]:
    """Judge all pools together. With any problem there is no declaration: half a config is never acted on."""
    problems: list[Problem] = []
    pools: list[Declared] = []
    owners: dict[PhoneNumber, PoolDraft] = {}
    names: dict[str, Place] = {}
    for draft in drafts:
        problems.extend(_name_problems(draft, names))
        listed: dict[PhoneNumber, Listed] = {}
        for entry in draft.listed:
            if entry.number in draft.exclude:
                continue
            owner = owners.setdefault(entry.number, draft)
            if owner is draft and entry.number not in listed:
                listed[entry.number] = Listed(entry.number, entry.note, entry.until)
            elif len(problems) < MOST_PROBLEMS:
                problems.extend(_clash(owner, draft, entry))
        problems.extend(_emptiness(draft))
        pools.extend(_declared(draft, listed))
    if problems:
        return None, tuple(problems)
    return Declaration(revision, tuple(pools)), ()


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


def _clash(owner: PoolDraft, draft: PoolDraft, entry: ListedDraft) -> Iterator[Problem]:
    """What is wrong with a number that was listed before."""
    first = next(one for one in owner.listed if one.number == entry.number)
    if owner is not draft:
        names = f"{owner.name.text} ({first.place}) and {draft.name.text}"
        hint = "a number can be on one campaign only: take one out"
        yield Problem(entry.place, f"{entry.number} is in two pools: {names}", hint)
    elif (first.note, first.until) != (entry.note, entry.until):
        said = "until" if first.until != entry.until else "note"
        message = f"{entry.number} is listed twice, with another {said} at {first.place}"
        yield Problem(entry.place, message, "take one out")


def _emptiness(draft: PoolDraft) -> Iterator[Problem]:
    if draft.policy.allow_empty or draft.selections or not draft.exclude.issuperset(one.number for one in draft.listed):
        return
    message = f"pool {draft.name.text} has no numbers" + (": all are excluded" if draft.listed else "")
    yield Problem(draft.name.place, message, "list some, or say `policy: {allow_empty: true}`")


def _declared(draft: PoolDraft, listed: dict[PhoneNumber, Listed]) -> Iterator[Declared]:
    try:
        name, campaign = PoolName(draft.name.text), CampaignId(draft.campaign.text)
    except ValueError:
        return  # already told, with its place
    yield Declared(
        name=name,
        campaign=campaign,
        listed=tuple([listed[number] for number in sorted(listed)]),
        selections=draft.selections,
        exclude=draft.exclude,
        protect=draft.protect,
        messaging_profile=draft.messaging_profile,
        policy=draft.policy,
        description=draft.description,
    )
