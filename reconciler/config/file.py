"""The config file, as the rest of the service asks for it: read as often as one likes, and it never raises."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from reconciler.config.complaints import in_order
from reconciler.config.disk import any_yaml, read_bounded
from reconciler.config.load import Loaded, Surroundings, load
from reconciler.config.mistake import Mistake
from reconciler.config.source import Source, decoded
from reconciler.model.errors import Place, Problem
from reconciler.model.settings import Draft

FILE_BYTES = 4 * 1024 * 1024


_HINT = "name the config with -c FILE or $TENDLC_CONFIG"


class ConfigFile:
    """The config file at a path. It is a `ports.PoolsFile`.

    `environ` fills in `${NAME}`; `credentials_dir` is systemd's `$CREDENTIALS_DIRECTORY`, where there is one.
    """

    def __init__(self, path: Path, environ: Mapping[str, str], credentials_dir: Path | None = None) -> None:
        self.path = path
        self._surroundings = Surroundings(environ, path.parent, credentials_dir)

    def read(self) -> Draft:
        """What the file says now, with every problem found, in the order of the file. Raises nothing.

        Problems of the pools' names, campaigns and numbers are not among them: `decide.declare` finds those.
        """
        try:
            content = read_bounded(self.path, FILE_BYTES)
        except Mistake as mistake:
            content, loaded = (
                b"",
                self._failed(Problem(self._start, f"the file {mistake.words}", mistake.hint or _HINT)),
            )
        else:
            source = decoded(str(self.path), content)
            loaded = load(source, self._surroundings) if isinstance(source, Source) else self._failed(source)
        return Draft(
            path=self.path,
            revision=hashlib.sha256(content).hexdigest(),
            settings=loaded.settings,
            pools=loaded.pools,
            problems=in_order((*loaded.problems, *self._beside())),
        )

    @property
    def _start(self) -> Place:
        return Place(str(self.path))

    def _failed(self, problem: Problem) -> Loaded:
        return Loaded(problems=(problem,))

    def _beside(self) -> tuple[Problem, ...]:
        """Files whose pools would be merged: the day that is built, nobody shall have thought that it was before."""
        found = any_yaml(self.path.parent / "pools.d")
        if found is None:
            return ()
        return (Problem(Place(str(found)), "pools.d: not supported yet", f"move its pools into {self.path}"),)
