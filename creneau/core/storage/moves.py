"""Moving a booking to another time in place: it keeps its row, and with it its id and its history."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from creneau.core.domain.booking import Booking
from creneau.core.storage import held_time
from creneau.core.storage.database import Transaction

_EXCLUSION_VIOLATION = "23P01"

_MOVE = """
  update session_bookings set availability_slot_id = :slot_id, scheduled_date = :day,
    scheduled_start_time = :start, scheduled_end_time = :end, duration_minutes = :minutes, timezone = :timezone,
    starts_at = :starts_at, ends_at = :ends_at, held_until = :held_until
"""
_WHERE = " where organization_id = :organization_id and id = :booking_id"
_MOVE_ALONE = text(f"{_MOVE}, seats = '[0,)' {_WHERE} returning id")
_MOVE_INTO_GROUP = text(f"""
with free as (
  select min(seat) as seat from generate_series(0, cast(:capacity as integer) - 1) as seat
  where seat not in (
    select lower(seats) from session_bookings
    where organization_id = :organization_id and consultant_id = :consultant_id and id <> :booking_id
      and status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')
      and starts_at < :held_until and starts_at > cast(:starts_at as timestamptz) - interval '12 hours'
      and held_until > :starts_at))
{_MOVE}, seats = int4range(free.seat, free.seat + 1) from free {_WHERE} and free.seat is not null returning id
""")  # noqa: S608 - made of the constants above
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def move(tx: Transaction, booking: Booking, capacity: int, held_until: datetime) -> bool:
    """Write the time of a booking; return False, with the old time kept, when the new one is not free.

    An update puts its index entry first and looks afterwards, so that two rivals would wait for each other: moves
    of one consultant, or of one beneficiary, go one after the other. Inserts never wait for a move that waits.
    """
    for person in sorted((str(booking.consultant_id), str(booking.beneficiary_id))):
        tx.execute(_LOCK, {"key": f"moves {person}"})
    if capacity > 1:
        held_time.lock_groups(tx, booking.organization_id, booking.consultant_id)
    values = held_time.values(booking, capacity, held_until)
    try:
        with tx.begin_nested():
            return tx.execute(_MOVE_ALONE if capacity == 1 else _MOVE_INTO_GROUP, values).first() is not None
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _EXCLUSION_VIOLATION:
            raise
        return False
