"""Availability: a consultant's rules, and the one engine that turns rules and held time into bookable times.

Listing and validating go through the same functions, so that what is listed can be booked and the rest is refused
with a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from creneau.core.domain.errors import (
    InvalidSlot,
    InvalidTimeRange,
    LocalTimeDoesNotExist,
    SlotBeyondHorizon,
    SlotInThePast,
    SlotOutsideRules,
    UnknownZone,
)
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.time import BookableTime, Span, find_zone, to_instant, to_local_span

HORIZON = timedelta(days=42)
"""How far ahead sessions can be booked: six weeks, because missed sessions grow with the lead time."""

MAX_DURATION_MINUTES = 480
MIN_DURATION_MINUTES = 5
MAX_CAPACITY = 100


@dataclass(frozen=True, slots=True)
class SlotDraft:
    """A rule as it is asked for. Exactly one of `day_of_week` (0 = Sunday) and `date_specific` is set."""

    start_time: time
    end_time: time
    timezone: str
    day_of_week: int | None = None
    date_specific: date | None = None
    duration_minutes: int = 120
    max_concurrent_bookings: int = 1
    recurring_until: date | None = None


@dataclass(frozen=True, slots=True)
class AvailabilitySlot:
    """A stretch of a consultant's week, or of one day, in which sessions of `duration_minutes` are offered."""

    id: SlotId
    organization_id: OrganizationId
    consultant_id: UserId
    start_time: time
    end_time: time
    timezone: str
    day_of_week: int | None
    date_specific: date | None
    duration_minutes: int
    max_concurrent_bookings: int
    recurring_until: date | None
    is_available: bool

    def applies_on(self, day: date) -> bool:
        if not self.is_available:
            return False
        if self.date_specific is not None:
            return self.date_specific == day
        if self.recurring_until is not None and day > self.recurring_until:
            return False
        return self.day_of_week == day.isoweekday() % 7


@dataclass(frozen=True, slots=True)
class HeldTime:
    """Time that a live booking holds, with its slot: sessions of one group share slot and start."""

    span: Span
    slot_id: SlotId | None


def validate_draft(draft: SlotDraft) -> None:
    """Raise `time.unknown_zone`, `time.invalid_range` or `slot.invalid` unless the rule can be kept."""
    if find_zone(draft.timezone) is None:
        raise UnknownZone(timezone=draft.timezone)
    if draft.start_time.tzinfo or draft.end_time.tzinfo or draft.start_time >= draft.end_time:
        raise InvalidTimeRange
    if not MIN_DURATION_MINUTES <= draft.duration_minutes <= MAX_DURATION_MINUTES:
        raise InvalidSlot(field="duration_minutes")
    window = datetime.combine(date.min, draft.end_time) - datetime.combine(date.min, draft.start_time)
    if window < timedelta(minutes=draft.duration_minutes):
        raise InvalidSlot(field="duration_minutes")
    if not 1 <= draft.max_concurrent_bookings <= MAX_CAPACITY:
        raise InvalidSlot(field="max_concurrent_bookings")
    if (draft.day_of_week is None) == (draft.date_specific is None):
        raise InvalidSlot(field="day_of_week")
    if draft.day_of_week is not None and not 0 <= draft.day_of_week <= 6:
        raise InvalidSlot(field="day_of_week")


def offered_times(slots: Iterable[AvailabilitySlot], first: date, last: date) -> list[BookableTime]:
    """Return every start the rules offer from `first` to `last` (days of each slot's zone, both included).

    Times that the clocks skip are left out; the repeated hour is offered once.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    offers = [offer for slot in slots for day in days if slot.applies_on(day) for offer in _offers_of_day(slot, day)]
    return sorted(offers, key=lambda offer: (offer.span.starts_at, offer.slot_id))


def bookable_times(
    offers: Iterable[BookableTime],
    held: Sequence[HeldTime],
    beneficiary_busy: Sequence[Span],
    now: datetime,
    horizon_ends_at: datetime,
) -> list[BookableTime]:
    """Return the offers that can be booked now, with the seats left on each."""
    return [
        BookableTime(offer.slot_id, offer.consultant_id, offer.local, offer.span, seats)
        for offer in offers
        if now < offer.span.starts_at < horizon_ends_at
        and not any(offer.span.overlaps(span) for span in beneficiary_busy)
        and (seats := _seats_left(offer, held)) > 0
    ]


def require_within_horizon(starts_at: datetime, now: datetime, horizon_ends_at: datetime) -> None:
    """Raise `slot.past` or `slot.horizon` unless an instant is in the stretch in which sessions are booked."""
    if starts_at <= now:
        raise SlotInThePast
    if starts_at >= horizon_ends_at:
        raise SlotBeyondHorizon


def matching_offers(
    offers: Iterable[BookableTime], starts_at: datetime, slot_id: SlotId | None = None, ends_at: datetime | None = None
) -> list[BookableTime]:
    """Return the offers that start at an instant, of one rule and with one end where these are given.

    Raises: `slot.outside_rules` when there is none.
    """
    found = [
        offer
        for offer in offers
        if offer.span.starts_at == starts_at
        and slot_id in (None, offer.slot_id)
        and ends_at in (None, offer.span.ends_at)
    ]
    if not found:
        raise SlotOutsideRules
    return found


def resolve_local(day: date, wall: time, timezone: str) -> datetime:
    """Return the instant at which a session starts that was asked for on the wall clock of a zone.

    Raises: `time.unknown_zone`, `time.does_not_exist` for a time that the clocks jump over.
    """
    zone = find_zone(timezone)
    if zone is None:
        raise UnknownZone(timezone=timezone)
    instant = to_instant(day, wall, zone)
    if instant is None:
        raise LocalTimeDoesNotExist(timezone=timezone)
    return instant


def horizon_ends_at(now: datetime, timezone: str) -> datetime:
    """Return the end of the last bookable day: today and the horizon on the wall clock of a zone."""
    zone = find_zone(timezone)
    if zone is None:
        raise UnknownZone(timezone=timezone)
    last_day = now.astimezone(zone).date() + HORIZON
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def _offers_of_day(slot: AvailabilitySlot, day: date) -> list[BookableTime]:
    zone = find_zone(slot.timezone)
    if zone is None:
        return []
    length = timedelta(minutes=slot.duration_minutes)
    midnight = datetime.combine(day, time())
    opens, closes = datetime.combine(day, slot.start_time), datetime.combine(day, slot.end_time)
    closes_at = closes.replace(tzinfo=zone).astimezone(UTC)
    offers: list[BookableTime] = []
    start = opens
    while start + length <= closes and start - midnight < timedelta(days=1):
        starts_at = to_instant(day, start.time(), zone)
        # A session that the clocks jump ahead during ends later on the wall: it may still run at the next start.
        is_running = starts_at is not None and offers and starts_at < offers[-1].span.ends_at
        if starts_at is not None and not is_running and starts_at + length <= closes_at:
            span = Span(starts_at, starts_at + length)
            local = to_local_span(span, zone)
            offers.append(BookableTime(slot.id, slot.consultant_id, local, span, slot.max_concurrent_bookings))
        start += length
    return offers


def has_seat(offer: BookableTime, held: Sequence[HeldTime]) -> bool:
    return _seats_left(offer, held) > 0


def _seats_left(offer: BookableTime, held: Sequence[HeldTime]) -> int:
    """Seats of an offer that are still free: a group shares slot and start, anything else that overlaps closes it."""
    taken = 0
    for booking in held:
        if not booking.span.overlaps(offer.span):
            continue
        if booking.slot_id != offer.slot_id or booking.span.starts_at != offer.span.starts_at:
            return 0
        taken += 1
    return offer.seats_left - taken
