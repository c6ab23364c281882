"""Queries on what consultants did to sessions in their calendars, and on accounts that are mistrusted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import IN_CALENDAR, PushFailure
from creneau.core.domain.calendar_change import CalendarChange, ChangeKind, Watched
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.time import Span
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query, Statement
from creneau.core.storage.tables import calendar_changes as changes
from creneau.core.storage.tables import calendar_links as links
from creneau.core.storage.tables import pushed_objects as pushed
from creneau.core.storage.tables import session_bookings as bookings


def find(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> CalendarChange | None:
    """Return what is open about a session, locked until the transaction ends."""
    query = select(changes).where(_of(organization_id, booking_id)).with_for_update()
    row = tx.execute(query).mappings().first()
    return None if row is None else _to_change(row)


def list_asked(
    tx: Transaction, organization_id: OrganizationId, booking_ids: Collection[BookingId]
) -> list[CalendarChange]:
    """Return what consultants are asked about some sessions. Takes no lock."""
    values = {"organization_id": organization_id, "booking_ids": list(booking_ids)}
    return [_to_change(row) for row in driver.fetch_mappings(tx, _ASKED, values)]


def save(tx: Transaction, organization_id: OrganizationId, change: CalendarChange) -> None:
    said = {
        "kind": change.kind,
        "booked_at": change.booked_at,
        "etag": change.etag,
        "starts_at": change.span.starts_at if change.span else None,
        "ends_at": change.span.ends_at if change.span else None,
        "seen_at": change.seen_at,
        "asked_at": change.asked_at,
        "told_at": change.told_at,
    }
    put = insert(changes).values(organization_id=organization_id, booking_id=change.booking_id, **said)
    tx.execute(put.on_conflict_do_update(index_elements=["organization_id", "booking_id"], set_=said))


def remove(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> None:
    driver.run(tx, _REMOVE, {"organization_id": organization_id, "booking_id": booking_id})


def is_open(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, booked_at: datetime) -> bool:
    """Tell whether something is open about a session at the time where it stands. Takes no lock."""
    values = {"organization_id": organization_id, "booking_id": booking_id, "booked_at": booked_at}
    return driver.fetch_one(tx, _IS_OPEN, values) is not None


def forget(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, but: Sequence[BookingId] = ()
) -> None:
    """Forget all that is open about a consultant's sessions, `but` about some."""
    mine = select(bookings.c.id).where(
        bookings.c.organization_id == organization_id,
        bookings.c.consultant_id == consultant_id,
        bookings.c.id.not_in(but),
    )
    tx.execute(delete(changes).where(changes.c.organization_id == organization_id, changes.c.booking_id.in_(mine)))


def list_watched(
    tx: Transaction,
    organization_id: OrganizationId,
    consultant_id: UserId,
    ends_after: datetime,
    booking_id: BookingId | None = None,
) -> list[Watched]:
    """Return the sessions to come that stand in a consultant's calendar as they are, without those on their way.

    With `booking_id` it is that one, if it is among them.
    """
    query = (
        select(
            bookings.c.id,
            pushed.c.href,
            pushed.c.etag.label("pushed_etag"),
            bookings.c.starts_at.label("session_starts_at"),
            bookings.c.ends_at.label("session_ends_at"),
            changes,
        )
        .join_from(
            links,
            pushed,
            (pushed.c.organization_id == links.c.organization_id) & (pushed.c.calendar_link_id == links.c.id),
        )
        .join(
            bookings, (bookings.c.organization_id == links.c.organization_id) & (bookings.c.id == pushed.c.booking_id)
        )
        .outerjoin(
            changes,
            (changes.c.organization_id == links.c.organization_id) & (changes.c.booking_id == pushed.c.booking_id),
        )
        .where(
            links.c.organization_id == organization_id,
            links.c.consultant_id == consultant_id,
            links.c.leaving_at.is_(None),
            func.starts_with(pushed.c.href, links.c.calendar_url),
            pushed.c.pushed_version == bookings.c.version,
            bookings.c.status.in_(sorted(IN_CALENDAR)),
            bookings.c.ends_at > ends_after,
        )
        .order_by(bookings.c.starts_at, bookings.c.id)
    )
    if booking_id is not None:
        query = query.where(bookings.c.id == booking_id)
    return [
        Watched(
            BookingId(row["id"]),
            row["href"],
            row["pushed_etag"],
            Span(row["session_starts_at"], row["session_ends_at"]),
            _to_change(row) if row["kind"] else None,
        )
        for row in tx.execute(query).mappings()
    ]


def is_watched(tx: Transaction, booking: Booking, watched: Watched, now: datetime) -> bool:
    """Tell whether a session still stands in its consultant's calendar as it was watched: no push came between."""
    standing = list_watched(tx, booking.organization_id, booking.consultant_id, now, booking.id)
    return [(one.href, one.etag, one.span) for one in standing] == [(watched.href, watched.etag, watched.span)]


def adopt(
    tx: Transaction,
    organization_id: OrganizationId,
    booking_id: BookingId,
    etag: str | None,
    version: int,
    *,
    is_edited: bool,
) -> None:
    """Take an event as it stands there for what was put there for a version of its booking."""
    tx.execute(
        update(pushed)
        .where(pushed.c.organization_id == organization_id, pushed.c.booking_id == booking_id)
        .values(
            etag=etag,
            pushed_version=version,
            is_edited=is_edited,
            **dict.fromkeys(("refused_at", "refused_status", "refused_version")),
        )
    )


def move_href(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, href: str) -> None:
    """Follow an event to the address at which it was found."""
    tx.execute(
        update(pushed)
        .where(pushed.c.organization_id == organization_id, pushed.c.booking_id == booking_id)
        .values(href=href)
    )


def forget_pushed(tx: Transaction, organization_id: OrganizationId, booking_ids: Sequence[BookingId]) -> None:
    """Forget what was put there for some sessions: the next push puts them anew."""
    tx.execute(delete(pushed).where(pushed.c.organization_id == organization_id, pushed.c.booking_id.in_(booking_ids)))


def find_suspicion(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> int | None:
    """Return how many sessions an account that is mistrusted lost at once; None for one that is not."""
    query = select(links.c.suspect_count).where(_account(organization_id, consultant_id)).with_for_update()
    count: int | None = tx.scalar(query)
    return count


def set_suspicion(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, count: int, at: datetime
) -> None:
    tx.execute(update(links).where(_account(organization_id, consultant_id)).values(suspect_count=count, suspect_at=at))


def trust(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    """Trust an account again; that it was not is no failure of it any more."""
    mine = _account(organization_id, consultant_id)
    tx.execute(update(links).where(mine).values(suspect_count=None, suspect_at=None))
    of_that = links.c.read_failure == PushFailure.MISTRUSTED
    tx.execute(update(links).where(mine, of_that).values(read_failure=None, read_failed_at=None))


def _account(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    return (links.c.organization_id == organization_id) & (links.c.consultant_id == consultant_id)


def _of(organization_id: OrganizationId, booking_id: BookingId) -> ColumnElement[bool]:
    return (changes.c.organization_id == organization_id) & (changes.c.booking_id == booking_id)


_ASKED = Query(
    select(changes).where(
        changes.c.organization_id == bindparam("organization_id"),
        driver.is_one_of(changes.c.booking_id, "booking_ids"),
        changes.c.asked_at.is_not(None),
    )
)


def _to_change(row: Mapping[Any, Any]) -> CalendarChange:
    has_span = row["starts_at"] is not None
    return CalendarChange(
        BookingId(row["booking_id"]),
        ChangeKind(row["kind"]),
        row["booked_at"],
        row["seen_at"],
        row["etag"],
        Span(row["starts_at"], row["ends_at"]) if has_span else None,
        row["asked_at"],
        row["told_at"],
    )


_REMOVE = Statement("""
delete from calendar_changes where organization_id = %(organization_id)s and booking_id = %(booking_id)s
""")
_IS_OPEN = Statement("""
select from calendar_changes
where organization_id = %(organization_id)s and booking_id = %(booking_id)s and booked_at = %(booked_at)s
""")
