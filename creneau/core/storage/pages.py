"""Part of a list: counted and cut by Postgres, in two statements however long the list is."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select

from creneau.core.domain.listing import Item, Page, Paging
from creneau.core.storage.database import Transaction


def read_page(
    tx: Transaction,
    query: Select[Any],
    order: Sequence[ColumnElement[Any]],
    paging: Paging,
    to_item: Callable[[RowMapping], Item],
) -> Page[Item]:
    """Return the page of a query in an order, which must leave no two rows equal."""
    total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = tx.execute(query.order_by(*order).limit(paging.limit).offset(paging.offset)).mappings()
    return Page(tuple(to_item(row) for row in rows), total)
