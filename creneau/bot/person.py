"""Who is in front of us: the person behind a Slack request, in the organization of its workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from creneau.core.domain.errors import OrganizationNotFound, Refusal, UserNotFound
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


class NotRegistered(Refusal):
    """No person of ours is behind this Slack user, or no organization has this workspace."""

    code = "slack.not_registered"


def get_person(people: PeopleService, body: Mapping[str, Any]) -> Person:
    """Find the person of a command, an interaction or an event body.

    The workspace is the one the person belongs to, not the one they write from, so that a guest of a shared channel
    is nobody here. Raises: `slack.not_registered`.
    """
    team_id, user_id = _ids(body)
    try:
        return Person(people.get_slack_user(team_id, user_id), _arrival(body))
    except (OrganizationNotFound, UserNotFound):
        raise NotRegistered from None


def _arrival(body: Mapping[str, Any]) -> Arrival | None:
    """Return what tells a request from every other, and this arrival of it from one that Slack or a thief sends again.

    https://docs.slack.dev/apis/events-api#retries
    """
    key = body.get("event_id") or body.get("trigger_id") or body.get("action_ts")
    if key is None and body.get("type") == "view_closed":
        key = f"{body['view']['id']}:{body['view']['hash']}"
    return Arrival(f"{body.get('type', 'command')}:{key}", uuid4()) if key else None


def _ids(body: Mapping[str, Any]) -> tuple[str, str]:
    if "event" in body:
        return body["team_id"], body["event"]["user"]
    if "user" in body:
        return body["user"].get("team_id") or body["team"]["id"], body["user"]["id"]
    return body["team_id"], body["user_id"]
