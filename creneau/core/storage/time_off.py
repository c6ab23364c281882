"""Queries on exceptions to consultants' rules. What the engine needs of them is read by `storage.offerings`."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, insert, select, update

from creneau.core.domain.errors import TimeOffNotFound
from creneau.core.domain.ids import ExceptionId, OrganizationId, UserId
from creneau.core.domain.listing import Days, Page, Paging
from creneau.core.domain.time_off import ExceptionKind, TimeOff
from creneau.core.storage.database import Transaction
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import availability_exceptions as exceptions


def add(tx: Transaction, time_off: TimeOff, at: datetime) -> None:
    tx.execute(
        insert(exceptions).values(
            organization_id=time_off.organization_id,
            id=time_off.id,
            consultant_id=time_off.consultant_id,
            kind=time_off.kind,
            first_date=time_off.first_date,
            last_date=time_off.last_date,
            start_time=time_off.start_time,
            end_time=time_off.end_time,
            timezone=time_off.timezone,
            created_at=at,
        )
    )


def get(tx: Transaction, organization_id: OrganizationId, exception_id: ExceptionId) -> TimeOff:
    """Raises: `time_off.not_found`."""
    row = tx.execute(select(exceptions).where(_is(organization_id, exception_id))).mappings().first()
    if row is None:
        raise TimeOffNotFound
    return _to_time_off(row)


def get_made(tx: Transaction, organization_id: OrganizationId, exception_id: UUID) -> TimeOff:
    """Return an exception that was made, also when it was taken away since."""
    query = select(exceptions).where(exceptions.c.organization_id == organization_id, exceptions.c.id == exception_id)
    return _to_time_off(tx.execute(query).mappings().one())


def list_of_consultant(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, first: date, last: date
) -> list[TimeOff]:
    """Return a consultant's exceptions that touch the days from `first` to `last`, in the order of their days."""
    query = select(exceptions).where(
        exceptions.c.organization_id == organization_id,
        exceptions.c.consultant_id == consultant_id,
        exceptions.c.deleted_at.is_(None),
        exceptions.c.last_date >= first,
        exceptions.c.first_date <= last,
    )
    rows = tx.execute(query.order_by(exceptions.c.first_date, exceptions.c.id)).mappings()
    return [_to_time_off(row) for row in rows]


def list_page(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId | None, days: Days, paging: Paging
) -> Page[TimeOff]:
    """Return the exceptions, of one consultant or of all, that touch some days, in their order."""
    query = select(exceptions).where(exceptions.c.organization_id == organization_id, exceptions.c.deleted_at.is_(None))
    if consultant_id is not None:
        query = query.where(exceptions.c.consultant_id == consultant_id)
    if days.first is not None:
        query = query.where(exceptions.c.last_date >= days.first)
    if days.last is not None:
        query = query.where(exceptions.c.first_date <= days.last)
    return read_page(tx, query, (exceptions.c.first_date, exceptions.c.id), paging, _to_time_off)


def _to_time_off(row: RowMapping) -> TimeOff:
    return TimeOff(
        ExceptionId(row["id"]),
        OrganizationId(row["organization_id"]),
        UserId(row["consultant_id"]),
        ExceptionKind(row["kind"]),
        row["first_date"],
        row["last_date"],
        row["start_time"],
        row["end_time"],
        row["timezone"],
    )


def delete(tx: Transaction, organization_id: OrganizationId, exception_id: ExceptionId, at: datetime) -> None:
    tx.execute(update(exceptions).where(_is(organization_id, exception_id)).values(deleted_at=at))


def _is(organization_id: OrganizationId, exception_id: ExceptionId) -> ColumnElement[bool]:
    return (
        (exceptions.c.organization_id == organization_id)
        & (exceptions.c.id == exception_id)
        & exceptions.c.deleted_at.is_(None)
    )
