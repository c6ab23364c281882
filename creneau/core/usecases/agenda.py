"""What the engine is asked: the grid of consultants' rules and the agenda of all that closes starts, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from creneau.core.domain.availability import AvailabilitySlot, horizon_ends_at
from creneau.core.domain.engine import DAYS, Agenda, Caps, Intervals, join_intervals, notice_ends, to_intervals
from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.grid import Consultant, Grid, find_offers, lay_out
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import IntArray, to_minute
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import ExceptionKind, TimeOff, days_of
from creneau.core.holidays import holidays_between
from creneau.core.storage import agenda as storage
from creneau.core.storage.agenda import Asked, Reading
from creneau.core.storage.bilans import Use
from creneau.core.storage.database import Transaction

A_DAY = timedelta(days=1)

_REACH = timedelta(days=2)  # a day for zones, and what a session holds before and after it
_COUNTED = timedelta(days=8)  # a week, in which sessions count for a cap, and a day for zones


@dataclass(frozen=True, slots=True)
class Question:
    """Whose starts (None: everybody's), on which days (both included), for whom.

    `moving` is a booking that does not count. Times that the beneficiary or the asker holds are free for them, and for
    nobody else.
    """

    organization_id: OrganizationId
    consultant_id: UserId | None
    first: date
    last: date
    beneficiary_id: UserId | None = None
    moving: BookingId | None = None
    asker_id: UserId | None = None
    bilan_id: BilanId | None = None
    """Whose use is read along."""
    start: int | None = None
    """The minute since 1970 that alone is asked about, a day within the days; None: all starts of the days."""

    def at(self, now: datetime) -> Asked:
        """Ask about instants that hold the days of every zone on earth, and whole weeks around them for caps.

        The days around a start hold all that can close that start.
        """
        return Asked(
            self.organization_id,
            self._around(_REACH if self.start is None else timedelta()),
            self.first,
            self.last,
            now,
            self._around(_COUNTED),
            self.beneficiary_id,
            self.moving,
            tuple(user_id for user_id in (self.beneficiary_id, self.asker_id) if user_id),
            self.bilan_id,
        )

    def _around(self, reach: timedelta) -> Span:
        return Span(
            datetime.combine(self.first - reach, time(), tzinfo=UTC),
            datetime.combine(self.last + reach + A_DAY, time(), tzinfo=UTC),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What the engine judges: consultants, the starts that their rules offer, and all that closes them."""

    consultants: Sequence[Consultant]
    grid: Grid
    agenda: Agenda
    read_at: Mapping[UserId, datetime]
    """As of when the calendars of each consultant are known, of those that have any that count."""
    use: Use | None = None
    """What was booked on the bilan that was asked about."""


def read(tx: Transaction, question: Question, now: datetime) -> Situation:
    """Read and lay out everything: one consultant's in one statement. Raises: `user.not_found`."""
    asked = question.at(now)
    if question.consultant_id is None:
        reading = storage.read_all(tx, asked)
    else:
        found = storage.read_one(tx, asked, question.consultant_id)
        if found is None:
            raise UserNotFound
        reading = found
    offering, consultants = reading.offering, reading.offering.consultants
    last = min(question.last, now.date() + _longest_horizon(consultants) + 2 * A_DAY)
    rules = offering.rules
    if question.start is None:
        grid = lay_out(rules, consultants, question.first, last)
    else:
        grid = find_offers(rules, consultants, question.first, last, question.start)
    policies = [consultant.policy for consultant in consultants]
    closed_days, holidays = _closures(consultants, offering.time_off, question.first, last)
    agenda = Agenda(
        notice_until=np.array([notice_ends(now, policy.minimum_notice_minutes) for policy in policies], np.int64),
        horizon=_horizons(consultants, now),
        buffer=np.array([policy.buffer_minutes for policy in policies], np.int64),
        now=to_minute(now),
        held=reading.held,
        sessions=reading.sessions,
        busy=reading.busy,
        time_off=_time_off(consultants, offering.time_off, question.first, last),
        beneficiary=reading.beneficiary,
        closed_days=closed_days,
        holidays=holidays,
        seats_taken=_seats(grid.rules, reading.seats),
        caps=_caps(consultants, reading, question.first, last),
        is_unknown=_unknown(consultants, reading.read_at, now),
    )
    return Situation(consultants, grid, agenda, reading.read_at, reading.use)


def _longest_horizon(consultants: Sequence[Consultant]) -> timedelta:
    return max((consultant.policy.horizon for consultant in consultants), default=timedelta())


def _horizons(consultants: Sequence[Consultant], now: datetime) -> IntArray:
    ends: dict[tuple[str, int], int] = {}
    for consultant in consultants:
        key = (consultant.timezone, consultant.policy.horizon_days)
        if key not in ends:
            ends[key] = to_minute(horizon_ends_at(now, consultant.timezone, consultant.policy.horizon))
    return np.array(
        [ends[(consultant.timezone, consultant.policy.horizon_days)] for consultant in consultants], np.int64
    )


def _time_off(consultants: Sequence[Consultant], exceptions: Sequence[TimeOff], first: date, last: date) -> Intervals:
    lanes = {consultant.id: lane for lane, consultant in enumerate(consultants)}
    return join_intervals(
        [
            to_intervals(exception.spans(first - A_DAY, last + A_DAY), lanes[exception.consultant_id])
            for exception in exceptions
            if exception.kind is ExceptionKind.TIME_OFF
        ]
    )


def _closures(
    consultants: Sequence[Consultant], exceptions: Sequence[TimeOff], first: date, last: date
) -> tuple[IntArray, IntArray]:
    """Return the days on which weekly rules do not hold: those with other hours, and public holidays."""
    own: dict[UserId, list[TimeOff]] = {}
    for exception in exceptions:
        own.setdefault(exception.consultant_id, []).append(exception)
    closed: list[int] = []
    holidays: list[int] = []
    for lane, consultant in enumerate(consultants):
        mine, policy = own.get(consultant.id, []), consultant.policy
        closed += [lane * DAYS + day.toordinal() for day in days_of(mine, ExceptionKind.CLOSED, first, last)]
        if policy.closes_on_holidays:
            days = holidays_between(policy.holiday_country, policy.holiday_subdivision, first, last)
            days -= days_of(mine, ExceptionKind.OPEN_HOLIDAY, first, last)
            holidays += [lane * DAYS + day.toordinal() for day in days]
    return np.array(closed, np.int64), np.array(holidays, np.int64)


def _seats(rules: Sequence[AvailabilitySlot], seats: Mapping[tuple[SlotId, int], int]) -> dict[tuple[int, int], int]:
    """Return the seats that groups hold by the place of their rule in the grid, but for rules that are gone."""
    if not seats:
        return {}
    places = {rule.id: place for place, rule in enumerate(rules)}
    return {(places[rule], minute): count for (rule, minute), count in seats.items() if rule in places}


def _caps(consultants: Sequence[Consultant], reading: Reading, first: date, last: date) -> Caps | None:
    if not any(consultant.policy.has_caps for consultant in consultants):
        return None
    starts = np.concatenate([reading.sessions.starts, reading.over])
    return Caps(consultants, starts, first.toordinal(), last.toordinal() - first.toordinal() + 1)


def _unknown(
    consultants: Sequence[Consultant], read_at: Mapping[UserId, datetime], now: datetime
) -> NDArray[np.bool_] | None:
    """Tell whose imported busy time is too old to be relied on; None when no policy asks."""
    if all(consultant.policy.busy_max_age_minutes is None for consultant in consultants):
        return None
    return np.array(
        [
            consultant.policy.busy_max_age_minutes is not None
            and consultant.id in read_at
            and now - read_at[consultant.id] > timedelta(minutes=consultant.policy.busy_max_age_minutes)
            for consultant in consultants
        ]
    )
