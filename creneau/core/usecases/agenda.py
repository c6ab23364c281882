"""What the engine is asked: the grid of consultants' rules and the agenda of all that closes starts, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from creneau.core.domain.availability import AvailabilitySlot, horizon_ends_at
from creneau.core.domain.engine import (
    DAYS,
    LANE,
    Agenda,
    Caps,
    Intervals,
    join_intervals,
    notice_ends,
    to_intervals,
)
from creneau.core.domain.grid import Consultant, Grid, lay_out
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.midnights import to_minute
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import ExceptionKind, TimeOff, days_of
from creneau.core.holidays import holidays_between
from creneau.core.storage import agenda as storage
from creneau.core.storage import bookings
from creneau.core.storage.database import Transaction

A_DAY = timedelta(days=1)

_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Question:
    """Whose starts, on which days (both included), for whom; `moving` is a booking that does not count.

    Times that the beneficiary or the asker holds are free for them, and for nobody else.
    """

    organization_id: OrganizationId
    consultants: Sequence[Consultant]
    first: date
    last: date
    beneficiary_id: UserId | None = None
    moving: BookingId | None = None
    asker_id: UserId | None = None

    def aside(self, now: datetime) -> storage.Aside:
        holders = tuple(user_id for user_id in (self.beneficiary_id, self.asker_id) if user_id)
        return storage.Aside(now, self.moving, holders)

    @property
    def ids(self) -> list[UserId]:
        return [consultant.id for consultant in self.consultants]

    @property
    def has_caps(self) -> bool:
        return any(consultant.policy.daily_cap or consultant.policy.weekly_cap for consultant in self.consultants)

    @property
    def span(self) -> Span:
        """Instants that hold the days of every zone on earth, and whole weeks around them where sessions count."""
        around = A_DAY + _A_WEEK if self.has_caps else A_DAY
        return Span(
            datetime.combine(self.first, time(), tzinfo=UTC) - around,
            datetime.combine(self.last, time(), tzinfo=UTC) + around + A_DAY,
        )


def read(tx: Transaction, question: Question, now: datetime) -> tuple[Grid, Agenda]:
    """Read and lay out everything, in a number of statements that depends on the policies alone."""
    organization_id, ids, span = question.organization_id, question.ids, question.span
    rules = storage.list_rules(tx, organization_id, ids, question.first, question.last)
    time_off = storage.list_time_off(tx, organization_id, ids, question.first - A_DAY, question.last + A_DAY)
    held = storage.read_held(tx, organization_id, ids, span, question.aside(now))
    beneficiary = (
        bookings.list_busy_of_beneficiary(tx, organization_id, question.beneficiary_id, span, question.moving)
        if question.beneficiary_id
        else []
    )
    grid = lay_out(rules, question.consultants, question.first, question.last)
    horizons: dict[tuple[str, int], int] = {}
    for consultant in question.consultants:
        key = (consultant.timezone, consultant.policy.horizon_days)
        if key not in horizons:
            horizons[key] = to_minute(horizon_ends_at(now, consultant.timezone, consultant.policy.horizon))
    policies = [consultant.policy for consultant in question.consultants]
    closed_days, holidays = _closures(question, time_off)
    return grid, Agenda(
        notice_until=np.array([notice_ends(now, policy.minimum_notice_minutes) for policy in policies]),
        horizon=np.array(
            [horizons[(consultant.timezone, consultant.policy.horizon_days)] for consultant in question.consultants]
        ),
        buffer=np.array([policy.buffer_minutes for policy in policies]),
        now=to_minute(now),
        held=held.held,
        sessions=held.sessions,
        busy=storage.read_busy(tx, organization_id, ids, span),
        time_off=_time_off(question, time_off),
        beneficiary=_in_every_lane(to_intervals(beneficiary), len(policies)),
        closed_days=closed_days,
        holidays=holidays,
        seats_taken=_seats(tx, question, grid.rules, now),
        caps=_caps(tx, question, held.sessions) if question.has_caps else None,
        is_unknown=_unknown(tx, question, now),
    )


def _time_off(question: Question, exceptions: Sequence[TimeOff]) -> Intervals:
    lanes = {id_: lane for lane, id_ in enumerate(question.ids)}
    first, last = question.first - A_DAY, question.last + A_DAY
    return join_intervals(
        [
            to_intervals(exception.spans(first, last), lanes[exception.consultant_id])
            for exception in exceptions
            if exception.kind is ExceptionKind.TIME_OFF
        ]
    )


def _closures(question: Question, exceptions: Sequence[TimeOff]) -> tuple[np.ndarray, np.ndarray]:
    """Return the days on which weekly rules do not hold: those with other hours, and public holidays."""
    own: dict[UserId, list[TimeOff]] = {}
    for exception in exceptions:
        own.setdefault(exception.consultant_id, []).append(exception)
    closed: list[int] = []
    holidays: list[int] = []
    for lane, consultant in enumerate(question.consultants):
        mine = own.get(consultant.id, [])
        first, last, policy = question.first, question.last, consultant.policy
        closed += [lane * DAYS + day.toordinal() for day in days_of(mine, ExceptionKind.CLOSED, first, last)]
        if policy.closes_on_holidays:
            days = holidays_between(policy.holiday_country, policy.holiday_subdivision, first, last)
            days -= days_of(mine, ExceptionKind.OPEN_HOLIDAY, first, last)
            holidays += [lane * DAYS + day.toordinal() for day in days]
    return np.array(closed, np.int64), np.array(holidays, np.int64)


def _in_every_lane(intervals: Intervals, lanes: int) -> Intervals:
    return join_intervals(
        [Intervals(intervals.starts + lane * LANE, intervals.ends + lane * LANE) for lane in range(lanes)]
        if intervals.starts.size
        else []
    )


def _seats(
    tx: Transaction, question: Question, rules: Sequence[AvailabilitySlot], now: datetime
) -> dict[tuple[int, int], int]:
    groups = [rule for rule in rules if rule.max_concurrent_bookings > 1]
    if not groups:
        return {}
    places = {rule.id: place for place, rule in enumerate(rules)}
    taken = storage.read_seats(tx, question.organization_id, groups, question.span, question.aside(now))
    return {(places[slot_id], to_minute(starts_at)): seats for (slot_id, starts_at), seats in taken.items()}


def _caps(tx: Transaction, question: Question, sessions: Intervals) -> Caps:
    over = storage.read_over(tx, question.organization_id, question.ids, question.span)
    first = question.first.toordinal()
    days = question.last.toordinal() - first + 1
    return Caps(question.consultants, np.concatenate([sessions.starts, over]), first, days)


def _unknown(tx: Transaction, question: Question, now: datetime) -> np.ndarray | None:
    """Tell whose imported busy time is too old to be relied on; None when no policy asks."""
    if all(consultant.policy.busy_max_age_minutes is None for consultant in question.consultants):
        return None
    read_at = storage.read_oldest_reading(tx, question.organization_id, question.ids, now)
    return np.array(
        [
            consultant.policy.busy_max_age_minutes is not None
            and consultant.id in read_at
            and now - read_at[consultant.id] > timedelta(minutes=consultant.policy.busy_max_age_minutes)
            for consultant in question.consultants
        ]
    )
