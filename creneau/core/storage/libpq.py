"""Statements through libpq's blocking calls, past psycopg's cursors.

A cursor costs twice what such a call does: a generator, a wait on the socket, a query object. libpq waits by itself,
and lets other threads run meanwhile; values are still put on the wire, and read, by psycopg's own adapters.
"""

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result

Row = tuple[Any, ...]

_numbers = count()
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_IN_BINARY = 1


def run_plainly(connection: psycopg.Connection[Any], statements: bytes) -> None:
    """Send statements without values in one message. Raises: `psycopg.Error`."""
    _require_done(connection, connection.pgconn.exec_(statements))


class Prepared:
    """What a connection keeps from one statement to the next: their names in Postgres, and psycopg's adapters.

    A name belongs to a statement's number and the types of its values.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.names: dict[tuple[int, tuple[int, ...]], bytes] = {}
        self.transformer = Transformer(connection)


def run_prepared(
    connection: psycopg.Connection[Any], prepared: Prepared, number: int, text: bytes, values: Sequence[object]
) -> list[Row]:
    """Send a statement, values `$1` and so on, and return its rows. Raises: `psycopg.Error`.

    It is prepared at its first use with values of such types, under a name that `prepared` keeps for the connection.
    When Postgres cannot use what was prepared any more, the transaction fails once, and it is prepared anew after that.
    """
    pgconn, transformer, names = connection.pgconn, prepared.transformer, prepared.names
    sent = transformer.dump_sequence(values, _as_adapted(len(values)))
    key = (number, transformer.types or ())
    name = names.get(key)
    if name is None:
        name = b"creneau_%d" % next(_numbers)
        _require_done(connection, pgconn.prepare(name, text, transformer.types))
        names[key] = name
    result = pgconn.exec_prepared(name, sent, transformer.formats, _IN_BINARY)  # type: ignore[arg-type]  # None is NULL
    try:
        _require_done(connection, result)
    except (FeatureNotSupported, InvalidSqlStatementName):  # a table has changed its columns, or all was deallocated
        del names[key]
        raise
    transformer.set_pgresult(result)
    try:
        return transformer.load_rows(0, result.ntuples, tuple)
    finally:
        transformer.set_pgresult(None)  # a connection that rests keeps nothing of anybody's


@cache
def _as_adapted(count: int) -> tuple[PyFormat, ...]:
    return (PyFormat.AUTO,) * count


def _require_done(connection: psycopg.Connection[Any], result: pq.abc.PGresult) -> None:
    if result.status in _DONE:
        return
    if result.error_field(pq.DiagnosticField.SQLSTATE) is None:  # libpq's own word: the connection is gone
        connection.close()  # libpq may hold it for whole, where the server had said something before it went
    if connection.pgconn.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)
