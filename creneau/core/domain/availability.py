"""Availability: a consultant's rules, what makes one valid, and how far ahead they reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from creneau.core.domain.errors import (
    InvalidSlot,
    InvalidTimeRange,
    LocalTimeDoesNotExist,
    UnknownZone,
)
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.policy import DEFAULT_POLICY
from creneau.core.domain.time import find_zone, to_instant

HORIZON = DEFAULT_POLICY.horizon
"""How far ahead sessions can be booked unless a policy says otherwise."""

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
    is_available: bool = True
    """False while the rule is paused: it is kept, and offers nothing."""


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
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def is_over(self, today: date) -> bool:
        """Tell whether the rule has no day left from a day on."""
        last = self.date_specific or self.recurring_until
        return last is not None and last < today


def validate_draft(draft: SlotDraft) -> None:
    """Raise `time.unknown_zone`, `time.invalid_range` or `slot.invalid` unless the rule can be kept."""
    if find_zone(draft.timezone) is None:
        raise UnknownZone(timezone=draft.timezone)
    if draft.start_time.second or draft.start_time.microsecond:
        raise InvalidTimeRange
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


def list_overlapping(draft: SlotDraft, rules: Sequence[AvailabilitySlot], today: date) -> list[AvailabilitySlot]:
    """Return the rules that offer hours of their own within a rule's hours, from a day on.

    It is no mistake: of two rules that offer a start, the first that is free is booked. Rules on another zone's clock
    are not compared, nor those that are paused.
    """
    return [
        rule
        for rule in rules
        if rule.is_available
        and rule.timezone == draft.timezone
        and not rule.is_over(today)
        and rule.start_time < draft.end_time
        and draft.start_time < rule.end_time
        and _share_a_day(draft, rule)
    ]


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


def horizon_ends_at(now: datetime, timezone: str, horizon: timedelta = HORIZON) -> datetime:
    """Return the end of the last bookable day: today and the horizon on the wall clock of a zone."""
    zone = find_zone(timezone)
    if zone is None:
        raise UnknownZone(timezone=timezone)
    last_day = now.astimezone(zone).date() + horizon
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def _share_a_day(draft: SlotDraft, rule: AvailabilitySlot) -> bool:
    if draft.date_specific and rule.date_specific:
        return draft.date_specific == rule.date_specific
    for one, other in ((draft, rule), (rule, draft)):
        if one.date_specific:
            until = other.recurring_until
            return other.day_of_week == one.date_specific.isoweekday() % 7 and (
                until is None or one.date_specific <= until
            )
    return draft.day_of_week == rule.day_of_week
