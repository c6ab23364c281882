"""New bookings: one statement writes a booking, its reminders, and all that is recorded of it, or nothing at all.

That nobody is booked twice is decided by the constraints that it runs into.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from creneau.core.domain.bilan import Phase
from creneau.core.storage import acts, driver, held_time
from creneau.core.storage.acts import Record
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.reminders import NewReminder

_INSERT = """
  insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id,
    availability_slot_id, scheduled_date, scheduled_start_time, scheduled_end_time, duration_minutes, timezone,
    starts_at, ends_at, held_until, session_type, meeting_format, meeting_location, meeting_link,
    bilan_phase_at_booking, answer_by, created_at, updated_at, seats)
"""
_VALUES = """
  %(organization_id)s, %(booking_id)s, %(bilan_id)s, %(consultant_id)s, %(beneficiary_id)s, %(slot_id)s, %(day)s,
  %(start)s, %(end)s, %(minutes)s, %(timezone)s, %(starts_at)s, %(ends_at)s, %(held_until)s, %(session_type)s,
  %(meeting_format)s, %(meeting_location)s, %(meeting_link)s, %(phase)s, %(answer_by)s, %(at)s, %(at)s
"""
# An individual session holds every seat. ON CONFLICT DO NOTHING, because a plain insert that catches the
# violation deadlocks when many people want the same time.
_ALONE = f"with booked as ({_INSERT} values ({_VALUES}, '[0,)') on conflict do nothing returning id)"
_IN_GROUP = f"""
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
  on conflict do nothing returning id)
"""  # noqa: S608 - made of the constants above
_REMINDERS = """
insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type,
  recipient_id, scheduled_time, due_at, state, error_message, created_at, updated_at)
select %(organization_id)s, planned.id, booked.id, 1, planned.type, planned.recipient_id, planned.at, planned.at,
  planned.state, case planned.state when 'SKIPPED' then 'too_late' end, %(at)s, %(at)s
from booked, (values {planned}) as planned (id, type, recipient_id, at, state)
"""
_REMINDER = (
    "(%(id_{0})s::uuid, %(type_{0})s::text, %(recipient_{0})s::uuid, %(at_{0})s::timestamptz, %(state_{0})s::text)"
)


def add(
    tx: Transaction, of: Record, phase: Phase, capacity: int, reminders: Sequence[NewReminder], held_until: datetime
) -> bool:
    """Write a booking with all that goes with it; return False, and write nothing, when the time is not free.

    The time is held until `held_until`, the buffer included. With a capacity above one, a free seat is taken under a
    lock on the consultant's groups: seats keep one group within its capacity, a constraint keeps groups apart.
    """
    booking = of.booking
    values = {
        **held_time.values(booking, capacity, held_until),
        **acts.values(of),
        "bilan_id": booking.bilan_id,
        "beneficiary_id": booking.beneficiary_id,
        "session_type": booking.session_type,
        "meeting_format": booking.meeting_format,
        "meeting_location": booking.meeting_location,
        "meeting_link": booking.meeting_link,
        "phase": phase,
        "answer_by": booking.answer_by,
    }
    for place, reminder in enumerate(reminders):
        values |= _values(place, reminder)
    if capacity > 1:
        held_time.lock_groups(tx, booking.organization_id, booking.consultant_id)
    booked = _ALONE if capacity == 1 else _IN_GROUP
    return driver.fetch_one(tx, _join(booked, len(reminders), acts.parts(of, "from booked")), values) is not None


@lru_cache
def _join(booked: str, reminders: int, recorded: tuple[str, ...]) -> Statement:
    planned = ", ".join(_REMINDER.format(place) for place in range(reminders))
    parts = [_REMINDERS.format(planned=planned)] if planned else []
    return Statement(f"{booked}, {acts.name_parts([*parts, *recorded])} select id from booked")  # noqa: S608 - see above


def _values(place: int, reminder: NewReminder) -> dict[str, object]:
    planned = reminder.planned
    return {
        f"id_{place}": reminder.id,
        f"type_{place}": planned.type,
        f"recipient_{place}": planned.recipient_id,
        f"at_{place}": planned.scheduled_time,
        f"state_{place}": planned.state,
    }
