"""Policy: the numbers a centre, or one consultant, may choose. What is not chosen has a default here."""

from dataclasses import dataclass, fields, replace
from datetime import time, timedelta
from enum import StrEnum

from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.errors import PolicyOutOfBounds
from creneau.core.domain.quiet_hours import QuietHours


class Discretion(StrEnum):
    """How much the first line of a message tells whoever looks at a locked screen."""

    STRICT = "STRICT"
    """That there is something new about an appointment."""
    DISCREET = "DISCREET"
    """What is new, and when; nobody's name."""
    DETAILED = "DETAILED"
    """With whom and what for, too."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force for one consultant: the consultant's own choices over the organization's over these."""

    minimum_notice_minutes: int = 0
    horizon_days: int = 42
    """Six weeks, because missed sessions grow with the lead time."""
    buffer_minutes: int = 0
    """Held after each session."""
    slot_increment_minutes: int | None = None
    """From one start to the next; None: the session's own duration."""
    daily_cap: int | None = None
    weekly_cap: int | None = None
    holiday_country: str = "FR"
    holiday_subdivision: str | None = None
    closes_on_holidays: bool = True
    busy_max_age_minutes: int | None = None
    """Past this age of imported busy time nothing is offered; None: any age will do."""
    cancellation_deadline_minutes: int = 0
    """How long before its start a beneficiary may still cancel: the centre's contract says, so 0 until it is told."""
    reschedule_deadline_minutes: int = 0
    answer_within_minutes: int = 48 * 60
    last_chase_minutes: int = 4 * 60
    """How long before its end a question is asked a last time; 0: what is not answered is never asked again."""
    reminds_three_days_before: bool = False
    quiet_from: time = time(20)
    quiet_until: time = time(8)
    discretion: Discretion = Discretion.DISCREET
    """The centre's alone to choose."""
    calendar_detail: CalendarDetail = CalendarDetail.NEUTRAL
    """How much events in calendars and feeds tell. The centre's alone to choose."""

    @property
    def minimum_notice(self) -> timedelta:
        return timedelta(minutes=self.minimum_notice_minutes)

    @property
    def horizon(self) -> timedelta:
        return timedelta(days=self.horizon_days)

    @property
    def buffer(self) -> timedelta:
        return timedelta(minutes=self.buffer_minutes)

    @property
    def has_caps(self) -> bool:
        return bool(self.daily_cap or self.weekly_cap)

    @property
    def cancellation_deadline(self) -> timedelta:
        return timedelta(minutes=self.cancellation_deadline_minutes)

    @property
    def reschedule_deadline(self) -> timedelta:
        return timedelta(minutes=self.reschedule_deadline_minutes)

    @property
    def answer_within(self) -> timedelta:
        return timedelta(minutes=self.answer_within_minutes)

    @property
    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.quiet_from, self.quiet_until)

    @property
    def last_chase(self) -> timedelta:
        return timedelta(minutes=self.last_chase_minutes)


@dataclass(frozen=True, slots=True)
class PolicyChoices:
    """What was chosen at one level; None leaves the choice to the level below."""

    minimum_notice_minutes: int | None = None
    horizon_days: int | None = None
    buffer_minutes: int | None = None
    slot_increment_minutes: int | None = None
    daily_cap: int | None = None
    weekly_cap: int | None = None
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    closes_on_holidays: bool | None = None
    busy_max_age_minutes: int | None = None
    cancellation_deadline_minutes: int | None = None
    reschedule_deadline_minutes: int | None = None
    answer_within_minutes: int | None = None
    last_chase_minutes: int | None = None
    reminds_three_days_before: bool | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    discretion: Discretion | None = None
    calendar_detail: CalendarDetail | None = None


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What was chosen at one level, and what holds there with the levels below it."""

    choices: PolicyChoices
    policy: Policy


DEFAULT_POLICY = Policy()


def decide(policy: Policy, *levels: PolicyChoices) -> Policy:
    """Lay choices over a policy, the later over the earlier."""
    for level in levels:
        chosen = {field.name: getattr(level, field.name) for field in fields(level)}
        policy = replace(policy, **{name: value for name, value in chosen.items() if value is not None})
    return policy


BOUNDS: dict[str, tuple[int, int]] = {
    "minimum_notice_minutes": (0, 43_200),
    "horizon_days": (1, 366),
    "buffer_minutes": (0, 240),
    "slot_increment_minutes": (5, 480),
    "daily_cap": (1, 100),
    "weekly_cap": (1, 500),
    "busy_max_age_minutes": (1, 525_600),
    "cancellation_deadline_minutes": (0, 525_600),
    "reschedule_deadline_minutes": (0, 525_600),
    "answer_within_minutes": (1, 525_600),
    "last_chase_minutes": (0, 525_600),
}
"""What may be chosen, from the least to the most."""


def validate_choices(choices: PolicyChoices) -> None:
    """Raise `policy.out_of_bounds` unless every number that is chosen is within its bounds."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(choices, name)
        if value is not None and not least <= value <= most:
            raise PolicyOutOfBounds(field=name, least=least, most=most)
