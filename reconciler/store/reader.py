"""reader: questions, each in a transaction of its own that sees every commit before it, beside the writer (WAL)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reconciler.model.errors import StoreError
from reconciler.store.lanes import Task
from reconciler.store.soundness import Soundness


class Reader:
    """The work of the reading lane. Its connection cannot write."""

    def __init__(self, connection: Connection, soundness: Soundness) -> None:
        self._connection = connection
        self._soundness = soundness

    def __call__(self, tasks: list[Task[Any]]) -> None:
        """Answer each."""
        for task in tasks:
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                with self._connection.begin():
                    result = task.job(self._connection)
            except SQLAlchemyError as error:
                trouble = self._soundness.told(error) or StoreError(
                    f"the store could not be read: {type(error).__name__}"
                )
                task.future.set_exception(trouble)
            except Exception as error:  # noqa: BLE001 -- whatever a job raises is its caller's
                task.future.set_exception(error)
            else:
                task.future.set_result(result)
