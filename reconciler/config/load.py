"""load: from a file's text to its settings, its pools and every problem in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from reconciler.config.complaints import Complaints
from reconciler.config.credentials import Credentials, read_credentials
from reconciler.config.pools import read_pools
from reconciler.config.rules import check_rules
from reconciler.config.schema import PolicySection, SettingsSection
from reconciler.config.settings import settings_from
from reconciler.config.source import Source
from reconciler.config.tree import Scalar, Table, plain
from reconciler.config.variables import fill
from reconciler.config.yaml import parse
from reconciler.model.errors import Problem
from reconciler.model.pools import PoolDraft
from reconciler.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file refers to: variables, files beside it, systemd's credentials."""

    environ: Mapping[str, str]
    folder: Path
    """The config file's own."""
    credentials: Path | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file's text says."""

    settings: Settings | None = None
    """None if anything but a pool has a problem."""
    pools: tuple[PoolDraft, ...] = ()
    problems: tuple[Problem, ...] = ()
    """As found: neither sorted nor each once."""


def load(source: Source, surroundings: Surroundings) -> Loaded:
    """Read it all: a problem in one part hides none in another."""
    tree, malformed = parse(source)
    if tree is None:
        return Loaded(problems=tuple(malformed))
    root, unset = fill(tree, surroundings.environ, source)
    complaints = Complaints(root, source)
    if not isinstance(root, Table):
        empty = isinstance(root, Scalar) and root.text is None
        complaints.tell(
            (), "the file is empty" if empty else "the file must be a mapping", "it begins with `version: 1`"
        )
        return Loaded(problems=(*malformed, *unset, *complaints.problems))
    credentials = _credentials(root, surroundings, complaints)
    section = _settings_section(root, surroundings.folder, complaints)
    check_rules(root, credentials, complaints)
    sound = section is not None and not (malformed or unset or complaints.problems)
    settings = settings_from(section, credentials) if section and sound else None
    pools = read_pools(root, section.defaults.policy if section else PolicySection(), source, complaints)
    return Loaded(settings, pools, (*malformed, *unset, *complaints.problems))


def _credentials(root: Table, surroundings: Surroundings, complaints: Complaints) -> Credentials:
    """The credentials for what the file leaves out."""
    telnyx = root.get("telnyx")
    given = {key.removesuffix("_file") for key in _keys(telnyx)}
    credentials = read_credentials(surroundings.credentials, {"api_key", "public_key"} - given)
    for mistake in credentials.mistakes:
        complaints.tell(("telnyx",), f"credential: {mistake.words}", mistake.hint)
    return credentials


def _keys(node: object) -> Iterable[str]:
    return (key for key in node.entries if node.get(key) is not None) if isinstance(node, Table) else ()


def _settings_section(root: Table, folder: Path, complaints: Complaints) -> SettingsSection | None:
    data = {key: plain(entry.node) for key, entry in root.entries.items() if key != "pools"}
    try:
        return SettingsSection.model_validate(data, context=folder)
    except ValidationError as error:
        complaints.explain(error.errors(include_url=False, include_input=False))
        return None
