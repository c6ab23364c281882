"""Queries on analytics: what changes of bookings add to the numbers of days, and the rows that hold them."""

from datetime import date, datetime

from sqlalchemy import RowMapping, delete, select, text

from creneau.core.domain.analytics import AnalyticsRow, SessionAnalytics, SessionNumbers
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.listing import Days, Page, Paging
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import session_analytics as analytics

_SUMS = (
    "total_sessions_scheduled",
    "total_sessions_completed",
    "total_sessions_no_show",
    "total_sessions_cancelled",
    "total_minutes_completed",
    "total_ratings",
    "rating_total",
)
_SHOWN = (*_SUMS[:4], "average_rating", "total_hours_completed")

# Sums are added to whatever is there, so that changes need no lock on one another but the row's own. The shared lock
# is against a rebuild alone.
_ADD_GIVEN = f"""
insert into session_analytics as day (organization_id, consultant_id, session_date, created_at, updated_at,
  {", ".join(_SUMS)})
select %(organization_id)s::uuid, %(consultant_id)s::uuid, %(day)s::date, %(at)s::timestamptz, %(at)s,
  {", ".join(f"%({name})s::integer" for name in _SUMS)}
from (select pg_advisory_xact_lock_shared(hashtextextended(%(lock)s, 0)) as held {{given}}) as no_rebuild
where no_rebuild.held is not null
on conflict (organization_id, consultant_id, session_date) do update
set updated_at = excluded.updated_at, {", ".join(f"{name} = day.{name} + excluded.{name}" for name in _SUMS)}
"""  # noqa: S608 - made of the constants above
_LOCK_ORGANIZATION = text("select pg_advisory_xact_lock(hashtextextended(:lock, 0))")


def add_given(given: str = "") -> str:
    """Return the statement that adds to a day, if `given`, a `from`, has a row."""
    return _ADD_GIVEN.format(given=given)


_ADD = Statement(add_given())


def add_to_day(
    tx: Transaction,
    organization_id: OrganizationId,
    consultant_id: UserId,
    day: date,
    change: SessionNumbers,
    at: datetime,
) -> None:
    """Add to the numbers of a consultant's day, and lock its row: several days are changed in their order."""
    driver.run(tx, _ADD, values(organization_id, consultant_id, day, change, at))


def values(
    organization_id: OrganizationId, consultant_id: UserId, day: date, change: SessionNumbers, at: datetime
) -> dict[str, object]:
    """Return what `add_given` is told."""
    return {
        "organization_id": organization_id,
        "consultant_id": consultant_id,
        "day": day,
        "at": at,
        "lock": _lock(organization_id),
        **dict(zip(_SUMS, change.sums, strict=True)),
    }


def remove_empty(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    """Remove the rows of days on which nothing is left."""
    tx.execute(
        delete(analytics).where(
            analytics.c.organization_id == organization_id,
            analytics.c.consultant_id == consultant_id,
            analytics.c.total_sessions_scheduled == 0,
        )
    )


def remove_all(tx: Transaction, organization_id: OrganizationId) -> None:
    """Remove every row of an organization, to be made anew; no change of a booking adds to one until commit."""
    tx.execute(_LOCK_ORGANIZATION, {"lock": _lock(organization_id)})
    tx.execute(delete(analytics).where(analytics.c.organization_id == organization_id))


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
    return SessionAnalytics(UserId(row["consultant_id"]), row["session_date"], **{name: row[name] for name in _SHOWN})


def _lock(organization_id: OrganizationId) -> str:
    return f"analytics {organization_id}"
