"""Secrets that are kept sealed: where each stands, and the name that it is bound to."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from creneau.core.domain.ids import OrganizationId


class SealedPlace(StrEnum):
    """The column that a secret stands in."""

    CALENDAR = "CALENDAR"
    BOT = "BOT"
    REFRESH = "REFRESH"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One secret. `row_id` is the calendar link's id; a workspace's tokens have their organization's."""

    place: SealedPlace
    organization_id: OrganizationId
    row_id: UUID

    @property
    def name(self) -> str:
        """Return what the secret is sealed to. Never to change: what was sealed to another name does not open."""
        match self.place:
            case SealedPlace.CALENDAR:
                return f"calendar_links:{self.organization_id}:{self.row_id}"
            case SealedPlace.BOT:
                return f"slack_installations:{self.organization_id}"
            case SealedPlace.REFRESH:
                return f"slack_installations:{self.organization_id}:refresh"


@dataclass(frozen=True, slots=True)
class SecretCounts:
    """How many secrets are sealed under the newest key, under an older one, and under a key that is not at hand."""

    newest: int = 0
    older: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Resealing:
    """What came of sealing secrets anew: `unreadable` are those that no key at hand opens for their row."""

    resealed: int
    unreadable: tuple[SealedSecret, ...]
