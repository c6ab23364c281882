"""A workspace and the people in it: the fixed part of the stand-in's world."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
ENTERPRISE = "E0LOCAL"


@dataclass
class Person:
    id: str
    name: str
    real_name: str
    email: str = ""
    tz: str = "Europe/Paris"
    locale: str = "fr-FR"
    title: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_workflow_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
    home_team_id: str = ""
    """The workspace that they belong to, where it is another one (Slack Connect)."""
    enterprise_teams: tuple[str, ...] = ()
    """The workspaces of an Enterprise organization that they are in."""

    def to_slack(self, team_id: str, now: float, *, with_email: bool, with_locale: bool) -> Json:
        """Render as `users.info` does; what the caller may not see is left out."""
        zone = ZoneInfo(self.tz)
        offset = datetime.fromtimestamp(now, zone).utcoffset()
        profile: Json = {
            "real_name": self.real_name,
            "display_name": self.name,
            "real_name_normalized": self.real_name,
            "display_name_normalized": self.name,
            "title": self.title,
            "team": self.home_team_id or team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        user: Json = {
            "id": self.id,
            "team_id": self.home_team_id or team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": datetime.fromtimestamp(now, zone).tzname(),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_workflow_bot": self.is_workflow_bot,
            "is_app_user": False,
            "updated": 1700000000,
        }
        if self.home_team_id and not self.enterprise_teams:
            user["is_stranger"] = True
        if self.enterprise_teams:
            user["enterprise_user"] = {"id": self.id, "enterprise_id": ENTERPRISE, "teams": list(self.enterprise_teams)}
        if with_locale:
            user["locale"] = self.locale
        return user


@dataclass
class Workspace:
    """One Slack team with the app installed. `scopes` None grants every scope."""

    team_id: str
    name: str
    bot_token: str
    people: list[Person] = field(default_factory=list)
    bot_user_id: str = "UBOT00001"
    bot_id: str = "BBOT00001"
    app_id: str = "A0CRENEAU"
    domain: str = ""
    scopes: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.domain = self.domain or self.name.lower().replace(" ", "-")
        ids = [person.id for person in self.people]
        if len(ids) != len(set(ids)):
            raise ValueError(f"two people with one id in {self.team_id}")

    def find_person(self, user_id: str) -> Person | None:
        return next((person for person in self.people if person.id == user_id), None)

    def find_person_by_email(self, email: str) -> Person | None:
        return next((one for one in self.people if one.email.lower() == email.lower() and not one.deleted), None)

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def channel_of(self, user_id: str) -> str:
        """Name the direct message channel between a person and the app; stable, one a person."""
        return "D" + user_id[1:]

    def find_channel_member(self, channel: str) -> Person | None:
        if not channel.startswith("D"):
            return None
        return next((person for person in self.people if self.channel_of(person.id) == channel), None)

    def team(self) -> Json:
        return {"id": self.team_id, "domain": self.domain}
