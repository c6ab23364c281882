"""The bilan de compétences: the engagement of a beneficiary with a consultant, whose sessions are booked here."""

from dataclasses import dataclass
from enum import StrEnum

from creneau.core.domain.errors import BilanNotActive
from creneau.core.domain.ids import BilanId, OrganizationId, UserId


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


def require_active(bilan: Bilan) -> None:
    """Raise `bilan.not_active` unless sessions may be booked on it."""
    if bilan.status is not BilanStatus.ACTIVE:
        raise BilanNotActive(status=bilan.status)
