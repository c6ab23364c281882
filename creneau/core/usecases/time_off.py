"""Time off, days with other hours, and worked holidays of a consultant."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.booking import LIVE, Booking
from creneau.core.domain.ids import ExceptionId, SlotId, UserId
from creneau.core.domain.people import Actor
from creneau.core.domain.time import Span, to_local_span, to_span_of_days
from creneau.core.domain.time_off import (
    ExceptionKind,
    OtherHours,
    TimeOff,
    TimeOffDraft,
    days_of,
    spans_of,
    validate_time_off,
)
from creneau.core.holidays import Holiday, named_holidays
from creneau.core.storage import bookings, policies, slots, time_off
from creneau.core.storage.database import Transaction
from creneau.core.usecases.slots import add_slot, require_own

_A_DAY = timedelta(days=1)


def add_time_off(
    tx: Transaction, actor: Actor, consultant_id: UserId, draft: TimeOffDraft, new_id: UUID, now: datetime
) -> TimeOff:
    """Keep an exception to a consultant's rules. Sessions that are booked stay as they are.

    Raises: `user.not_found`, `actor.not_allowed`, and what `validate_time_off` refuses.
    """
    require_own(tx, actor, consultant_id)
    validate_time_off(draft)
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    added = TimeOff(
        id=ExceptionId(new_id), organization_id=actor.organization_id, consultant_id=consultant_id, **values
    )
    time_off.add(tx, added, now)
    return added


def set_other_hours(
    tx: Transaction, actor: Actor, consultant_id: UserId, hours: OtherHours, new_id: Callable[[], UUID], now: datetime
) -> tuple[TimeOff, list[AvailabilitySlot]]:
    """Close a day for the rules of the week and open it at hours of its own. Raises: as `add_time_off`, `add_slot`."""
    closed = add_time_off(tx, actor, consultant_id, hours.closed, new_id(), now)
    return closed, [add_slot(tx, actor, consultant_id, draft, SlotId(new_id())) for draft in hours.slots]


def list_left_outside(
    tx: Transaction, actor: Actor, consultant_id: UserId, draft: TimeOffDraft, now: datetime
) -> list[Booking]:
    """List the coming sessions that an exception would leave outside what is offered; they stay booked all the same.

    Raises: `user.not_found`, `actor.not_allowed`, and what `validate_time_off` refuses.
    """
    require_own(tx, actor, consultant_id)
    validate_time_off(draft)
    if draft.kind is ExceptionKind.OPEN_HOLIDAY:
        return []
    zone = ZoneInfo(draft.timezone)
    days = to_span_of_days(draft.first_date, draft.last_date, zone)
    around = Span(days.starts_at - _A_DAY, days.ends_at)  # a session of the night before may reach into them
    booked = [
        booking
        for booking in bookings.list_of_user(tx, actor.organization_id, consultant_id, around, LIVE)
        if booking.span.starts_at > now
    ]
    if draft.kind is ExceptionKind.CLOSED:
        rules = slots.list_of_consultant(tx, actor.organization_id, consultant_id)
        one_off = {rule.id for rule in rules if rule.date_specific}
        return [one for one in booked if one.slot_id not in one_off and one.span.starts_at >= days.starts_at]
    taken = spans_of(draft)
    return [booking for booking in booked if any(booking.span.overlaps(span) for span in taken)]


def list_outside_other_hours(
    tx: Transaction, actor: Actor, consultant_id: UserId, hours: OtherHours, now: datetime
) -> list[Booking]:
    """List the coming sessions of a day that do not lie within its new hours. Raises: as `list_left_outside`."""
    left = list_left_outside(tx, actor, consultant_id, hours.closed, now)
    zone = ZoneInfo(hours.timezone)
    return [booking for booking in left if not hours.hold(to_local_span(booking.span, zone))]


def list_holidays(
    tx: Transaction, actor: Actor, consultant_id: UserId, first: date, last: date, locale: str
) -> list[Holiday]:
    """List the public holidays on which a consultant's weekly rules rest, and those of them that are worked.

    Raises: `user.not_found`, `actor.not_allowed`.
    """
    require_own(tx, actor, consultant_id)
    policy = policies.get(tx, actor.organization_id, consultant_id)
    if not policy.closes_on_holidays:
        return []
    exceptions = time_off.list_of_consultant(tx, actor.organization_id, consultant_id, first, last)
    worked = days_of(exceptions, ExceptionKind.OPEN_HOLIDAY, first, last)
    named = named_holidays(policy.holiday_country, policy.holiday_subdivision, first, last, locale)
    return [replace(holiday, is_worked=holiday.day in worked) for holiday in named]


def remove_time_off(tx: Transaction, actor: Actor, exception_id: ExceptionId, now: datetime) -> TimeOff:
    """Take an exception away and return it. Raises: `time_off.not_found`, `actor.not_allowed`."""
    found = time_off.get(tx, actor.organization_id, exception_id)
    require_own(tx, actor, found.consultant_id)
    time_off.delete(tx, actor.organization_id, exception_id, now)
    return found


def list_time_off(tx: Transaction, actor: Actor, consultant_id: UserId, first: date, last: date) -> list[TimeOff]:
    """List the exceptions that touch some days, in their order. Raises: `user.not_found`, `actor.not_allowed`."""
    require_own(tx, actor, consultant_id)
    return time_off.list_of_consultant(tx, actor.organization_id, consultant_id, first, last)
