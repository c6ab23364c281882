"""Statements sent straight to the driver: those that every booking and every listing sends.

SQLAlchemy costs about twice as much as the statement itself. These are written once, prepared at their first use,
and answered in binary.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import tuple_row

from creneau.core.storage.database import Transaction, driver_connection

Values = Mapping[str, object] | Sequence[object]
Row = tuple[Any, ...]


def fetch_all(tx: Transaction, query: str, values: Values) -> list[Row]:
    with driver_connection(tx).cursor(binary=True, row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), values, prepare=True).fetchall()


def fetch_one(tx: Transaction, query: str, values: Values) -> Row | None:
    """Return the first row, None when there is none."""
    with driver_connection(tx).cursor(binary=True, row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), values, prepare=True).fetchone()


def run(tx: Transaction, query: str, values: Values) -> None:
    driver_connection(tx).execute(query.encode(), values, prepare=True)
