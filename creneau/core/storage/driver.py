"""Statements sent straight to the driver: those that every booking and every listing sends.

SQLAlchemy costs about twice as much as such a statement itself. These are put into Postgres' own form once, prepared at
their first use, and answered in binary.
"""

import re
from collections.abc import Mapping
from typing import Any

from psycopg import RawCursor
from psycopg.rows import tuple_row

from creneau.core.storage.database import Transaction, driver_connection

Row = tuple[Any, ...]

_VALUE = re.compile(r"%\((\w+)\)s")


class Statement:
    """SQL with named values, written `%(name)s` as psycopg does, each as often as it is needed."""

    def __init__(self, query: str) -> None:
        names: dict[str, str] = {}
        self.text = _VALUE.sub(lambda value: names.setdefault(value[1], f"${len(names) + 1}"), query).encode()
        self.names = tuple(names)


def fetch_all(tx: Transaction, statement: Statement, values: Mapping[str, object]) -> list[Row]:
    with _send(tx, statement, values) as cursor:
        return cursor.fetchall()


def fetch_one(tx: Transaction, statement: Statement, values: Mapping[str, object]) -> Row | None:
    """Return the first row, None when there is none."""
    with _send(tx, statement, values) as cursor:
        return cursor.fetchone()


def run(tx: Transaction, statement: Statement, values: Mapping[str, object]) -> None:
    _send(tx, statement, values).close()


def _send(tx: Transaction, statement: Statement, values: Mapping[str, object]) -> RawCursor[Row]:
    cursor = RawCursor(driver_connection(tx), row_factory=tuple_row)
    in_order = [values[name] for name in statement.names]
    return cursor.execute(statement.text, in_order, prepare=True, binary=True)
