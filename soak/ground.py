"""What the soak stands on: Postgres, the local Slack and Radicale, each behind a wire, and processes between them."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from creneau.app.postgres import PostgresUrls
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.policy import DEFAULT_POLICY, PolicyChoices
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.sample import PASSWORD
from creneau.demo.stage import Stage
from soak.hours import next_morning
from soak.processes import Service, SharedClock, Supervisor
from tests.faults.proxy import Proxy

_TOKEN_LIVES = timedelta(days=60)
_ANSWER_WITHIN = timedelta(hours=3)
_MORE_HOURS = (
    *((day, "12:00", "14:00") for day in (1, 2, 3, 4, 5)),
    *((day, "14:00", "18:00") for day in (3, 5)),
    *((day, "18:00", "20:00") for day in (1, 2, 3, 4, 5)),
)
"""Beside the sample people's own."""


@dataclass(frozen=True, slots=True)
class Ground:
    postgres: EmbeddedPostgres
    stage: Stage
    clock: SharedClock
    wires: dict[str, Proxy]
    services: tuple[Service, ...]
    web_urls: tuple[str, ...]
    folder: Path
    """Where each service writes its log."""
    answer_within: timedelta = DEFAULT_POLICY.answer_within

    @property
    def owner_url(self) -> str:
        return self.postgres.owner_url

    def token(self, user: User) -> str:
        return self.stage.creneau.issue_token(user, _TOKEN_LIVES)

    def people(self, role: Role) -> list[tuple[str, User]]:
        return [(login, user) for cast in self.stage.casts for login, user in cast.users.items() if user.role is role]


@contextmanager
def open_ground(folder: Path) -> Iterator[Ground]:
    clock = SharedClock(folder / "ahead", next_morning(datetime.now(UTC)))
    with ExitStack() as stack:
        # A port of its own, so that it is at the same place after a restart.
        postgres = stack.enter_context(EmbeddedPostgres(folder, settings={"port": str(free_port())}))
        stage = stack.enter_context(Stage(PostgresUrls(postgres.runtime_url, postgres.owner_url), folder, clock))
        targets = {"postgres": postgres.runtime_url, "slack": stage.slack.url, "calendars": stage.calendars.url}
        wires = {name: stack.enter_context(Proxy(urlsplit(url).port or 0)) for name, url in targets.items()}
        _lead_calendars_through(stage, wires["calendars"])
        _shorten(stage)
        port = free_port()
        web_url = f"http://127.0.0.1:{port}"
        stage.slack.request_url = f"{web_url}/slack/events"
        services = _services(stage, postgres, wires, clock, port, folder)
        stack.enter_context(Supervisor(services))
        yield Ground(postgres, stage, clock, wires, services, (web_url,), folder, _ANSWER_WITHIN)


def _shorten(stage: Stage) -> None:
    """Have questions answered within hours, and offer all of a day, so that much comes due within minutes."""
    chosen = PolicyChoices(answer_within_minutes=round(_ANSWER_WITHIN.total_seconds() / 60), last_chase_minutes=45)
    for cast in stage.casts:
        [admin] = cast.of_role(Role.ORG_ADMIN)
        stage.creneau.availability.set_policy(Actor.from_user(admin), None, chosen)
        for consultant in cast.of_role(Role.CONSULTANT):
            for day, start, end in _MORE_HOURS:
                draft = SlotDraft(
                    time.fromisoformat(start), time.fromisoformat(end), "Europe/Paris", day, duration_minutes=60
                )
                stage.creneau.scheduling.create_availability_slot(Actor.from_user(consultant), consultant.id, draft)


def _services(
    stage: Stage, postgres: EmbeddedPostgres, wires: dict[str, Proxy], clock: SharedClock, port: int, folder: Path
) -> tuple[Service, ...]:
    url = make_url(postgres.runtime_url).set(port=wires["postgres"].port).render_as_string(hide_password=False)
    environment = environment_of(stage, url, f"http://127.0.0.1:{port}") | {
        "SLACK_API_URL": f"http://127.0.0.1:{wires['slack'].port}/api/"
    }
    asked = {
        "web": ("web", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"),
        "worker-1": ("worker",),
        "worker-2": ("worker",),
    }
    return tuple(Service(name, line, environment, clock, folder / f"{name}.log") for name, line in asked.items())


def environment_of(stage: Stage, database_url: str, base_url: str) -> dict[str, str]:
    """Return the settings by which another process is of the same service."""
    settings = stage.creneau.settings
    jwt_secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret else secrets.token_urlsafe(32)
    return {
        "DATABASE_URL": database_url,
        "CRENEAU_BASE_URL": base_url,
        "CRENEAU_ENCRYPTION_KEYS": ",".join(key.get_secret_value() for key in settings.encryption_keys),
        "CRENEAU_JWT_SECRET": jwt_secret,
        "CRENEAU_TOKEN_REQUESTS_PER_MINUTE": "6000",
        "CRENEAU_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        "SLACK_SIGNING_SECRET": stage.signing_secret,
        "SLACK_APP_TOKEN": stage.slack.app_token,
        "SLACK_API_URL": stage.slack.api_url,
    }


def _lead_calendars_through(stage: Stage, wire: Proxy) -> None:
    for cast in stage.casts:
        for login, user in cast.users.items():
            if login in stage.calendar_urls:
                url = urlsplit(stage.calendar_urls[login])._replace(netloc=f"127.0.0.1:{wire.port}").geturl()
                stage.creneau.calendars.link_calendar(Actor.from_user(user), user.id, url, login, PASSWORD)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
