"""writer: group commit. All jobs that wait share one transaction and one fsync, and are answered after it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reconciler.model.errors import StoreError
from reconciler.store.lanes import Task
from reconciler.store.soundness import Soundness


class Writer:
    """The work of the writing lane. It alone uses the one connection that may write."""

    def __init__(self, connection: Connection, soundness: Soundness) -> None:
        self._connection = connection
        self._soundness = soundness

    def __call__(self, tasks: list[Task[Any]]) -> None:
        """Do them all. A job whose caller has given up before it began is left out."""
        taken = [task for task in tasks if task.future.set_running_or_notify_cancel()]
        if taken:
            self._answer(taken)

    def _answer(self, tasks: list[Task[Any]]) -> None:
        try:
            results = self._commit(tasks)
        except StoreError as trouble:
            # The store's own trouble, for all alike. It is not tried again here: after a failed write to the disk,
            # a second commit of the same pages may only seem to succeed.
            for task in tasks:
                task.future.set_exception(type(trouble)(str(trouble), trouble.hint))
        except Exception as error:  # noqa: BLE001 -- whatever a job raises is for its caller
            if len(tasks) == 1:
                tasks[0].future.set_exception(_outward(error))
            else:  # one bad job fails alone: halve until it is found
                middle = len(tasks) // 2
                self._answer(tasks[:middle])
                self._answer(tasks[middle:])
        else:
            for task, result in zip(tasks, results, strict=True):
                task.future.set_result(result)

    def _commit(self, tasks: list[Task[Any]]) -> list[object]:
        self._soundness.see()
        try:
            with self._connection.begin():
                return [task.job(self._connection) for task in tasks]
        except SQLAlchemyError as error:
            trouble = self._soundness.told(error)
            if trouble is None:
                raise
            raise trouble from None


def _outward(error: Exception) -> Exception:
    """A library's exception ends here; a job's own goes to its caller as it is."""
    if isinstance(error, SQLAlchemyError):
        return StoreError(f"the store refused what was written: {getattr(error, 'orig', None) or type(error).__name__}")
    return error
