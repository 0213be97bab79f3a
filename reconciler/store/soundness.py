"""soundness: whether this process may still write the store: what its writer and its readers found out, for both."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from reconciler.model.errors import StoreError
from reconciler.store.troubles import Damaged, told


class Soundness:
    """Once damage was found, whoever found it, nothing more is written by this process.

    `check` says whether the files are still those that were opened; it raises Damaged if they are not.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self._check = check
        self._damage: Damaged | None = None

    def see(self) -> None:
        """Before each write. Raises Damaged."""
        if self._damage is None:
            try:
                self._check()
            except Damaged as damage:
                self._damage = damage
        if self._damage is not None:
            raise type(self._damage)(str(self._damage), self._damage.hint)

    def told(self, error: SQLAlchemyError) -> StoreError | None:
        """The trouble that an error tells of, noted if it is damage; None: the statement was at fault."""
        trouble = told(error)
        if isinstance(trouble, Damaged) and self._damage is None:
            self._damage = trouble
        return trouble
