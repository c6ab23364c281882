"""Queries on exceptions to consultants' rules. `storage.agenda` lists them."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from creneau.core.domain.errors import TimeOffNotFound
from creneau.core.domain.ids import ExceptionId, OrganizationId, UserId
from creneau.core.domain.time_off import ExceptionKind, TimeOff
from creneau.core.storage.database import Transaction
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
