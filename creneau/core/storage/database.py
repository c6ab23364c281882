"""The connection pool and the one transaction door: every statement runs inside `Database.transaction`.

A transaction belongs to one organization. Row level security reads it from a setting that ends with the
transaction, so the next user of a pooled connection inherits nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from creneau.core.domain.ids import OrganizationId
from creneau.core.storage import libpq
from creneau.core.storage.fence import Fence
from creneau.core.storage.watch import LONGEST_SECONDS, Watch

RUNTIME_ROLE = "creneau_app"

_TRUSTED_SECONDS = 1.0
"""How long a connection that was just used is taken to live; it is found out at the latest when it is to begin."""

_GIVEN_UP = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""When the kernel takes a connection for dead. In seconds, the last in milliseconds."""

_PREPARED = "prepared_statements"

Transaction = Connection
"""An open transaction of one organization, committed or rolled back by whoever opened it."""

Lent = PoolProxiedConnection
"""A connection without a transaction, for the driver."""

_SESSION_SETTINGS = {
    "role": RUNTIME_ROLE,
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # A machine that is gone says no farewell: what it held is free when Postgres has missed it, by itself in two hours.
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    # Postgres' own choice is to plan a statement of a booking anew each time, which costs more than running it: of
    # plans for no value in particular it expects to read a share of the whole table.
    "plan_cache_mode": "force_generic_plan",
}


class Database:
    """A pool of connections that act as the runtime role, whoever logged in."""

    def __init__(self, url: str, pool_size: int = 10, longest_seconds: float = LONGEST_SECONDS) -> None:
        self.conninfo = runtime_conninfo(url)
        self._watch = Watch(longest_seconds)
        self._lost_at = -inf
        self.fence = Fence(self.conninfo, self._watch)
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(self.conninfo, autocommit=True),  # transactions are begun below
            pool_size=pool_size,
            max_overflow=0,
            pool_use_lifo=True,  # the one used last has prepared what comes, and is trusted to live
            pool_timeout=5,
            pool_reset_on_return=None,  # what is begun below is ended below
            hide_parameters=True,  # a failure's text goes to the log; what people wrote does not
        )
        self._count: Callable[[int], None] = _count_nothing
        event.listen(self._engine, "checkout", self._lend)
        event.listen(self._engine, "checkin", self._take_back)
        event.listen(self._engine, "rollback_savepoint", _forget_prepared)

    def _lend(self, connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _: object) -> None:
        self._watch.begin(record, connection)
        rests_since = record.info.get("rests_since", monotonic())
        if rests_since <= max(self._lost_at, monotonic() - _TRUSTED_SECONDS):
            _require_alive(connection)
        self._count(1)

    def _take_back(self, _: object, record: ConnectionPoolEntry) -> None:
        self._watch.end(record)
        self._count(-1)
        record.info["rests_since"] = monotonic()

    @contextmanager
    def transaction(self, organization_id: OrganizationId) -> Iterator[Transaction]:
        """Open a transaction that sees one organization; commit at the end, roll back on any exception."""
        # Two statements in one round trip; the hex digits of an id need no quoting.
        with self._between(f"begin; set local app.organization_id = '{organization_id.hex}'") as tx:
            yield tx

    @contextmanager
    def without_tenant(self) -> Iterator[Transaction]:
        """Open a transaction that sees no tenant's rows: for the narrow functions that find the tenant."""
        with self._between("begin") as tx:
            yield tx

    @contextmanager
    def _between(self, begin: str) -> Iterator[Transaction]:
        tx = self._begin(begin.encode())
        connection = driver_connection(tx)
        try:
            try:
                yield tx
            except BaseException:
                with suppress(psycopg.Error):  # the connection ended, and the transaction with it
                    libpq.run_plainly(connection, b"rollback")
                raise
            libpq.run_plainly(connection, b"commit")
        finally:
            self._give_back(tx, connection)

    def _begin(self, begin: bytes) -> Transaction:
        """Begin on a connection of the pool, on another where it turns out to have ended: nothing is in it yet."""
        try:
            return self._begin_on(self._engine.connect(), begin)
        except psycopg.OperationalError:
            return self._begin_on(self._engine.connect(), begin)

    def _begin_on(self, tx: Transaction, begin: bytes) -> Transaction:
        connection = driver_connection(tx)
        try:
            libpq.run_plainly(connection, begin)
        except BaseException:
            self._give_back(tx, connection)
            raise
        return tx

    @contextmanager
    def for_one_statement(self) -> Iterator[Lent]:
        """As `without_tenant`, for one statement that is its own transaction: one round trip, not three.

        It is the driver's alone: what SQLAlchemy has around a connection costs as much as lending it.
        """
        lent = self._engine.raw_connection()
        connection = driver_connection(lent)
        try:
            yield lent
        finally:
            self._give_back(lent, connection)

    def _give_back(self, tx: Transaction | Lent, connection: psycopg.Connection[Any]) -> None:
        """Put a connection back into the pool; not one that has ended, or could not be rolled back."""
        if connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            self._lost_at = monotonic()
            tx.invalidate()
        tx.close()

    def watch_pool(self, count: Callable[[int], None]) -> None:
        """Have 1 and -1 counted whenever a connection leaves the pool and comes back."""
        self._count = count

    def close(self) -> None:
        self.fence.close()
        self._engine.dispose()
        self._watch.close()


def _count_nothing(_: int) -> None:
    """Nobody watches."""


def _require_alive(connection: psycopg.Connection[Any]) -> None:
    """Ask a connection that has rested for a while, or since before another was lost, whether it still lives.

    If not, the pool replaces it and all of its age. SQLAlchemy's own `pool_pre_ping` asks each time, which costs every
    transaction a round trip.
    """
    try:
        connection.execute(";")
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def driver_connection(tx: Transaction | Lent) -> psycopg.Connection[Any]:
    """Return the psycopg connection under a transaction, for the job queue to write in it."""
    connection = (tx.connection if isinstance(tx, Connection) else tx).driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 - the engine is built on psycopg above
    return connection


def prepared_statements(tx: Transaction | Lent) -> libpq.Prepared:
    """Return what the connection under a transaction has prepared past psycopg."""
    prepared: libpq.Prepared | None = tx.info.get(_PREPARED)
    if prepared is None:
        prepared = tx.info[_PREPARED] = libpq.Prepared(driver_connection(tx))
    return prepared


def _forget_prepared(tx: Transaction, *_: object) -> None:
    """psycopg answers every rollback that it sees with DEALLOCATE ALL. What a lost connection had went with it."""
    if not tx.invalidated:
        tx.info.pop(_PREPARED, None)


def runtime_conninfo(url: str) -> str:
    """Return a libpq conninfo that logs in by the URL and then acts as the runtime role with bounded waits."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION_SETTINGS.items())
    return psycopg.conninfo.make_conninfo(plain, options=options, **_GIVEN_UP)
