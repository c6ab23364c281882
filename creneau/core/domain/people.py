"""Organizations (the tenants), users and actors."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.ids import OrganizationId, UserId


class Role(StrEnum):
    BENEFICIARY = "BENEFICIARY"
    CONSULTANT = "CONSULTANT"
    ORG_ADMIN = "ORG_ADMIN"


@dataclass(frozen=True, slots=True)
class Organization:
    """A centre: one tenant, one Slack workspace."""

    id: OrganizationId
    name: str
    timezone: str
    locale: str
    slack_team_id: str | None


@dataclass(frozen=True, slots=True)
class User:
    """A person of one organization. `timezone` is an IANA name, `locale` is `fr` or `en`."""

    id: UserId
    organization_id: OrganizationId
    role: Role
    name: str
    email: str
    timezone: str
    locale: str
    slack_user_id: str | None
    slack_left_at: datetime | None = None
    """Since when we know that Slack closed their account in the workspace."""

    @property
    def is_in_slack(self) -> bool:
        """Whether messages can reach them."""
        return self.slack_user_id is not None and self.slack_left_at is None


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who left Slack, and how many sessions they have to come."""

    user: User
    coming: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A person of an organization, by ids alone. One human being may have several."""

    organization_id: OrganizationId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class Arrival:
    """One arrival of a request that a front may hand in more than once: `key` is the request's, `handling` its own."""

    key: str
    handling: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a user of an organization in the role the database gives them.

    Where the front can tell one request from another, `arrival` says by which they ask: it acts once.
    """

    organization_id: OrganizationId
    user_id: UserId
    role: Role
    arrival: Arrival | None = field(default=None, compare=False)

    @classmethod
    def from_user(cls, user: User) -> "Actor":
        return cls(user.organization_id, user.id, user.role)


def require_there(user: User | None) -> User:
    """Raise `user.not_found` for nobody."""
    if user is None:
        raise UserNotFound
    return user


def require_consultant(user: User | None) -> User:
    """Raise `user.not_found` for nobody, and for somebody who is not a consultant."""
    if user is None or user.role is not Role.CONSULTANT:
        raise UserNotFound
    return user
