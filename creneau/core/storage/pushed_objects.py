"""Queries on what was put into calendars, what is to be put there, and what their servers refused."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import (
    IN_CALENDAR,
    ObjectRefusal,
    PushedObject,
    origin_of,
)
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.ids import BookingId, CalendarLinkId, OrganizationId, UserId
from creneau.core.storage import driver, policies
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.tables import calendar_links as links
from creneau.core.storage.tables import pushed_objects as pushed
from creneau.core.storage.tables import session_bookings as bookings


def list_of_link(
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


def find(
    tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, booking_id: BookingId
) -> PushedObject | None:
    values = {"organization_id": organization_id, "link_id": link_id, "booking_id": booking_id}
    row = driver.fetch_one(tx, _FIND_PUSHED, values)
    return _to_pushed(*row) if row else None


def save(
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


def let_stand(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Forget where sessions stand that took place, or were not cancelled: they are not taken out."""
    standing = select(bookings.c.id).where(
        bookings.c.organization_id == organization_id, bookings.c.status.in_(sorted(IN_CALENDAR))
    )
    tx.execute(delete(pushed).where(_pushed_through(organization_id, link_id), pushed.c.booking_id.in_(standing)))


def doubt(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Let it be unknown whether what was put through a link is there: the next push puts it anew."""
    tx.execute(update(pushed).where(_pushed_through(organization_id, link_id)).values(pushed_version=0))


def make_old(tx: Transaction, booking: Booking) -> None:
    """Let the next push put a booking anew, which has changed without a new version."""
    tx.execute(
        update(pushed)
        .where(pushed.c.organization_id == booking.organization_id, pushed.c.booking_id == booking.id)
        .values(pushed_version=func.least(pushed.c.pushed_version, booking.version - 1))
    )


def remove_of_link(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    tx.execute(delete(pushed).where(_pushed_through(organization_id, link_id)))


def remove(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, booking_id: BookingId) -> None:
    tx.execute(
        delete(pushed).where(
            pushed.c.organization_id == organization_id,
            pushed.c.calendar_link_id == link_id,
            pushed.c.booking_id == booking_id,
        )
    )


def list_to_push(
    tx: Transaction,
    organization_id: OrganizationId,
    consultant_id: UserId,
    link_id: CalendarLinkId,
    calendar_url: str,
    ends_after: datetime,
) -> list[BookingId]:
    """Return the bookings that a consultant's calendar does not show as they are: those to come first.

    Of those that ended before an instant, only what stands in the calendar before, or was on its way out of it.
    """
    detail = policies.get_of_organization(tx, organization_id).calendar_detail
    here = func.starts_with(pushed.c.href, calendar_url)
    on_its_server = func.starts_with(pushed.c.href, origin_of(calendar_url))
    shown = (
        (pushed.c.organization_id == bookings.c.organization_id)
        & (pushed.c.calendar_link_id == link_id)
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
            bookings.c.consultant_id == consultant_id,
            or_(
                is_in_calendar & is_on_its_way,
                (bookings.c.ends_at > ends_after)
                & or_(is_in_calendar & or_(pushed.c.href.is_(None), ~here, is_old), ~is_in_calendar & on_its_server),
            ),
        )
        .order_by(bookings.c.ends_at <= ends_after, bookings.c.starts_at, bookings.c.id)
    )
    return [BookingId(booking_id) for booking_id in tx.scalars(query)]


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
    query = select(links.c.refusal_told_at, refused).where(_link_of(organization_id, consultant_id))
    row = tx.execute(query).first()
    if row is None:
        return False
    told_at, refused_at = row
    if told_at is not None and refused_at is None:
        tx.execute(update(links).where(_link_of(organization_id, consultant_id)).values(refusal_told_at=None))
    return refused_at is not None and refused_at <= before


def list_refused(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> set[BookingId]:
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


def _link_of(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    return (links.c.organization_id == organization_id) & (links.c.consultant_id == consultant_id)


def _pushed_through(
    organization_id: OrganizationId, link_id: CalendarLinkId | ColumnElement[CalendarLinkId]
) -> ColumnElement[bool]:
    return (pushed.c.organization_id == organization_id) & (pushed.c.calendar_link_id == link_id)


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
