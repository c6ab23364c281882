"""What one process holds against all others: advisory locks that live as long as a connection of its own.

A worker that was frozen still holds what it had begun when it wakes up; one that was killed holds nothing, because
Postgres ends its connection. Needs a session: no pooler that lends connections by transaction.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg

from creneau.core.storage.watch import Watch

_TRY = "select pg_try_advisory_lock(hashtextextended(%s, 2))"
_RELEASE = "select pg_advisory_unlock(hashtextextended(%s, 2))"


class Fence:
    """Opened at its first use, and again when Postgres ended it. Safe for many threads."""

    def __init__(self, conninfo: str, watch: Watch | None = None) -> None:
        self._conninfo = conninfo
        self._watch = watch or Watch()
        self._lock = threading.Lock()
        self._held: set[UUID] = set()
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def hold(self, name: UUID) -> Iterator[bool]:
        """Hold a name for the time of the block; false when somebody else holds it, in this process or another."""
        is_ours = self._take(name)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._give_back(name)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _take(self, name: UUID) -> bool:
        with self._lock:
            # A session may take its own lock twice, so what this process holds is asked here.
            if name in self._held or not self._ask(_TRY, name):
                return False
            self._held.add(name)
            return True

    def _give_back(self, name: UUID) -> None:
        with self._lock:
            self._held.discard(name)
            with suppress(psycopg.OperationalError):  # the connection ended, and the lock with it
                self._ask(_RELEASE, name)

    def _ask(self, query: str, name: UUID) -> bool:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
        self._watch.begin(self, self._connection)
        try:
            row = self._connection.execute(query.encode(), (str(name),)).fetchone()
        finally:
            self._watch.end(self)
        return row is not None and bool(row[0])
