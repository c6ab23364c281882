"""Queries on how the reading of a consultant's account goes: who is at it, what failed, when it is due again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from creneau.core.domain.calendar import PushFailure
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.time import Span
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import calendar_links as links
from creneau.core.storage.tables import session_bookings as bookings


@dataclass(frozen=True, slots=True)
class ReadingState:
    """`failures` in a row, the last one `failure`; `stale_told_at` when the consultant was told of it."""

    failures: int
    failure: PushFailure | None
    failed_at: datetime | None
    stale_told_at: datetime | None


def begin(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, at: datetime, given_up_before: datetime
) -> bool:
    """Take an account to read it, unless somebody has it since the second instant; tell whether it was taken."""
    taken = tx.execute(
        update(links)
        .where(
            _of(organization_id, consultant_id),
            or_(links.c.reading_since.is_(None), links.c.reading_since < given_up_before),
        )
        .values(reading_since=at)
    )
    return taken.rowcount == 1


def end(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    tx.execute(update(links).where(_of(organization_id, consultant_id)).values(reading_since=None))


def find(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> ReadingState | None:
    query = select(links.c.read_failures, links.c.read_failure, links.c.read_failed_at, links.c.stale_told_at)
    row = tx.execute(query.where(_of(organization_id, consultant_id)).with_for_update()).first()
    if row is None:
        return None
    failures, failure, failed_at, told_at = row
    return ReadingState(failures, PushFailure(failure) if failure else None, failed_at, told_at)


def record_success(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    tx.execute(
        update(links)
        .where(_of(organization_id, consultant_id))
        .values(read_failures=0, read_failure=None, read_failed_at=None, read_next_at=None)
    )


def record_failure(
    tx: Transaction,
    organization_id: OrganizationId,
    consultant_id: UserId,
    failure: PushFailure,
    at: datetime,
    next_at: datetime,
) -> None:
    tx.execute(
        update(links)
        .where(_of(organization_id, consultant_id))
        .values(read_failures=links.c.read_failures + 1, read_failure=failure, read_failed_at=at, read_next_at=next_at)
    )


def record_told(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, at: datetime | None) -> None:
    """Remember that the consultant was told that reading fails; None: that it is well again."""
    tx.execute(update(links).where(_of(organization_id, consultant_id)).values(stale_told_at=at))


def list_own_spans(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, ends_after: datetime
) -> dict[BookingId, Span]:
    """Return when a consultant's bookings are, those that end after an instant, whatever became of them."""
    query = select(bookings.c.id, bookings.c.starts_at, bookings.c.ends_at).where(
        bookings.c.organization_id == organization_id,
        bookings.c.consultant_id == consultant_id,
        bookings.c.ends_at > ends_after,
    )
    return {BookingId(row.id): Span(row.starts_at, row.ends_at) for row in tx.execute(query)}


def _of(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    mine = (links.c.organization_id == organization_id) & (links.c.consultant_id == consultant_id)
    return mine & links.c.leaving_at.is_(None)
