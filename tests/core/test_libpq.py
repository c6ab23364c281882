"""Statements past psycopg's cursors: what must hold whatever happened on the connection before."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from creneau.core.storage import driver, libpq
from creneau.core.storage.database import Database, Transaction, prepared_statements
from creneau.core.storage.driver import Statement
from tests.conftest import Centre, Urls

ECHO = Statement("select %(value)s")
HALVE = Statement("select 1 / cast(%(value)s as integer)")
PID = Statement("select pg_backend_pid()")


def echo(tx: Transaction, value: object) -> object:
    row = driver.fetch_one(tx, ECHO, {"value": value})
    assert row is not None
    return row[0]


@pytest.fixture
def alone(worker_urls: Urls):
    """A pool of one connection, so that each transaction meets what the one before left."""
    database = Database(worker_urls.runtime, pool_size=1)
    yield database
    database.close()


def test_values_of_every_type_come_back(alone: Database, centre: Centre):
    values = [1, 2**40, "é", uuid4(), datetime(2026, 12, 1, 9, tzinfo=UTC), True, [uuid4()], None, 2]
    with alone.transaction(centre.organization.id) as tx:
        assert [echo(tx, value) for value in values] == values


def test_a_connection_keeps_nothing_of_what_it_was_answered(alone: Database, centre: Centre):
    with alone.transaction(centre.organization.id) as tx:
        assert echo(tx, "a name") == "a name"
        assert prepared_statements(tx).transformer.pgresult is None


def test_what_was_prepared_outlives_a_savepoint_and_a_failure(alone: Database, centre: Centre):
    with alone.transaction(centre.organization.id) as tx:
        for _ in range(7):  # psycopg prepares of its own accord what it has seen five times
            tx.exec_driver_sql("select 1")
        echo(tx, "before")
        tx.begin_nested().rollback()
        assert echo(tx, "after") == "after"
    with pytest.raises(psycopg.errors.DivisionByZero), alone.transaction(centre.organization.id) as tx:
        driver.run(tx, HALVE, {"value": 0})
    with alone.transaction(centre.organization.id) as tx:
        assert echo(tx, "again") == "again"
        assert driver.fetch_one(tx, HALVE, {"value": 1}) == (1,)


def test_a_failure_writes_nothing(alone: Database, centre: Centre):
    rename = Statement("update organizations set name = 'Other' where id = %(id)s")
    with pytest.raises(psycopg.errors.DivisionByZero), alone.transaction(centre.organization.id) as tx:  # noqa: PT012
        driver.run(tx, rename, {"id": centre.organization.id})
        driver.run(tx, HALVE, {"value": 0})
    with alone.transaction(centre.organization.id) as tx:
        found = driver.fetch_one(tx, Statement("select name from organizations"), {})
    assert found == (centre.organization.name,)


def test_a_connection_that_ends_is_an_operational_failure_and_is_replaced(
    alone: Database, centre: Centre, worker_urls: Urls
):
    with pytest.raises(psycopg.OperationalError), alone.transaction(centre.organization.id) as tx:  # noqa: PT012
        pid = driver.fetch_one(tx, PID, {})
        with psycopg.connect(worker_urls.owner, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", pid)
        echo(tx, "lost")
    with alone.transaction(centre.organization.id) as tx:
        assert echo(tx, "there") == "there"


def test_connections_that_ended_while_they_rested_are_replaced_before_anything_is_done_in_them(
    centre: Centre, worker_urls: Urls
):
    database = Database(worker_urls.runtime, pool_size=3)
    with ExitStack() as stack:
        all_of_them = [stack.enter_context(database.transaction(centre.organization.id)) for _ in range(3)]
        pids = [driver.fetch_one(tx, PID, {}) for tx in all_of_them]
    with psycopg.connect(worker_urls.owner, autocommit=True) as other:
        for pid in pids:
            other.execute("select pg_terminate_backend(%s, 5000)", pid)
    with ExitStack() as stack:
        for tx in [stack.enter_context(database.transaction(centre.organization.id)) for _ in range(3)]:
            assert echo(tx, "there") == "there"
    database.close()


@pytest.mark.parametrize("change", ["alter table pg_temp.changing alter column value type text", "deallocate all"])
def test_what_postgres_cannot_use_any_more_is_prepared_anew(alone: Database, centre: Centre, change: str):
    read = Statement("select * from pg_temp.changing")
    with alone.transaction(centre.organization.id) as tx:
        tx.exec_driver_sql("create temporary table changing as select 1 as value")
        assert driver.fetch_one(tx, read, {}) == (1,)
    with alone.transaction(centre.organization.id) as tx:
        tx.exec_driver_sql(change)
    with pytest.raises(psycopg.Error), alone.transaction(centre.organization.id) as tx:
        driver.fetch_one(tx, read, {})
    with alone.transaction(centre.organization.id) as tx:
        assert str(driver.fetch_one(tx, read, {})[0]) == "1"


def test_a_server_that_says_something_and_is_gone_is_an_operational_failure():
    """As Postgres does when it is stopped at once: a warning, and nothing after it."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        greeted = pool.submit(_greet, server)
        port = server.getsockname()[1]
        connection = psycopg.connect(f"host=127.0.0.1 port={port} user=u dbname=d sslmode=disable", autocommit=True)
        line = greeted.result()
        line.sendall(_framed(b"N", b"SWARNING\0Mstopped at once\0\0"))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
    with pytest.raises(psycopg.OperationalError):
        libpq.run_plainly(connection, b"begin")
    assert connection.closed


def _greet(server: socket.socket) -> socket.socket:
    """Take a client as Postgres does that asks for no password."""
    line, _ = server.accept()
    line.recv(1024)
    line.sendall(_framed(b"R", struct.pack("!i", 0)) + _framed(b"S", b"client_encoding\0UTF8\0") + _framed(b"Z", b"I"))
    return line


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
