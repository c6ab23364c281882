"""The bilan de compétences: the engagement of a beneficiary with a consultant, whose sessions are booked here."""

from dataclasses import dataclass
from enum import StrEnum

from creneau.core.domain.booking import Status
from creneau.core.domain.errors import BilanNotActive, HoursExhausted, TooManyHours, UserNotFound
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.domain.people import Role, User

LEGAL_LIMIT_MINUTES = 24 * 60
"""Article L6313-4 of the Code du travail."""

CONSUMING = frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW})
"""The states that use up hours: what is held, what took place, and a session that was missed. Cancelled: given back."""


class BilanStatus(StrEnum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


class Phase(StrEnum):
    """The three phases of article R6313-4 of the Code du travail."""

    PRELIMINARY = "PRELIMINARY"
    INVESTIGATION = "INVESTIGATION"
    CONCLUSION = "CONCLUSION"


@dataclass(frozen=True, slots=True)
class Bilan:
    id: BilanId
    organization_id: OrganizationId
    beneficiary_id: UserId
    consultant_id: UserId
    status: BilanStatus
    phase: Phase
    purchased_minutes: int | None = None
    """What was bought, at most 24 hours (article L6313-4); None: only the legal limit holds."""


def require_pair(beneficiary: User, consultant: User) -> None:
    """Raise `user.not_found` unless a bilan can be opened of the one with the other."""
    if beneficiary.role is not Role.BENEFICIARY or consultant.role is not Role.CONSULTANT:
        raise UserNotFound


def require_active(bilan: Bilan) -> None:
    """Raise `bilan.not_active` unless sessions may be booked on it."""
    if bilan.status is not BilanStatus.ACTIVE:
        raise BilanNotActive(status=bilan.status)


@dataclass(frozen=True, slots=True)
class BilanHours:
    """The hours of a bilan. No `purchased_minutes`: no number was agreed on, and what remains is the legal limit's."""

    purchased_minutes: int | None
    used_minutes: int
    remaining_minutes: int
    is_open: bool = True
    """Whether sessions may be booked on it at all."""


@dataclass(frozen=True, slots=True)
class BilanFile:
    """A bilan with what is left of its hours, read at one moment."""

    bilan: Bilan
    hours: BilanHours


def count_hours(bilan: Bilan, used_minutes: int) -> BilanHours:
    """Return what is left; never less than nothing, also where hours were taken back after they were used."""
    limit = LEGAL_LIMIT_MINUTES if bilan.purchased_minutes is None else bilan.purchased_minutes
    is_open = bilan.status is BilanStatus.ACTIVE
    return BilanHours(bilan.purchased_minutes, used_minutes, max(limit - used_minutes, 0), is_open)


def require_hours(hours: BilanHours, wanted_minutes: int) -> None:
    """Raise `bilan.hours_exhausted` unless a session of that length fits into what is left."""
    if wanted_minutes > hours.remaining_minutes:
        raise HoursExhausted(remaining_minutes=hours.remaining_minutes, wanted_minutes=wanted_minutes)


def require_lawful_hours(purchased_minutes: int | None) -> None:
    """Raise `bilan.too_many_hours` unless the number may be bought; None is no number of its own."""
    if purchased_minutes is not None and not 0 <= purchased_minutes <= LEGAL_LIMIT_MINUTES:
        raise TooManyHours(longest_minutes=LEGAL_LIMIT_MINUTES)
