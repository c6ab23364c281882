"""Queries on bookings that are there: `new_bookings` adds them, `moves` moves them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, extract, select, update
from sqlalchemy.dialects.postgresql import INT4RANGE, TSTZRANGE

from creneau.core.domain.booking import (
    LIVE,
    Booking,
    CancellationCode,
    MeetingFormat,
    SessionType,
    Status,
)
from creneau.core.domain.errors import BookingNotFound
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.listing import BookingsWanted, Page, Paging
from creneau.core.domain.time import LocalSpan, Span
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query, Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import session_bookings as bookings

_PLAIN = (
    "meeting_location",
    "meeting_link",
    "is_late_cancellation",
    "answer_by",
    "started_at",
    "completed_at",
    "attended",
    "beneficiary_rating",
    "beneficiary_feedback",
    "rated_by",
    "rated_at",
)
"""Columns that are fields of a booking as they are."""

WHOLE = select(*(column for column in bookings.c if not isinstance(column.type, TSTZRANGE | INT4RANGE)))
"""Reads what `to_booking` wants. The ranges are for constraints."""

_LONGEST_HELD = timedelta(hours=12)  # longest session and longest buffer: bounds the index range of an overlap

# Plain comparisons of timestamps: row level security keeps the range operator `&&` from using an index.
_BUSY_OF_BENEFICIARY = select(bookings.c.starts_at, bookings.c.ends_at).where(
    bookings.c.organization_id == bindparam("organization_id"),
    bookings.c.status.in_(sorted(LIVE)),
    bookings.c.starts_at < bindparam("ends_at"),
    bookings.c.starts_at > bindparam("earliest"),
    bookings.c.held_until > bindparam("starts_at"),
    bookings.c.beneficiary_id == bindparam("beneficiary_id"),
)


def get(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> Booking:
    """Raises: `booking.not_found`."""
    return _one(tx, _of(organization_id).where(bookings.c.id == booking_id))


def list_of_ids(
    tx: Transaction, organization_id: OrganizationId, booking_ids: Collection[BookingId]
) -> dict[BookingId, Booking]:
    values = {"organization_id": organization_id, "ids": list(booking_ids)}
    return {BookingId(row["id"]): to_booking(row) for row in driver.fetch_mappings(tx, _OF_IDS, values)}


def is_as_read(tx: Transaction, booking: Booking) -> bool:
    """Tell whether a booking still is what it was when it was read."""
    return driver.fetch_one(tx, _IS_AS_READ, as_read(booking)) is not None


def hold_as_read(tx: Transaction, booking: Booking) -> bool:
    """Tell the same, and let nobody change it until this transaction ends.

    What is written here is there for whoever acts on the booking afterwards.
    """
    return driver.fetch_one(tx, _HOLD_AS_READ, as_read(booking)) is not None


def as_read(booking: Booking) -> dict[str, object]:
    """Return what `AS_READ` compares. A booking's place is all that changes without a version."""
    return {
        "organization_id": booking.organization_id,
        "booking_id": booking.id,
        "version": booking.version,
        "meeting_link": booking.meeting_link,
        "meeting_location": booking.meeting_location,
    }


def lock(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> Booking:
    """Read a booking that this transaction will change: nobody else changes it meanwhile.

    Raises: `booking.not_found`.
    """
    query = _of(organization_id).where(bookings.c.id == booking_id)
    return _one(tx, query.with_for_update(key_share=True))


def save(tx: Transaction, booking: Booking) -> None:
    """Write what can change of a booking, but for its time: that is `storage.moves`."""
    tx.execute(
        update(bookings)
        .where(bookings.c.organization_id == booking.organization_id, bookings.c.id == booking.id)
        .values(
            status=booking.status,
            version=booking.version,
            updated_at=booking.updated_at,
            confirmed_at=booking.confirmed_at,
            cancelled_at=booking.cancelled_at,
            cancelled_by=booking.cancelled_by,
            cancellation_code=booking.cancellation_code,
            cancellation_reason=booking.cancellation_reason,
            **{name: getattr(booking, name) for name in _PLAIN},
        )
    )


def list_busy_of_beneficiary(
    tx: Transaction,
    organization_id: OrganizationId,
    beneficiary_id: UserId,
    span: Span,
    moving: BookingId | None = None,
) -> list[Span]:
    """Return when a beneficiary already has a session within a span, whoever the consultant is.

    The booking that is being moved does not count.
    """
    values = {
        "organization_id": organization_id,
        "beneficiary_id": beneficiary_id,
        "ends_at": span.ends_at,
        "earliest": span.starts_at - _LONGEST_HELD,
        "starts_at": span.starts_at,
    }
    query = _BUSY_OF_BENEFICIARY
    if moving is not None:
        query = query.where(bookings.c.id != moving)
    return [Span(starts_at, ends_at) for starts_at, ends_at in tx.execute(query, values)]


def list_of_user(
    tx: Transaction,
    organization_id: OrganizationId,
    user_id: UserId,
    span: Span,
    statuses: frozenset[Status] = frozenset(Status),
) -> list[Booking]:
    """Return the bookings a person is a party to that start within a span, in the order of their start."""
    query = (
        _of(organization_id)
        .where(
            (bookings.c.consultant_id == user_id) | (bookings.c.beneficiary_id == user_id),
            bookings.c.starts_at >= span.starts_at,
            bookings.c.starts_at < span.ends_at,
            bookings.c.status.in_(sorted(statuses)),
        )
        .order_by(bookings.c.starts_at, bookings.c.id)
    )
    return [to_booking(row) for row in tx.execute(query).mappings()]


def list_page(
    tx: Transaction,
    organization_id: OrganizationId,
    wanted: BookingsWanted,
    span: Span | None,
    party: UserId | None,
    paging: Paging,
) -> Page[Booking]:
    """Return the bookings asked for, by start: those that start within a span, and with a party those of theirs."""
    query = _of(organization_id)
    for column, value in (
        (bookings.c.beneficiary_id, wanted.beneficiary_id),
        (bookings.c.consultant_id, wanted.consultant_id),
        (bookings.c.bilan_id, wanted.bilan_id),
        (bookings.c.status, wanted.status),
        (extract("dow", bookings.c.scheduled_date), wanted.day_of_week),
    ):
        if value is not None:
            query = query.where(column == value)
    if span is not None:
        query = query.where(bookings.c.starts_at >= span.starts_at, bookings.c.starts_at < span.ends_at)
    if party is not None:
        query = query.where((bookings.c.consultant_id == party) | (bookings.c.beneficiary_id == party))
    return read_page(tx, query, (bookings.c.starts_at, bookings.c.id), paging, to_booking)


def list_live_of_slot(
    tx: Transaction, organization_id: OrganizationId, slot_id: SlotId, after: datetime
) -> list[Booking]:
    """Return the live bookings made of a rule that start after an instant, in the order of their start."""
    query = (
        _of(organization_id)
        .where(
            bookings.c.availability_slot_id == slot_id,
            bookings.c.status.in_(sorted(LIVE)),
            bookings.c.starts_at > after,
        )
        .order_by(bookings.c.starts_at, bookings.c.id)
    )
    return [to_booking(row) for row in tx.execute(query).mappings()]


def list_all(tx: Transaction, organization_id: OrganizationId) -> Iterator[Booking]:
    """Yield every booking of an organization, in every state."""
    for row in tx.execute(_of(organization_id).where(bookings.c.deleted_at.is_(None))).mappings():
        yield to_booking(row)


def _of(organization_id: OrganizationId) -> Select[tuple[object, ...]]:
    return WHOLE.where(bookings.c.organization_id == organization_id)


def _one(tx: Transaction, query: Select[tuple[object, ...]]) -> Booking:
    row = tx.execute(query).mappings().first()
    if row is None:
        raise BookingNotFound
    return to_booking(row)


def to_booking(row: Mapping[Any, Any]) -> Booking:
    """Return a booking from a row of `WHOLE`."""
    return Booking(
        id=BookingId(row["id"]),
        organization_id=OrganizationId(row["organization_id"]),
        bilan_id=BilanId(row["bilan_id"]),
        consultant_id=UserId(row["consultant_id"]),
        beneficiary_id=UserId(row["beneficiary_id"]),
        slot_id=SlotId(row["availability_slot_id"]) if row["availability_slot_id"] else None,
        local=LocalSpan(row["scheduled_date"], row["scheduled_start_time"], row["scheduled_end_time"], row["timezone"]),
        span=Span(row["starts_at"], row["ends_at"]),
        session_type=SessionType(row["session_type"]),
        meeting_format=MeetingFormat(row["meeting_format"]),
        status=Status(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        confirmed_at=row["confirmed_at"],
        cancelled_at=row["cancelled_at"],
        cancelled_by=UserId(row["cancelled_by"]) if row["cancelled_by"] else None,
        cancellation_code=CancellationCode(row["cancellation_code"]) if row["cancellation_code"] else None,
        cancellation_reason=row["cancellation_reason"],
        rated_by=UserId(row["rated_by"]) if row["rated_by"] else None,
        **{name: row[name] for name in _PLAIN if name != "rated_by"},
    )


_OF_IDS = Query(
    WHOLE.where(bookings.c.organization_id == bindparam("organization_id"), driver.is_one_of(bookings.c.id, "ids"))
)
AS_READ = """
booking.organization_id = %(organization_id)s and booking.id = %(booking_id)s and booking.version = %(version)s
  and booking.meeting_link is not distinct from cast(%(meeting_link)s as text)
  and booking.meeting_location is not distinct from cast(%(meeting_location)s as text)
"""
_READ_AGAIN = f"select from session_bookings booking where {AS_READ}"
_IS_AS_READ = Statement(_READ_AGAIN)
_HOLD_AS_READ = Statement(f"{_READ_AGAIN} for share")
