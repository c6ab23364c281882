"""Queries on calendar links and on what was pushed through them. Passwords come and go sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.calendar import (
    IN_CALENDAR,
    CalendarHealth,
    ObjectRefusal,
    PushedObject,
    PushFailure,
    origin_of,
)
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.ids import BookingId, CalendarLinkId, OrganizationId, UserId
from creneau.core.storage import busy, driver, hours_calendars, policies
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.tables import calendar_links as links
from creneau.core.storage.tables import pushed_objects as pushed
from creneau.core.storage.tables import session_bookings as bookings


@dataclass(frozen=True, slots=True)
class SealedLink:
    """A calendar link as it is stored."""

    id: CalendarLinkId
    organization_id: OrganizationId
    consultant_id: UserId
    calendar_url: str
    username: str
    password_sealed: bytes
    credential: CredentialKind = CredentialKind.PASSWORD
    server: ServerKind = ServerKind.UNKNOWN


def claim_link_id(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, fresh_id: CalendarLinkId, at: datetime
) -> CalendarLinkId:
    """Return the id of a consultant's link and lock its row, made with `fresh_id` if there is none.

    A new row says nothing yet: `save_link` must follow in the same transaction.
    """
    claim = insert(links).values(
        organization_id=organization_id,
        id=fresh_id,
        consultant_id=consultant_id,
        calendar_url="",
        username="",
        password_sealed=b"",
        created_at=at,
    )
    claim = claim.on_conflict_do_update(
        index_elements=[links.c.organization_id, links.c.consultant_id],
        set_={"consultant_id": claim.excluded.consultant_id},  # changes nothing: returns and locks the row there is
    )
    return CalendarLinkId(tx.execute(claim.returning(links.c.id)).scalar_one())


def save_link(tx: Transaction, link: SealedLink, at: datetime) -> None:
    """Write a link anew: nothing is known of its health yet, and it is not being left any more."""
    tx.execute(
        update(links)
        .where(links.c.organization_id == link.organization_id, links.c.id == link.id)
        .values(
            calendar_url=link.calendar_url,
            username=link.username,
            password_sealed=link.password_sealed,
            credential=link.credential,
            server=link.server,
            linked_at=at,
            pushed_at=None,
            failed_at=None,
            failure=None,
            push_failing_since=None,
            push_told_at=None,
            leaving_at=None,
            reading_since=None,
            read_next_at=None,
            read_failed_at=None,
            read_failure=None,
            read_failures=0,
            suspect_at=None,
            suspect_count=None,
            refusal_told_at=None,
        )
    )
    forget_refusals(tx, link.organization_id, link.id)


def find_health(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, ends_after: datetime
) -> CalendarHealth | None:
    query = select(links).where(_of_consultant(organization_id, consultant_id), links.c.leaving_at.is_(None))
    row = tx.execute(query).mappings().first()
    if row is None:
        return None
    refused = _list_refused(tx, organization_id, CalendarLinkId(row["id"]))
    waiting = set(list_to_push(tx, organization_id, _to_link(row), ends_after)) - refused
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
        .where(_of_consultant(organization_id, consultant_id), links.c.leaving_at.is_(None))
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
    query = select(links.c.failure, links.c.read_failure).where(_of_consultant(organization_id, consultant_id))
    return {PushFailure(found) for row in tx.execute(query) for found in row if found}


def is_trouble_told(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> bool:
    """Tell whether a consultant knows that their account cannot be written to, or read, at the moment."""
    told = or_(links.c.push_told_at.is_not(None), links.c.stale_told_at.is_not(None))
    return (
        tx.execute(select(links.c.id).where(_of_consultant(organization_id, consultant_id), told)).first() is not None
    )


def record_told(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, at: datetime | None) -> None:
    """Write down that the consultant is told of failing pushes, or None: of pushes that get through again."""
    tx.execute(update(links).where(_of_consultant(organization_id, consultant_id)).values(push_told_at=at))


def leave(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, at: datetime) -> None:
    """Put nothing more through a link: what it put there is being removed."""
    tx.execute(
        update(links).where(links.c.organization_id == organization_id, links.c.id == link_id).values(leaving_at=at)
    )


def remove_link(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Forget a link, its password, and what it put where."""
    tx.execute(delete(pushed).where(pushed.c.organization_id == organization_id, pushed.c.calendar_link_id == link_id))
    tx.execute(delete(links).where(links.c.organization_id == organization_id, links.c.id == link_id))


def list_pushed(
    tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId
) -> list[tuple[BookingId, PushedObject]]:
    """Return everything that was put through a link, by booking."""
    query = (
        select(
            pushed.c.booking_id,
            pushed.c.href,
            pushed.c.etag,
            pushed.c.pushed_version,
            pushed.c.is_edited,
            pushed.c.detail,
            pushed.c.leaves_href,
            pushed.c.refused_at,
            pushed.c.refused_status,
            pushed.c.refused_version,
        )
        .where(pushed.c.organization_id == organization_id, pushed.c.calendar_link_id == link_id)
        .order_by(pushed.c.booking_id)
    )
    return [(BookingId(booking_id), _to_pushed(*made)) for booking_id, *made in tx.execute(query)]


def find_link(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, *, is_leaving: bool = False
) -> SealedLink | None:
    """Return the link that sessions are put through, or the one that is being left."""
    query = select(links).where(
        _of_consultant(organization_id, consultant_id), links.c.leaving_at.is_not(None) == is_leaving
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _to_link(row)


def find_trusted_link(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> SealedLink | None:
    """Return the link that sessions are put through; None also where the account is mistrusted. Takes no lock."""
    values = {"organization_id": organization_id, "consultant_id": consultant_id}
    row = driver.fetch_one(tx, _FIND_TRUSTED, values)
    if row is None:
        return None
    link_id, url, username, sealed, credential, server = row
    return SealedLink(
        CalendarLinkId(link_id),
        organization_id,
        consultant_id,
        url,
        username,
        sealed,
        CredentialKind(credential),
        ServerKind(server),
    )


def find_pushed(
    tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, booking_id: BookingId
) -> PushedObject | None:
    values = {"organization_id": organization_id, "link_id": link_id, "booking_id": booking_id}
    row = driver.fetch_one(tx, _FIND_PUSHED, values)
    return _to_pushed(*row) if row else None


def save_pushed(
    tx: Transaction,
    organization_id: OrganizationId,
    link_id: CalendarLinkId,
    booking_id: BookingId,
    made: PushedObject,
    at: datetime,
) -> None:
    """Record what was put into a calendar, in place of what was known before, a refusal included."""
    driver.run(
        tx,
        _SAVE_PUSHED,
        {
            "organization_id": organization_id,
            "link_id": link_id,
            "booking_id": booking_id,
            "href": made.href,
            "etag": made.etag,
            "pushed_version": made.pushed_version,
            "at": at,
            "is_edited": made.is_edited,
            "detail": made.detail,
            "leaves_href": made.leaves_href,
        },
    )


def save_refusal(
    tx: Transaction,
    organization_id: OrganizationId,
    link_id: CalendarLinkId,
    booking_id: BookingId,
    refusal: ObjectRefusal,
) -> bool:
    """Record that a server did not take an object; tell whether the consultant is to be told of it: of the first."""
    tx.execute(
        update(pushed)
        .where(_pushed_through(organization_id, link_id), pushed.c.booking_id == booking_id)
        .values(refused_at=refusal.at, refused_status=refusal.status, refused_version=refusal.booking_version)
    )
    told = (
        update(links)
        .where(links.c.organization_id == organization_id, links.c.id == link_id, links.c.refusal_told_at.is_(None))
        .values(refusal_told_at=refusal.at)
        .returning(links.c.id)
    )
    return tx.execute(told).first() is not None


def forget_refusals(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Let what a server did not take be sent again at once."""
    tx.execute(
        update(pushed)
        .where(_pushed_through(organization_id, link_id), pushed.c.refused_at.is_not(None))
        .values(refused_at=None, refused_status=None, refused_version=None)
    )


def is_refused_since(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, before: datetime) -> bool:
    """Tell whether something was refused before an instant, and is still. Where nothing is, the next one is news."""
    refused = (
        select(func.min(pushed.c.refused_at))
        .where(_pushed_through(organization_id, links.c.id), pushed.c.refused_at.is_not(None))
        .scalar_subquery()
    )
    query = select(links.c.refusal_told_at, refused).where(_of_consultant(organization_id, consultant_id))
    row = tx.execute(query).first()
    if row is None:
        return False
    told_at, refused_at = row
    if told_at is not None and refused_at is None:
        tx.execute(update(links).where(_of_consultant(organization_id, consultant_id)).values(refusal_told_at=None))
    return refused_at is not None and refused_at <= before


def remove_pushed(
    tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, booking_id: BookingId
) -> None:
    tx.execute(
        delete(pushed).where(
            pushed.c.organization_id == organization_id,
            pushed.c.calendar_link_id == link_id,
            pushed.c.booking_id == booking_id,
        )
    )


def list_linked(tx: Transaction, organization_id: OrganizationId) -> list[UserId]:
    """Return the consultants of an organization whose sessions go into a calendar of theirs."""
    query = select(links.c.consultant_id).where(
        links.c.organization_id == organization_id, links.c.leaving_at.is_(None)
    )
    return [UserId(consultant_id) for consultant_id in tx.scalars(query.order_by(links.c.consultant_id))]


def list_to_push(
    tx: Transaction, organization_id: OrganizationId, link: SealedLink, ends_after: datetime
) -> list[BookingId]:
    """Return the bookings that a consultant's calendar does not show as they are: those to come first.

    Of those that ended before an instant, only what stands in the calendar before, or was on its way out of it.
    """
    detail = policies.get_of_organization(tx, organization_id).calendar_detail
    here = func.starts_with(pushed.c.href, link.calendar_url)
    on_its_server = func.starts_with(pushed.c.href, origin_of(link.calendar_url))
    shown = (
        (pushed.c.organization_id == bookings.c.organization_id)
        & (pushed.c.calendar_link_id == link.id)
        & (pushed.c.booking_id == bookings.c.id)
    )
    is_in_calendar = bookings.c.status.in_(sorted(IN_CALENDAR))
    is_on_its_way = or_(on_its_server & ~here, pushed.c.pushed_version == 0)
    is_old = or_(pushed.c.pushed_version < bookings.c.version, pushed.c.detail != detail)
    query = (
        select(bookings.c.id)
        .outerjoin(pushed, shown)
        .where(
            bookings.c.organization_id == organization_id,
            bookings.c.consultant_id == link.consultant_id,
            or_(
                is_in_calendar & is_on_its_way,
                (bookings.c.ends_at > ends_after)
                & or_(is_in_calendar & or_(pushed.c.href.is_(None), ~here, is_old), ~is_in_calendar & on_its_server),
            ),
        )
        .order_by(bookings.c.ends_at <= ends_after, bookings.c.starts_at, bookings.c.id)
    )
    return [BookingId(booking_id) for booking_id in tx.scalars(query)]


def _list_refused(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> set[BookingId]:
    query = select(pushed.c.booking_id).where(
        _pushed_through(organization_id, link_id), pushed.c.refused_at.is_not(None)
    )
    return {BookingId(booking_id) for booking_id in tx.scalars(query)}


def _to_pushed(
    href: str,
    etag: str | None,
    version: int,
    is_edited: bool,  # noqa: FBT001 - a row
    detail: str,
    leaves_href: str | None,
    refused_at: datetime | None,
    refused_status: int | None,
    refused_version: int | None,
) -> PushedObject:
    refusal = None
    if refused_at is not None and refused_status is not None and refused_version is not None:
        refusal = ObjectRefusal(refused_status, refused_at, refused_version)
    return PushedObject(href, etag, version, is_edited, CalendarDetail(detail), leaves_href, refusal)


def _pushed_through(
    organization_id: OrganizationId, link_id: CalendarLinkId | ColumnElement[CalendarLinkId]
) -> ColumnElement[bool]:
    return (pushed.c.organization_id == organization_id) & (pushed.c.calendar_link_id == link_id)


def _of_consultant(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    return (links.c.organization_id == organization_id) & (links.c.consultant_id == consultant_id)


def _to_link(row: RowMapping) -> SealedLink:
    return SealedLink(
        CalendarLinkId(row["id"]),
        OrganizationId(row["organization_id"]),
        UserId(row["consultant_id"]),
        row["calendar_url"],
        row["username"],
        row["password_sealed"],
        CredentialKind(row["credential"]),
        ServerKind(row["server"]),
    )


_RECORD_SUCCESS = Statement("""
update calendar_links
set pushed_at = %(at)s, failed_at = null, failure = null, push_failing_since = null
where organization_id = %(organization_id)s and id = %(link_id)s
  and (pushed_at is null or pushed_at < cast(%(at)s as timestamptz) - interval '1 minute' or failed_at is not null
    or push_failing_since is not null or push_told_at is not null)
returning push_told_at
""")
"""Not with every push: those of one account, four at a time, would wait for one another's commits."""
_FIND_TRUSTED = Statement("""
select id, calendar_url, username, password_sealed, credential, server from calendar_links
where organization_id = %(organization_id)s and consultant_id = %(consultant_id)s
  and leaving_at is null and suspect_count is null
""")
_FIND_PUSHED = Statement("""
select href, etag, pushed_version, is_edited, detail, leaves_href, refused_at, refused_status, refused_version
from pushed_objects
where organization_id = %(organization_id)s and calendar_link_id = %(link_id)s and booking_id = %(booking_id)s
""")
_SAVE_PUSHED = Statement("""
insert into pushed_objects as known
  (organization_id, calendar_link_id, booking_id, href, etag, pushed_version, pushed_at, is_edited, detail,
  leaves_href)
values (%(organization_id)s, %(link_id)s, %(booking_id)s, %(href)s, %(etag)s, %(pushed_version)s, %(at)s, %(is_edited)s,
  %(detail)s, %(leaves_href)s)
on conflict (organization_id, calendar_link_id, booking_id) do update
set href = excluded.href, etag = excluded.etag, pushed_version = excluded.pushed_version,
  pushed_at = excluded.pushed_at, is_edited = excluded.is_edited, detail = excluded.detail,
  leaves_href = excluded.leaves_href, refused_at = null, refused_status = null, refused_version = null
""")
