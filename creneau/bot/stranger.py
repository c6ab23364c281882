"""Strangers: who acts in Slack and is no person of the workspace's centre, what each kind is told, and whom to ask.

Nothing is done for them. A guest whom an administrator added is no stranger: what somebody may do, our database says.
https://docs.slack.dev/apis/slack-connect#developing, https://docs.slack.dev/reference/objects/user-object
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from creneau.core.domain.errors import Refusal
from creneau.core.services.presence import PresenceService

_SLACKBOT = "USLACKBOT"


class NotRegistered(Refusal):
    """No person of ours is behind this Slack user, or no organization has this workspace."""

    code = "slack.not_registered"


class UnknownGuest(NotRegistered):
    """A guest of the workspace whom nobody has added."""

    code = "slack.guest"


class OtherWorkspace(NotRegistered):
    """Somebody of another workspace, in a shared channel (Slack Connect)."""

    code = "slack.other_workspace"


class WholeEnterprise(NotRegistered):
    """The app was installed for a whole Enterprise organization; a centre is one workspace of it."""

    code = "slack.whole_enterprise"


class NotAPerson(NotRegistered):
    """A bot, a workflow or Slackbot."""

    code = "slack.not_a_person"


class Deactivated(NotRegistered):
    """The account is closed in Slack."""

    code = "slack.deactivated"


class LeftSlack(NotRegistered):
    """A person of ours whose account Slack said was closed, and who acts: they are being looked up again."""

    code = "slack.left"


class Sender(NamedTuple):
    """The workspace that a request was made in, and the Slack user who made it."""

    team_id: str
    user_id: str


def read_sender(body: Mapping[str, Any]) -> Sender:
    """Read who made a command, an interaction or an event, in which workspace of the app.

    Raises: `slack.other_workspace`, `slack.whole_enterprise`, `slack.not_registered` for a request of nobody.
    """
    event, user = body.get("event", {}), body.get("user") or {}
    if _is_of_enterprise(body):
        raise WholeEnterprise
    team_id = workspace_of(body)
    user_id = body.get("user_id") or user.get("id") or event.get("user")
    if not team_id or not isinstance(user_id, str):
        raise NotRegistered
    home = user.get("team_id") or event.get("user_team")
    # Inside an Enterprise the home of a user may be any of its workspaces: there, ids alone tell who somebody is.
    # https://github.com/slackapi/bolt-js/issues/1875
    if home not in (None, team_id) and not body.get("enterprise"):
        raise OtherWorkspace
    return Sender(team_id, user_id)


def workspace_of(body: Mapping[str, Any]) -> str | None:
    """Return the workspace whose installation a request is for; Bolt finds the same one."""
    view, team = body.get("view") or {}, body.get("team")
    allowed: list[Mapping[str, Any]] = body.get("authorizations") or [{}]
    candidates = (
        view.get("app_installed_team_id"),
        team.get("id") if isinstance(team, Mapping) else team,
        allowed[0].get("team_id"),
        body.get("team_id"),
        (body.get("user") or {}).get("team_id"),
    )
    return next((candidate for candidate in candidates if isinstance(candidate, str)), None)


def require_member(profile: Mapping[str, Any], team_id: str | None) -> None:
    """Require that a Slack user can be a person of a workspace's centre; guests can.

    Raises: `slack.deactivated`, `slack.not_a_person`, `slack.other_workspace`.
    """
    if profile.get("is_bot") or profile.get("is_workflow_bot") or profile.get("id") == _SLACKBOT:
        raise NotAPerson
    if profile.get("deleted"):
        raise Deactivated
    homes = {profile.get("team_id"), *profile.get("enterprise_user", {}).get("teams", [])}
    if profile.get("is_stranger") or (team_id and profile.get("team_id") and team_id not in homes):
        raise OtherWorkspace


class Strangers:
    """Finds out what kind of stranger somebody is: Slack is asked, after the acknowledgement and never before."""

    def __init__(self, presence: PresenceService) -> None:
        self._presence = presence

    def recognize(self, refusal: NotRegistered, body: Mapping[str, Any], client: WebClient) -> NotRegistered:
        """Return what to tell somebody, in the place of a refusal that does not say what they are."""
        try:
            sender = read_sender(body)
            if isinstance(refusal, LeftSlack):
                self._presence.hear_of_being_there(*sender)
            elif type(refusal) is NotRegistered:
                profile: Mapping[str, Any] = client.users_info(user=sender.user_id)["user"]
                require_member(profile, sender.team_id)
                return UnknownGuest() if profile.get("is_restricted") else refusal
        except NotRegistered as known:
            return known
        except SlackClientError:
            return refusal
        return refusal


def _is_of_enterprise(body: Mapping[str, Any]) -> bool:
    """Whether a request came by an installation of a whole Enterprise: a form says it in letters."""
    allowed: list[Mapping[str, Any]] = body.get("authorizations") or [{}]
    said = (body.get("is_enterprise_install"), allowed[0].get("is_enterprise_install"))
    return any(one in (True, "true") for one in said)
