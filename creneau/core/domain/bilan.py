"""The bilan de compétences: the engagement of a beneficiary with a consultant, whose sessions are booked here."""

from dataclasses import dataclass
from enum import StrEnum

from creneau.core.domain.errors import BilanNotActive, UserNotFound
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.domain.people import Role, User


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


def require_pair(beneficiary: User, consultant: User) -> None:
    """Raise `user.not_found` unless a bilan can be opened of the one with the other."""
    if beneficiary.role is not Role.BENEFICIARY or consultant.role is not Role.CONSULTANT:
        raise UserNotFound


def require_active(bilan: Bilan) -> None:
    """Raise `bilan.not_active` unless sessions may be booked on it."""
    if bilan.status is not BilanStatus.ACTIVE:
        raise BilanNotActive(status=bilan.status)
