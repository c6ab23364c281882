"""Why a start can or cannot be booked: the engine asked again, with one thing at a time that may close it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from creneau.core.domain import errors
from creneau.core.domain.engine import Agenda, judge
from creneau.core.domain.errors import Refusal, SlotUnavailable
from creneau.core.domain.grid import Grid
from creneau.core.domain.time import BookableTime


class Reason(StrEnum):
    """What closes a start. The order is that of the answer: the first is what a person is told."""

    BILAN_NOT_ACTIVE = errors.BilanNotActive.code
    PAST = errors.SlotInThePast.code
    HORIZON = errors.SlotBeyondHorizon.code
    OUTSIDE_RULES = errors.SlotOutsideRules.code
    HOLIDAY = errors.SlotOnHoliday.code
    TIME_OFF = errors.SlotInTimeOff.code
    BENEFICIARY_BUSY = errors.BeneficiaryBusy.code
    TAKEN = errors.SlotTaken.code
    BUSY_ELSEWHERE = errors.SlotBusyElsewhere.code
    BUFFER = errors.SlotInBuffer.code
    CAP = errors.SlotOverCap.code
    NOTICE = errors.SlotTooSoon.code
    BUSY_UNKNOWN = errors.SlotBusyUnknown.code
    HOURS_EXHAUSTED = errors.HoursExhausted.code


_REFUSALS: dict[str, type[SlotUnavailable]] = {
    refusal.code: refusal
    for refusal in (
        errors.SlotInThePast,
        errors.SlotBeyondHorizon,
        errors.SlotOutsideRules,
        errors.SlotOnHoliday,
        errors.SlotInTimeOff,
        errors.BeneficiaryBusy,
        errors.SlotTaken,
        errors.SlotBusyElsewhere,
        errors.SlotInBuffer,
        errors.SlotOverCap,
        errors.SlotTooSoon,
        errors.SlotBusyUnknown,
    )
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the engine says of one start. `offer` is what the rules offer then, bookable or not; None: nothing.

    `minutes_left` of the bilan that was asked about; None: about none. `busy_read_at`: as of when the consultant's own
    calendars are known; None where none counts.
    """

    starts_at: datetime
    reasons: tuple[Reason, ...]
    offer: BookableTime | None
    minutes_left: int | None = None
    busy_read_at: datetime | None = None

    @property
    def is_bookable(self) -> bool:
        return not self.reasons

    def refusals(self) -> list[Refusal]:
        """Return the reasons as what a booking would be refused with."""
        return [self._refusal(reason) for reason in self.reasons]

    def _refusal(self, reason: Reason) -> Refusal:
        if reason is Reason.BILAN_NOT_ACTIVE:
            return errors.BilanNotActive()
        if reason is Reason.HOURS_EXHAUSTED:
            wanted = self.offer.span.minutes if self.offer else 0
            return errors.HoursExhausted(remaining_minutes=self.minutes_left or 0, wanted_minutes=wanted)
        return refusal_of(reason)


def reasons_against(grid: Grid, agenda: Agenda) -> tuple[Reason, ...]:
    """Return why the one start of a grid cannot be booked, in order; nothing when it can."""
    can_book, _ = judge(grid, agenda)
    if can_book.all():
        return ()
    found = {reason for reason, alone in _one_at_a_time(agenda) if not judge(grid, alone)[0].all()}
    if found & {Reason.TAKEN, Reason.BUSY_ELSEWHERE}:
        found.discard(Reason.BUFFER)
    if Reason.PAST in found:
        found.discard(Reason.NOTICE)
    return tuple(reason for reason in Reason if reason in found)


def refusal_of(reason: Reason) -> SlotUnavailable:
    """Return what a start is refused with, for a reason that is the time's own and not a bilan's."""
    return _REFUSALS[reason]()


def _one_at_a_time(agenda: Agenda) -> Iterator[tuple[Reason, Agenda]]:
    nothing = Agenda.bare(len(agenda.buffer))
    yield Reason.BILAN_NOT_ACTIVE, replace(nothing, is_bilan_open=agenda.is_bilan_open)
    yield Reason.HOURS_EXHAUSTED, replace(nothing, minutes_left=agenda.minutes_left)
    yield Reason.PAST, replace(nothing, now=agenda.now)
    yield Reason.HORIZON, replace(nothing, horizon=agenda.horizon)
    yield Reason.OUTSIDE_RULES, replace(nothing, closed_days=agenda.closed_days)
    yield Reason.HOLIDAY, replace(nothing, holidays=agenda.holidays)
    yield Reason.TIME_OFF, replace(nothing, time_off=agenda.time_off)
    yield Reason.BENEFICIARY_BUSY, replace(nothing, beneficiary=agenda.beneficiary)
    yield Reason.TAKEN, replace(nothing, held=agenda.sessions, seats_taken=agenda.seats_taken)
    yield Reason.BUSY_ELSEWHERE, replace(nothing, busy=agenda.busy)
    yield (
        Reason.BUFFER,
        replace(nothing, held=agenda.held, busy=agenda.busy, buffer=agenda.buffer, seats_taken=agenda.seats_taken),
    )
    # One seat of each group: a cap lets people join what is held already, and a full group is another reason.
    yield Reason.CAP, replace(nothing, caps=agenda.caps, seats_taken=dict.fromkeys(agenda.seats_taken, 1))
    yield Reason.NOTICE, replace(nothing, notice_until=agenda.notice_until)
    yield Reason.BUSY_UNKNOWN, replace(nothing, is_unknown=agenda.is_unknown)
