"""Links to our own pages: what cannot be typed into Slack is typed there. Good for one act, and not for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from creneau.core.domain.ids import OrganizationId, PageLinkId, UserId
from creneau.core.domain.people import Organization, User

LIFETIME = timedelta(minutes=15)
MOST_TRIES = 12
"""How often a link may have a server asked: enough for typing errors, too few for guessing or for scanning."""


class PagePurpose(StrEnum):
    """What a link is good for, and for nothing else."""

    CONNECT_CALENDAR = "CONNECT_CALENDAR"


@dataclass(frozen=True, slots=True)
class PageLink:
    """The newest link of a person for a purpose; the one before opens nothing any more."""

    organization_id: OrganizationId
    user_id: UserId
    purpose: PagePurpose
    id: PageLinkId
    expires_at: datetime
    used_at: datetime | None = None
    tries: int = 0

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at and self.tries < MOST_TRIES


@dataclass(frozen=True, slots=True)
class PageVisit:
    """Who stands in front of a page, by a link that is open."""

    link: PageLink
    user: User
    organization: Organization
