"""Queries on how the calendars that consultants linked fare: what got through, what failed, who was told."""

from datetime import datetime

from sqlalchemy import func, or_, select, update

from creneau.core.domain.calendar import CalendarHealth, PushFailure
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, UserId
from creneau.core.storage import busy, driver, hours_calendars, pushed_objects
from creneau.core.storage.calendar_links import of_consultant
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.tables import calendar_links as links


def find(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, ends_after: datetime
) -> CalendarHealth | None:
    query = select(links).where(of_consultant(organization_id, consultant_id), links.c.leaving_at.is_(None))
    row = tx.execute(query).mappings().first()
    if row is None:
        return None
    link_id, url = CalendarLinkId(row["id"]), row["calendar_url"]
    refused = pushed_objects.list_refused(tx, organization_id, link_id)
    waiting = set(pushed_objects.list_to_push(tx, organization_id, consultant_id, link_id, url, ends_after)) - refused
    return CalendarHealth(
        row["calendar_url"],
        row["username"],
        row["linked_at"] or row["created_at"],
        row["pushed_at"],
        row["failed_at"],
        PushFailure(row["failure"]) if row["failure"] else None,
        len(waiting),
        busy.find_oldest_reading(tx, organization_id, consultant_id, is_read=True),
        row["read_failed_at"],
        PushFailure(row["read_failure"]) if row["read_failure"] else None,
        busy.count_doubtful(tx, organization_id, consultant_id),
        len(refused),
        ServerKind(row["server"]),
        hours_calendars.find_health(tx, organization_id, consultant_id),
        CredentialKind(row["credential"]),
        tuple(busy.list_chosen(tx, organization_id, consultant_id)),
    )


def record_success(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, at: datetime) -> bool:
    """Record that a push got through; tell whether the consultant had been told that they do not."""
    values = {"organization_id": organization_id, "link_id": link_id, "at": at}
    row = driver.fetch_one(tx, _RECORD_SUCCESS, values)
    return row is not None and row[0] is not None


def record_failure(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, failure: PushFailure, at: datetime
) -> datetime | None:
    """Record a failure; return since when pushes fail, None when the consultant knows already, or left the calendar."""
    query = (
        update(links)
        .where(of_consultant(organization_id, consultant_id), links.c.leaving_at.is_(None))
        .values(failed_at=at, failure=failure, push_failing_since=func.coalesce(links.c.push_failing_since, at))
        .returning(links.c.push_failing_since, links.c.push_told_at, links.c.stale_told_at)
    )
    row = tx.execute(query).first()
    if row is None or row.push_told_at is not None or row.stale_told_at is not None:
        return None
    since: datetime = row.push_failing_since
    return since


def find_failures(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> set[PushFailure]:
    """Return what was wrong the last time that a consultant's account was written to, and read."""
    query = select(links.c.failure, links.c.read_failure).where(of_consultant(organization_id, consultant_id))
    return {PushFailure(found) for row in tx.execute(query) for found in row if found}


def is_trouble_told(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> bool:
    """Tell whether a consultant knows that their account cannot be written to, or read, at the moment."""
    told = or_(links.c.push_told_at.is_not(None), links.c.stale_told_at.is_not(None))
    return tx.execute(select(links.c.id).where(of_consultant(organization_id, consultant_id), told)).first() is not None


def record_told(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, at: datetime | None) -> None:
    """Write down that the consultant is told of failing pushes, or None: of pushes that get through again."""
    tx.execute(update(links).where(of_consultant(organization_id, consultant_id)).values(push_told_at=at))


_RECORD_SUCCESS = Statement("""
update calendar_links
set pushed_at = %(at)s, failed_at = null, failure = null, push_failing_since = null
where organization_id = %(organization_id)s and id = %(link_id)s
  and (pushed_at is null or pushed_at < cast(%(at)s as timestamptz) - interval '1 minute' or failed_at is not null
    or push_failing_since is not null or push_told_at is not null)
returning push_told_at
""")
"""Not with every push: those of one account, four at a time, would wait for one another's commits."""
