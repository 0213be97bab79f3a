"""The store: everything that is remembered, in one SQLite file. `open_store` is the way in."""

from reconciler.store.lanes import Inline, Thread
from reconciler.store.meta import Counts
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore

__all__ = ["Counts", "Inline", "SqlStore", "Thread", "open_store"]
