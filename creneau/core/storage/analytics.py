"""Queries on analytics: the sessions of a consultant's days, the rows made from them, and the locks around both."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, bindparam, delete, or_, select, text, union
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.analytics import AnalyticsRow, SessionAnalytics, SessionOutcome
from creneau.core.domain.booking import Status
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.listing import Days, Page, Paging
from creneau.core.domain.time import Span
from creneau.core.storage.database import Transaction
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import session_analytics as analytics
from creneau.core.storage.tables import session_bookings as bookings
from creneau.core.storage.tables import users

_LOCK_DAY = text(
    "select pg_advisory_xact_lock_shared(hashtextextended(:organization, 0)),"
    " pg_advisory_xact_lock(hashtextextended(:day, 0))"
)
_LOCK_ORGANIZATION = text("select pg_advisory_xact_lock(hashtextextended(:organization, 0))")
_NUMBERS = (
    "total_sessions_scheduled",
    "total_sessions_completed",
    "total_sessions_no_show",
    "total_sessions_cancelled",
    "average_rating",
    "total_hours_completed",
)


_ZONE = select(users.c.timezone).where(
    users.c.organization_id == bindparam("organization_id"), users.c.id == bindparam("consultant_id")
)
_OUTCOMES = select(
    bookings.c.starts_at, bookings.c.duration_minutes, bookings.c.status, bookings.c.beneficiary_rating
).where(
    bookings.c.organization_id == bindparam("organization_id"),
    bookings.c.consultant_id == bindparam("consultant_id"),
    bookings.c.deleted_at.is_(None),
)
_OUTCOMES_WITHIN = _OUTCOMES.where(
    bookings.c.starts_at >= bindparam("starts_at"), bookings.c.starts_at < bindparam("ends_at")
)
_ADD = insert(analytics)
_SAVE = _ADD.on_conflict_do_update(
    index_elements=["organization_id", "consultant_id", "session_date"],
    set_={name: _ADD.excluded[name] for name in (*_NUMBERS, "updated_at")},
    where=or_(*(analytics.c[name].is_distinct_from(_ADD.excluded[name]) for name in _NUMBERS)),
)
"""Built once: to put a statement together costs as much as to send it."""


def lock_day(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, day: date) -> None:
    """Let nobody else bring this day up to date until commit. Several days are locked in their order."""
    tx.execute(
        _LOCK_DAY, {"organization": _name(organization_id), "day": f"analytics {consultant_id} {day.isoformat()}"}
    )


def lock_organization(tx: Transaction, organization_id: OrganizationId) -> None:
    """Wait for every `lock_day` of the organization to end, and let none begin until commit."""
    tx.execute(_LOCK_ORGANIZATION, {"organization": _name(organization_id)})


def get_zone(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> ZoneInfo:
    """Return the zone of a consultant, also of one who has left."""
    values = {"organization_id": organization_id, "consultant_id": consultant_id}
    return ZoneInfo(tx.execute(_ZONE, values).scalar_one())


def list_consultants(tx: Transaction, organization_id: OrganizationId) -> list[UserId]:
    """Return those who have sessions, or rows from sessions they had."""
    query = union(
        select(bookings.c.consultant_id).where(bookings.c.organization_id == organization_id),
        select(analytics.c.consultant_id).where(analytics.c.organization_id == organization_id),
    )
    return [UserId(consultant_id) for (consultant_id,) in tx.execute(query)]


def list_outcomes(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, span: Span | None = None
) -> list[SessionOutcome]:
    """Return a consultant's sessions that start within a span, or all of them, in every state."""
    values = {"organization_id": organization_id, "consultant_id": consultant_id}
    bounds = {"starts_at": span.starts_at, "ends_at": span.ends_at} if span else {}
    return [
        SessionOutcome(starts_at, minutes, Status(status), rating)
        for starts_at, minutes, status, rating in tx.execute(
            _OUTCOMES_WITHIN if span else _OUTCOMES, {**values, **bounds}
        )
    ]


def save(
    tx: Transaction, organization_id: OrganizationId, row: SessionAnalytics, now: datetime, new_id: Callable[[], UUID]
) -> None:
    """Write a day's row over the one there was; one that says the same already stays as it is."""
    numbers = {name: getattr(row, name) for name in _NUMBERS}
    values = {
        "consultant_id": row.consultant_id,
        "session_date": row.session_date,
        "created_at": now,
        "updated_at": now,
    }
    tx.execute(_SAVE, {"organization_id": organization_id, "id": new_id(), **values, **numbers})


def remove_days(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, days: list[date]) -> None:
    """Remove the rows of days on which nothing is left."""
    tx.execute(
        delete(analytics).where(
            analytics.c.organization_id == organization_id,
            analytics.c.consultant_id == consultant_id,
            analytics.c.session_date.in_(days),
        )
    )


def list_days(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> list[date]:
    """Return the days of which a consultant has rows."""
    query = select(analytics.c.session_date).where(
        analytics.c.organization_id == organization_id, analytics.c.consultant_id == consultant_id
    )
    return [day for (day,) in tx.execute(query)]


def list_rows(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, first: date, last: date
) -> list[SessionAnalytics]:
    """Return a consultant's rows from one day to another, both included, in order."""
    query = (
        select(analytics)
        .where(
            analytics.c.organization_id == organization_id,
            analytics.c.consultant_id == consultant_id,
            analytics.c.session_date.between(first, last),
        )
        .order_by(analytics.c.session_date)
    )
    return [_to_analytics(row) for row in tx.execute(query).mappings()]


def list_page(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, days: Days, paging: Paging
) -> Page[AnalyticsRow]:
    """Return a consultant's rows of some days, in order."""
    query = select(analytics).where(
        analytics.c.organization_id == organization_id,
        analytics.c.consultant_id == consultant_id,
        analytics.c.session_date.between(days.first, days.last),
    )
    return read_page(tx, query, (analytics.c.session_date,), paging, _to_row)


def _to_row(row: RowMapping) -> AnalyticsRow:
    return AnalyticsRow(row["id"], row["created_at"], row["updated_at"], _to_analytics(row))


def _to_analytics(row: RowMapping) -> SessionAnalytics:
    return SessionAnalytics(UserId(row["consultant_id"]), row["session_date"], **{name: row[name] for name in _NUMBERS})


def _name(organization_id: OrganizationId) -> str:
    return f"analytics {organization_id}"
