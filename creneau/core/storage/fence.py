"""What one process holds against all others: advisory locks that live as long as a connection of its own.

A worker that was frozen still holds what it had begun when it wakes up; one that was killed holds nothing, because
Postgres ends its connection. Needs a session: no pooler that lends connections by transaction.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg

from creneau.core.storage.watch import Watch

_TRY = "select name::uuid, pg_try_advisory_lock(hashtextextended(name, 2)) from unnest(%s::text[]) as name"
_RELEASE = "select name::uuid, pg_advisory_unlock(hashtextextended(name, 2)) from unnest(%s::text[]) as name"


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
        with self.hold_some((name,)) as held:
            yield bool(held)

    @contextmanager
    def hold_some(self, names: Collection[UUID]) -> Iterator[frozenset[UUID]]:
        """Hold those of the names that nobody else holds for the time of the block; yield which these are."""
        held = self._take(names)
        try:
            yield held
        finally:
            if held:
                self._give_back(held)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _take(self, names: Collection[UUID]) -> frozenset[UUID]:
        with self._lock:
            # A session may take its own lock twice, so what this process holds is asked here.
            free = [name for name in names if name not in self._held]
            try:
                taken = self._ask(_TRY, free)
            except psycopg.OperationalError:  # the connection ended while it rested, and the locks with it
                taken = self._ask(_TRY, free)
            self._held |= taken
            return taken

    def _give_back(self, names: frozenset[UUID]) -> None:
        with self._lock:
            self._held -= names
            with suppress(psycopg.OperationalError):  # the connection ended, and the locks with it
                self._ask(_RELEASE, names)

    def _ask(self, query: str, names: Collection[UUID]) -> frozenset[UUID]:
        if not names:
            return frozenset()
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
        self._watch.begin(self, self._connection)
        try:
            rows = self._connection.execute(query.encode(), ([str(name) for name in names],)).fetchall()
        finally:
            self._watch.end(self)
        return frozenset(name for name, is_done in rows if is_done)
