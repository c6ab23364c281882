"""Queries on bookings. That nobody is booked twice is decided by the constraints that `add` runs into."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, Select, bindparam, extract, select, text, update

from creneau.core.domain.bilan import Phase
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
from creneau.core.storage.driver import Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.reminders import NewReminder
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

_LONGEST_HELD = timedelta(hours=12)  # longest session and longest buffer: bounds the index range of an overlap

_INSERT = """
  insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id,
    availability_slot_id, scheduled_date, scheduled_start_time, scheduled_end_time, duration_minutes, timezone,
    starts_at, ends_at, held_until, session_type, meeting_format, meeting_location, meeting_link,
    bilan_phase_at_booking, answer_by, created_at, updated_at, seats)
"""
_VALUES = """
  %(organization_id)s, %(id)s, %(bilan_id)s, %(consultant_id)s, %(beneficiary_id)s, %(slot_id)s, %(day)s,
  %(start)s, %(end)s, %(minutes)s, %(timezone)s, %(starts_at)s, %(ends_at)s, %(held_until)s, %(session_type)s,
  %(meeting_format)s, %(meeting_location)s, %(meeting_link)s, %(phase)s, %(answer_by)s, %(now)s, %(now)s
"""
_WITH_REMINDERS = """
, reminders as (
  insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type,
    recipient_id, scheduled_time, due_at, state, error_message, created_at, updated_at)
  select %(organization_id)s, planned.id, booked.id, 1, planned.type, planned.recipient_id, planned.at, planned.at,
    planned.state, case planned.state when 'SKIPPED' then 'too_late' end, %(now)s, %(now)s
  from booked, json_to_recordset(%(reminders)s::json)
    as planned (id uuid, type text, recipient_id uuid, at timestamptz, state text))
select id from booked
"""
# An individual session holds every seat. ON CONFLICT DO NOTHING, because a plain insert that catches the
# violation deadlocks when many people want the same time.
_ADD_INDIVIDUAL = Statement(
    f"with booked as ({_INSERT} values ({_VALUES}, '[0,)') on conflict do nothing returning id) {_WITH_REMINDERS}"
)
_ADD_TO_GROUP = Statement(f"""
with overlapping as (
  select seats, availability_slot_id, starts_at from session_bookings
  where organization_id = %(organization_id)s and consultant_id = %(consultant_id)s
    and status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')
    and starts_at < %(held_until)s and starts_at > cast(%(starts_at)s as timestamptz) - interval '12 hours'
    and held_until > %(starts_at)s),
free as (
  select min(seat) as seat from generate_series(0, cast(%(capacity)s as integer) - 1) as seat
  where seat not in (select lower(seats) from overlapping)
    and not exists (
      select from overlapping
      where availability_slot_id is distinct from cast(%(slot_id)s as uuid) or starts_at <> %(starts_at)s)),
booked as ({_INSERT} select {_VALUES}, int4range(seat, seat + 1) from free where seat is not null
  on conflict do nothing returning id) {_WITH_REMINDERS}""")  # noqa: S608 - made of the constants above
# Plain comparisons of timestamps: row level security keeps the range operator `&&` from using an index.
_BUSY_OF_BENEFICIARY = select(bookings.c.starts_at, bookings.c.ends_at).where(
    bookings.c.organization_id == bindparam("organization_id"),
    bookings.c.status.in_(sorted(LIVE)),
    bookings.c.starts_at < bindparam("ends_at"),
    bookings.c.starts_at > bindparam("earliest"),
    bookings.c.held_until > bindparam("starts_at"),
    bookings.c.beneficiary_id == bindparam("beneficiary_id"),
)
_LOCK_GROUPS = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def add(
    tx: Transaction,
    booking: Booking,
    phase: Phase,
    capacity: int,
    reminders: Sequence[NewReminder],
    held_until: datetime,
) -> bool:
    """Insert a booking and its reminders in one statement; return False when the time is not free.

    The time is held until `held_until`, the buffer included. With a capacity above one, a free seat is taken under a
    lock on the consultant's groups: seats keep one group within its capacity, a constraint keeps groups apart.
    """
    values = {
        **time_values(booking, capacity, held_until),
        "bilan_id": booking.bilan_id,
        "beneficiary_id": booking.beneficiary_id,
        "session_type": booking.session_type,
        "meeting_format": booking.meeting_format,
        "meeting_location": booking.meeting_location,
        "meeting_link": booking.meeting_link,
        "phase": phase,
        "answer_by": booking.answer_by,
        "now": booking.created_at,
        "reminders": json.dumps([_to_json(reminder) for reminder in reminders]),
    }
    if capacity == 1:
        return driver.fetch_one(tx, _ADD_INDIVIDUAL, values) is not None
    lock_groups(tx, booking.organization_id, booking.consultant_id)
    return driver.fetch_one(tx, _ADD_TO_GROUP, values) is not None


def _to_json(reminder: NewReminder) -> dict[str, str]:
    planned = reminder.planned
    return {
        "id": str(reminder.id),
        "type": planned.type,
        "recipient_id": str(planned.recipient_id),
        "at": planned.scheduled_time.isoformat(),
        "state": planned.state,
    }


def time_values(booking: Booking, capacity: int, held_until: datetime) -> dict[str, object]:
    """Return what a statement that holds time for a booking is told of it."""
    return {
        "organization_id": booking.organization_id,
        "id": booking.id,
        "consultant_id": booking.consultant_id,
        "slot_id": booking.slot_id,
        "day": booking.local.day,
        "start": booking.local.start,
        "end": booking.local.end,
        "minutes": booking.span.minutes,
        "timezone": booking.local.timezone,
        "starts_at": booking.span.starts_at,
        "ends_at": booking.span.ends_at,
        "held_until": held_until,
        "capacity": capacity,
    }


def lock_groups(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    """Let bookings of a consultant's groups pass one after the other until this transaction ends."""
    tx.execute(_LOCK_GROUPS, {"key": f"groups {organization_id} {consultant_id}"})


def get(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> Booking:
    """Raises: `booking.not_found`."""
    return _one(tx, _of(organization_id).where(bookings.c.id == booking_id))


def find_version(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> int | None:
    row = driver.fetch_one(tx, _VERSION, {"organization_id": organization_id, "booking_id": booking_id})
    return None if row is None else row[0]


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
    return select(bookings).where(bookings.c.organization_id == organization_id)


def _one(tx: Transaction, query: Select[tuple[object, ...]]) -> Booking:
    row = tx.execute(query).mappings().first()
    if row is None:
        raise BookingNotFound
    return to_booking(row)


def to_booking(row: RowMapping) -> Booking:
    """Return a booking from a whole row of its table."""
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


_VERSION = Statement("""
select version from session_bookings
where organization_id = %(organization_id)s and id = %(booking_id)s and deleted_at is null
""")
