"""Who is in front of us: the person behind a Slack request, in the organization of its workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from creneau.bot.stranger import LeftSlack, NotRegistered, read_sender
from creneau.core.domain.errors import OrganizationNotFound, UserNotFound
from creneau.core.domain.people import Actor, Arrival, User
from creneau.core.i18n.reader import Reader
from creneau.core.services.people import PeopleService


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    arrival: Arrival | None = None

    @property
    def actor(self) -> Actor:
        return replace(Actor.from_user(self.user), arrival=self.arrival)

    @property
    def reader(self) -> Reader:
        return Reader.from_user(self.user)


def get_person(people: PeopleService, body: Mapping[str, Any]) -> Person:
    """Find the person of a command, an interaction or an event body.

    Raises: `slack.not_registered` and the other codes of strangers, `slack.left`.
    """
    sender = read_sender(body)
    try:
        user = people.get_slack_user(sender.team_id, sender.user_id)
    except (OrganizationNotFound, UserNotFound):
        raise NotRegistered from None
    if not user.is_in_slack:
        raise LeftSlack
    return Person(user, _arrival(body))


def _arrival(body: Mapping[str, Any]) -> Arrival | None:
    """Return what tells a request from every other, and this arrival of it from one that Slack or a thief sends again.

    https://docs.slack.dev/apis/events-api#retries
    """
    key = body.get("event_id") or body.get("trigger_id") or body.get("action_ts")
    if key is None and body.get("type") == "view_closed":
        key = f"{body['view']['id']}:{body['view']['hash']}"
    return Arrival(f"{body.get('type', 'command')}:{key}", uuid4()) if key else None
