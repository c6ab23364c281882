"""The stage: the whole product on this machine, with a local Slack, a calendar server and sample people.

`make demo` opens it for a person, `make demo-check` and the acceptance tests for a walk of their own.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from procrastinate import BaseRetryStrategy

from creneau.app.manifest import read_manifest
from creneau.app.postgres import PostgresUrls
from creneau.app.settings import Settings
from creneau.app.wiring import Creneau, wire
from creneau.core.clock import Clock
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import generate_key
from creneau.core.storage import schema
from creneau.demo.radicale_server import RadicaleServer
from creneau.demo.sample import CENTRES, PASSWORD, Cast, SampleCentre, fill
from creneau.demo.slack import Actor as SlackUser
from creneau.demo.slack import Manifest, Panel, Person, SlackStandIn, Workspace
from creneau.demo.web_server import WebServer

_SLACK_LOCALES = {"fr": "fr-FR", "en": "en-GB"}
_TITLES = {
    ("fr", Role.BENEFICIARY): "Bénéficiaire",
    ("fr", Role.CONSULTANT): "Conseil",
    ("fr", Role.ORG_ADMIN): "Administration",
    ("en", Role.BENEFICIARY): "Beneficiary",
    ("en", Role.CONSULTANT): "Consultant",
    ("en", Role.ORG_ADMIN): "Administration",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the three servers listen; 0 takes a free port."""

    web: int = 0
    slack: int = 0
    calendars: int = 0


class Stage:
    """Everything but the worker, which whoever opens the stage runs as it needs. Use as a context manager.

    `casts` are those of a database that is migrated, and has the sample people in it already.
    """

    def __init__(
        self,
        urls: PostgresUrls,
        folder: Path,
        clock: Clock,
        ports: Ports | None = None,
        retry: BaseRetryStrategy | None = None,
        panels: Sequence[Panel] = (),
        more_settings: Mapping[str, str] | None = None,
        casts: Sequence[Cast] = (),
    ) -> None:
        self._ports = ports or Ports()
        self._more_settings = dict(more_settings or {})
        self.urls = urls
        self._retry = retry
        self._web_server = WebServer(self._ports.web)
        self.clock = clock
        self.signing_secret = secrets.token_hex(16)
        self._workspaces = {sample.slack_team_id: _workspace(sample) for sample in CENTRES}
        self.slack = SlackStandIn(
            list(self._workspaces.values()),
            self.signing_secret,
            f"{self.web_url}/slack/events",
            manifest=Manifest.from_manifest(read_manifest()),
            clock=lambda: clock.now().timestamp(),  # a message is of the time at which the product sent it
            panels=panels,
        )
        logins = [person.login for sample in CENTRES for person in sample.people if person.role is Role.CONSULTANT]
        self.calendars = RadicaleServer(folder / "calendars", dict.fromkeys(logins, PASSWORD))
        self.environment: dict[str, str] = {}
        """What the service is started with; once it is."""
        self.creneau: Creneau
        self.casts = list(casts)
        self.calendar_urls: dict[str, str] = {}

    @property
    def web_url(self) -> str:
        return self._web_server.url

    def __enter__(self) -> Self:
        if not self.casts:
            schema.migrate(self.urls.owner)
        self.slack.start(self._ports.slack)
        self.calendars.start(self._ports.calendars)
        self.environment = self._choose_environment()
        settings = Settings.model_validate(self.environment)
        self.creneau = wire(settings, self.urls.runtime, self.clock, self._retry, pool_size=20)
        self.casts = self.casts or fill(self.creneau)
        for cast in self.casts:
            self._install_slack(cast)
            self._link_calendars(cast)
        self._web_server.serve(self.creneau.web)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web_server.stop()
        self.slack.stop()
        self.calendars.stop()
        self.creneau.close()

    def person(self, login: str) -> SlackUser:
        """Return a sample person as they act in the local Slack."""
        cast, user = self._find(login)
        return self.slack.person(cast.sample.slack_team_id, user.slack_user_id or "")

    def actor(self, login: str) -> Actor:
        return Actor.from_user(self._find(login)[1])

    def _find(self, login: str) -> tuple[Cast, Any]:
        return next((cast, cast.users[login]) for cast in self.casts if login in cast.users)

    def _choose_environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.urls.runtime,
            "CRENEAU_OWNER_DATABASE_URL": self.urls.owner,
            "CRENEAU_BASE_URL": self.web_url,
            "CRENEAU_ENCRYPTION_KEYS": generate_key(),
            "CRENEAU_JWT_SECRET": secrets.token_urlsafe(32),
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_CLIENT_ID": self.slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": self.slack.oauth.client_secret,
            "CRENEAU_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            **self._more_settings,
        }

    def _install_slack(self, cast: Cast) -> None:
        workspace = self._workspaces[cast.sample.slack_team_id]
        self.creneau.slack.save_installation(
            SlackInstallation(
                cast.organization.id,
                SlackGrant(
                    workspace.team_id, workspace.bot_id, workspace.bot_user_id, BotTokens(cast.sample.bot_token)
                ),
            )
        )

    def _link_calendars(self, cast: Cast) -> None:
        for login, user in cast.users.items():
            if user.role is Role.CONSULTANT:
                url = self.calendars.create_calendar(login, "sessions")
                self.calendar_urls[login] = url
                self.creneau.calendars.link_calendar(Actor.from_user(user), user.id, url, login, PASSWORD)


def _workspace(sample: SampleCentre) -> Workspace:
    return Workspace(
        sample.slack_team_id,
        sample.name,
        sample.bot_token,
        people=[
            Person(
                person.slack_user_id,
                person.login,
                person.name,
                f"{person.login}@{sample.domain}",
                tz=person.timezone,
                locale=_SLACK_LOCALES[person.locale],
                title=_TITLES[person.locale, person.role],
            )
            for person in sample.people
        ],
    )
