"""People as administrators add, change and let them go."""

from dataclasses import dataclass, replace
from datetime import datetime

from creneau.core.domain.bilan import BilanStatus
from creneau.core.domain.errors import InvalidPerson, LastAdministrator, NotAllowed, UnknownZone, UserHasBilans
from creneau.core.domain.events import CalendarLeft
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.text import clean_text
from creneau.core.domain.time import find_zone
from creneau.core.storage import (
    bilans,
    bookings,
    busy,
    calendar_changes,
    calendar_links,
    diary,
    organizations,
    pushed_objects,
    users,
)
from creneau.core.storage.database import Transaction
from creneau.core.usecases import cancellations, digests, hours_calendars
from creneau.core.usecases.acts import Change

LONGEST_NAME = 200
LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person to add; zone and language are the organization's unless given."""

    role: Role
    name: str
    email: str
    slack_user_id: str | None = None
    timezone: str | None = None
    locale: str | None = None


def require_admin(actor: Actor) -> None:
    """Raise `actor.not_allowed` but for an administrator."""
    if actor.role is not Role.ORG_ADMIN:
        raise NotAllowed


def add_person(tx: Transaction, actor: Actor, draft: PersonDraft, user_id: UserId) -> User:
    """Raises: `actor.not_allowed`, `user.invalid`, `text.invalid`, `time.unknown_zone`, `user.already_there`."""
    require_admin(actor)
    organization = organizations.get(tx, actor.organization_id)
    name = clean_text("name", draft.name, LONGEST_NAME)
    email = clean_text("email", draft.email, LONGEST_EMAIL)
    if name is None:
        raise InvalidPerson(field="name")
    if email is None or "@" not in email or any(character.isspace() for character in email):
        raise InvalidPerson(field="email")
    user = User(
        user_id,
        actor.organization_id,
        draft.role,
        name,
        email,
        draft.timezone or organization.timezone,
        draft.locale or organization.locale,
        draft.slack_user_id,
    )
    if find_zone(user.timezone) is None:
        raise UnknownZone(timezone=user.timezone)
    users.add(tx, user)
    return user


def change_role(tx: Transaction, actor: Actor, user_id: UserId, role: Role, now: datetime) -> User:
    """Give a person another role. Who stands in an open bilan, or has sessions to come, keeps theirs.

    Raises: `actor.not_allowed`, `user.not_found`, `user.has_bilans`, `user.last_admin`.
    """
    require_admin(actor)
    user = users.lock(tx, actor.organization_id, user_id)
    if user.role is role:
        return user
    if bilans.list_active(tx, actor.organization_id, user_id) or diary.list_live(tx, actor.organization_id, user_id):
        raise UserHasBilans
    _require_another_admin(tx, user)
    changed = replace(user, role=role)
    users.save(tx, changed)
    digests.plan_next(tx, changed, now)
    return changed


def deactivate(tx: Transaction, actor: Actor, user_id: UserId, reason: str, now: datetime) -> list[Change]:
    """Let a person go: their sessions to come are cancelled, their open bilans end, and they are nobody here.

    Raises: `actor.not_allowed`, `user.not_found`, `user.last_admin`.
    """
    require_admin(actor)
    user = users.lock(tx, actor.organization_id, user_id)
    _require_another_admin(tx, user)
    coming = [
        bookings.lock(tx, actor.organization_id, booking.id)  # all of them before the first is changed
        for booking in diary.list_live(tx, actor.organization_id, user_id)
        if booking.span.starts_at > now
    ]
    ended = [cancellations.cancel(tx, actor, booking.id, reason, now) for booking in coming if booking.is_live]
    for bilan in bilans.list_active(tx, actor.organization_id, user_id):
        bilans.save(tx, replace(bilan, status=BilanStatus.COMPLETED))
    users.deactivate(tx, user, now)
    return ended


def leave_calendar(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, now: datetime
) -> CalendarLeft | None:
    """Let go of the calendar of somebody who leaves: its password, what is to come, hours. What took place stays there.

    What is to be taken out is for a job.
    """
    link = calendar_links.find(tx, organization_id, consultant_id)
    if link is None:
        return None
    busy.choose(tx, organization_id, consultant_id, [], now)
    calendar_changes.forget(tx, organization_id, consultant_id)
    hours_calendars.hide(tx, link, now)
    pushed_objects.let_stand(tx, organization_id, link.id)
    calendar_links.leave(tx, organization_id, link.id, now)
    return CalendarLeft(organization_id, consultant_id, now)


def link_slack_user(tx: Transaction, actor: Actor, user_id: UserId, slack_user_id: str | None) -> User:
    """Say who a person is in Slack, or (None) that they are nobody there.

    Raises: `actor.not_allowed`, `user.not_found`, `user.already_there` for a Slack user who is somebody else.
    """
    require_admin(actor)
    known = users.lock(tx, actor.organization_id, user_id)
    user = replace(known, slack_user_id=slack_user_id, slack_left_at=None)
    users.save(tx, user)
    users.save_presence(tx, user, None)
    return user


def _require_another_admin(tx: Transaction, user: User) -> None:
    if user.role is Role.ORG_ADMIN and users.count_of_role(tx, user.organization_id, Role.ORG_ADMIN) == 1:
        raise LastAdministrator
