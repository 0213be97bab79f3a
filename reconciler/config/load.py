"""load: from the config file, and the files beside it, to settings, pools and every problem in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from reconciler.config.complaints import Complaints
from reconciler.config.credentials import Credentials, read_credentials
from reconciler.config.mistake import Mistake
from reconciler.config.part import Part, Shelf
from reconciler.config.pool_schema import DefaultsSection, PolicySection
from reconciler.config.pools import check_pending, read_pools
from reconciler.config.rules import check_rules
from reconciler.config.runs import Doubt, Runs
from reconciler.config.schema import BesideSection, FileSection, SettingsSection
from reconciler.config.settings import settings_from
from reconciler.config.source import Source, decoded
from reconciler.config.surroundings import Surroundings
from reconciler.config.tree import Scalar, Table, plain
from reconciler.config.variables import fill
from reconciler.config.yaml import parse
from reconciler.model.errors import Place, Problem
from reconciler.model.pools import PoolDraft
from reconciler.model.settings import Settings

BESIDE = "pools.d"
_FIND_HINT = "name the config with -c FILE or $TENDLC_CONFIG"
_LENIENT = PolicySection.model_validate({"allow_empty": "true"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the config says, or one file of it."""

    settings: Settings | None = None
    """None if anything but a pool has a problem."""
    pools: tuple[PoolDraft, ...] = ()
    problems: tuple[Problem, ...] = ()
    """As found: neither sorted nor each once."""
    defaults: PolicySection = _LENIENT
    """What every pool starts from. Where that cannot be told, no pool shall be told of for it."""
    zone: tzinfo = UTC
    """The schedule's."""


def load(path: Path, surroundings: Surroundings) -> Loaded:
    """Read it all: a problem in one part hides none in another."""
    shelf, folder = Shelf(), path.parent / BESIDE
    source = _source(path, surroundings, _FIND_HINT)
    names, problems = _names(folder, surroundings)
    main = Loaded()
    if isinstance(source, Problem):
        problems.append(source)
    else:
        main = _guessing(source, surroundings, shelf, partial(_main, alone=not names))
    pools = list(main.pools)
    for name in names:
        around = replace(surroundings, folder=folder, zone=main.zone)
        source = _source(folder / name, around)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        beside = _guessing(source, around, shelf, partial(_beside, defaults=main.defaults))
        pools += beside.pools
        problems += beside.problems
    return replace(main, pools=tuple(pools), problems=(*main.problems, *problems))


def _source(path: Path, surroundings: Surroundings, hint: str = "") -> Source | Problem:
    try:
        return decoded(str(path), surroundings.reading.text(path))
    except Mistake as mistake:
        return Problem(Place(str(path)), f"the file {mistake.words}", mistake.hint or hint)


def _names(folder: Path, surroundings: Surroundings) -> tuple[list[str], list[Problem]]:
    """The files of pools.d. One that only looks like one is told of: nobody shall think that it is read."""
    try:
        names = surroundings.reading.names(folder)
    except Mistake as mistake:
        return [], [Problem(Place(str(folder)), f"{BESIDE} {mistake.words}", mistake.hint)]
    ignored = [Place(str(folder / name)) for name in names if name.endswith(".yml")]
    problems = [Problem(place, f"is not read: the files of {BESIDE} end in .yaml", "rename it") for place in ignored]
    return [name for name in names if name.endswith(".yaml")], problems


def _guessing(
    source: Source, surroundings: Surroundings, shelf: Shelf, read: Callable[[Table, Part], Loaded]
) -> Loaded:
    """A file, with its runs of numbers guessed at; where the guess does not hold, as it is."""
    runs, before = Runs(source.text), (shelf.numbers, shelf.unnamed)
    if runs:
        with suppress(Doubt):
            loaded = _read(replace(source, text=runs.text), surroundings, shelf, runs, read)
            if not loaded.problems and not runs:
                return loaded
        shelf.numbers, shelf.unnamed = before
    return _read(source, surroundings, shelf, Runs(""), read)


def _read(
    source: Source, surroundings: Surroundings, shelf: Shelf, runs: Runs, read: Callable[[Table, Part], Loaded]
) -> Loaded:
    tree, told = parse(source)
    if tree is None:
        return Loaded(problems=tuple(told))
    root, unset = fill(tree, surroundings.environ, source)
    part = Part(source, Complaints(root, source, [*told, *unset]), surroundings, runs, shelf)
    if isinstance(root, Table):
        return read(root, part)
    empty = isinstance(root, Scalar) and root.text is None
    words = "the file is empty" if empty else "the file must be a mapping"
    part.complaints.tell((), words, "begin it with `version: 1`")
    return Loaded(problems=tuple(part.complaints.problems))


def _main(root: Table, part: Part, *, alone: bool) -> Loaded:
    """The config file itself. If it is alone, it must have pools."""
    complaints = part.complaints
    credentials = _credentials(root, part)
    section = _settings_section(root, part)
    check_rules(root, credentials, complaints)
    if section:
        check_pending(PolicySection(), section.defaults.policy, ("defaults", "policy"), complaints)
    settings = settings_from(section, credentials) if section and not complaints.problems else None
    defaults = section.defaults.policy if section else _defaults(root)
    zone = section.schedule.timezone if section else UTC
    pools: tuple[PoolDraft, ...] = ()
    if (listed := root.get("pools")) is not None:
        pools = read_pools(listed, defaults, replace(part, surroundings=replace(part.surroundings, zone=zone)))
    elif alone or "pools" in root.entries:
        complaints.missing(("pools",))
    return Loaded(settings, pools, tuple(complaints.problems), defaults, zone)


def _beside(root: Table, part: Part, *, defaults: PolicySection) -> Loaded:
    """A file of pools.d."""
    data = {key: plain(entry.node) for key, entry in root.entries.items()}
    listed = root.get("pools")
    try:
        BesideSection.model_validate(data if listed is None else {**data, "pools": []})
    except ValidationError as error:
        part.complaints.explain(error, BesideSection)
    pools = () if listed is None else read_pools(listed, defaults, part)
    return Loaded(pools=pools, problems=tuple(part.complaints.problems))


def _credentials(root: Table, part: Part) -> Credentials:
    """The credentials for what the file leaves out."""
    telnyx = root.get("telnyx")
    given = {key.removesuffix("_file") for key in _keys(telnyx)}
    wanted = {"api_key", "public_key"} - given
    credentials = read_credentials(part.surroundings.credentials, wanted, part.surroundings.reading)
    for mistake in credentials.mistakes:
        part.complaints.tell(("telnyx",), f"credential: {mistake.words}", mistake.hint)
    return credentials


def _keys(node: object) -> Iterable[str]:
    return (key for key in node.entries if node.get(key) is not None) if isinstance(node, Table) else ()


def _settings_section(root: Table, part: Part) -> SettingsSection | None:
    data = {key: plain(entry.node) for key, entry in root.entries.items() if key != "pools"}
    try:
        return SettingsSection.model_validate(data, context=part.surroundings)
    except ValidationError as error:
        part.complaints.explain(error, FileSection)  # its keys are those of the whole file
        return None


def _defaults(root: Table) -> PolicySection:
    """What pools start from, if that much of the file is right."""
    written = root.get("defaults")
    try:
        return DefaultsSection.model_validate(plain(written) if written else {}).policy
    except ValidationError:
        return _LENIENT
