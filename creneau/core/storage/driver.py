"""Statements sent straight to the driver: those that every booking and every listing sends.

SQLAlchemy costs about twice as much as such a statement itself. These are put into Postgres' own form once, prepared at
their first use, and answered in binary.
"""

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Select, any_, bindparam
from sqlalchemy.dialects.postgresql import psycopg

from creneau.core.storage import libpq
from creneau.core.storage.database import Lent, Transaction, driver_connection, prepared_statements

Row = libpq.Row

_DIALECT = psycopg.dialect()  # type: ignore[no-untyped-call]
_VALUE = re.compile(r"%\((\w+)\)s")
_numbers = count()


class Statement:
    """SQL with named values, written `%(name)s` as psycopg does, each as often as it is needed."""

    def __init__(self, query: str) -> None:
        names: dict[str, str] = {}
        self.text = _VALUE.sub(lambda value: names.setdefault(value[1], f"${len(names) + 1}"), query).encode()
        self.names = tuple(names)
        self.number = next(_numbers)


class Query(Statement):
    """A `select` of SQLAlchemy's, with a `bindparam` for each value, put into SQL once: that takes long."""

    def __init__(self, select: Select[Any]) -> None:
        compiled = select.compile(dialect=_DIALECT)
        super().__init__(str(compiled))
        self.columns = tuple(column.name for column in select.selected_columns)
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}


def is_one_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Compare a column with the list that is given under a name."""
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def fetch_mappings(tx: Transaction | Lent, query: Query, values: Mapping[str, object]) -> list[dict[str, Any]]:
    rows = fetch_all(tx, query, {**query.constants, **values})
    return [dict(zip(query.columns, row, strict=True)) for row in rows]


def fetch_all(tx: Transaction | Lent, statement: Statement, values: Mapping[str, object]) -> list[Row]:
    in_order = [values[name] for name in statement.names]
    return libpq.run_prepared(
        driver_connection(tx), prepared_statements(tx), statement.number, statement.text, in_order
    )


def fetch_one(tx: Transaction | Lent, statement: Statement, values: Mapping[str, object]) -> Row | None:
    """Return the first row, None when there is none."""
    rows = fetch_all(tx, statement, values)
    return rows[0] if rows else None


def run(tx: Transaction, statement: Statement, values: Mapping[str, object]) -> None:
    fetch_all(tx, statement, values)
