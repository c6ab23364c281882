"""Queries on daily digests. A row a person and day is what makes it one message; what is due is leased by time."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.preferences import DigestLease
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import daily_digests as digests


class DigestState(StrEnum):
    DUE = "DUE"
    SENT = "SENT"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


def claim_due(tx: Transaction, at: datetime, lease: timedelta, most: int) -> list[DigestLease]:
    """Lease digests that are due, of all organizations. Needs no tenant."""
    rows = tx.execute(
        text("select organization_id, user_id, day, attempt from claim_due_digests(:at, :lease, :most)"),
        {"at": at, "lease": lease, "most": most},
    )
    return [DigestLease(OrganizationId(row[0]), UserId(row[1]), row[2], row[3]) for row in rows]


def is_held(tx: Transaction, lease: DigestLease) -> bool:
    """Tell whether a lease is still the current one, and lock its row."""
    return tx.execute(select(digests.c.day).where(_is_held_by(lease)).with_for_update()).first() is not None


def finish(tx: Transaction, lease: DigestLease, state: DigestState, at: datetime, error: str | None = None) -> bool:
    """Record the outcome of a lease; False when it had run out and another sender took over."""
    done = tx.execute(update(digests).where(_is_held_by(lease)).values(state=state, error_message=error, updated_at=at))
    return done.rowcount == 1


def postpone(tx: Transaction, lease: DigestLease, until: datetime, at: datetime, error: str) -> None:
    """Give a lease back after a failure, to be claimed again from `until` on."""
    tx.execute(update(digests).where(_is_held_by(lease)).values(due_at=until, error_message=error, updated_at=at))


def drop_unclaimed(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> None:
    """Take back the digests that nobody has begun to send."""
    tx.execute(
        delete(digests).where(_of(organization_id, user_id), digests.c.state == DigestState.DUE, digests.c.attempt == 0)
    )


def find_last_day(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> date | None:
    last: date | None = tx.scalar(select(func.max(digests.c.day)).where(_of(organization_id, user_id)))
    return last


def plan(
    tx: Transaction, organization_id: OrganizationId, user_id: UserId, day: date, due_at: datetime, at: datetime
) -> None:
    """Write the digest of a day, unless that day has its own already."""
    tx.execute(
        insert(digests)
        .values(
            organization_id=organization_id,
            user_id=user_id,
            day=day,
            due_at=due_at,
            state=DigestState.DUE,
            updated_at=at,
        )
        .on_conflict_do_nothing()
    )


def _of(organization_id: OrganizationId, user_id: UserId) -> ColumnElement[bool]:
    return and_(digests.c.organization_id == organization_id, digests.c.user_id == user_id)


def _is_held_by(lease: DigestLease) -> ColumnElement[bool]:
    return and_(
        _of(lease.organization_id, lease.user_id),
        digests.c.day == lease.day,
        digests.c.state == DigestState.DUE,
        digests.c.attempt == lease.attempt,
    )
