"""Who is in front of us: the person behind a Slack request, in the organization of its workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creneau.core.domain.errors import OrganizationNotFound, Refusal, UserNotFound
from creneau.core.domain.people import Actor, User
from creneau.core.i18n.reader import Reader
from creneau.core.services.people import PeopleService


@dataclass(frozen=True, slots=True)
class Person:
    user: User

    @property
    def actor(self) -> Actor:
        return Actor.from_user(self.user)

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
        return Person(people.get_slack_user(team_id, user_id))
    except (OrganizationNotFound, UserNotFound):
        raise NotRegistered from None


def _ids(body: Mapping[str, Any]) -> tuple[str, str]:
    if "event" in body:
        return body["team_id"], body["event"]["user"]
    if "user" in body:
        return body["user"].get("team_id") or body["team"]["id"], body["user"]["id"]
    return body["team_id"], body["user_id"]
