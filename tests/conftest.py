"""What tests share: one Postgres a run, a migrated database a worker, a movable clock, and people to book with."""

import os
import ssl
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from unittest import mock
from uuid import uuid4

import psycopg
import pytest
import structlog
from flask_openapi3 import utils
from psycopg import sql
from sqlalchemy.engine import make_url

from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.bilan import Bilan
from creneau.core.domain.events import Event
from creneau.core.domain.ids import uuid7
from creneau.core.domain.people import Actor, Organization, Role, User
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.storage import schema
from creneau.core.storage.database import Database
from creneau.core.storage.embedded import EmbeddedPostgres

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""A Monday morning at nine in Paris: where the tests' clock starts."""

TEMPLATE = "creneau_template"
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "scram_iterations": "1",  # thousands of connections log in
}


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def move(self, **by: float) -> None:
        self._at += timedelta(**by)

    def set(self, at: datetime) -> None:
        self._at = at


@dataclass(frozen=True)
class Urls:
    """The same database as its owner and as the runtime role."""

    owner: str
    runtime: str


@pytest.fixture(scope="session", autouse=True)
def models_described_once() -> Iterator[None]:
    """Each application describes the same models of the API anew: a third of what it takes to set a story up."""
    describe = cache(utils.get_model_schema)
    with mock.patch.object(utils, "get_model_schema", lambda *given, **named: deepcopy(describe(*given, **named))):
        yield


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Each client over HTTP reads this machine's certificates: more than the rest of what most tests do."""
    with mock.patch.object(ssl, "create_default_context", cache(ssl.create_default_context)):
        yield


@pytest.fixture(scope="session", autouse=True)
def crashes_logged_plainly() -> None:
    """Where no logging is set up, a crash is drawn with all that was known in it: a quarter of what a story takes."""
    structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Urls]:
    """One Postgres for all workers of a run: DATABASE_URL's if it is set, else an embedded one."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    given = os.environ.get("DATABASE_URL")
    if given:
        with locked(shared / "template.lock"):
            prepare_template(given)
        yield Urls(given, given)
        return
    with EmbeddedPostgres(shared / "cluster", settings=FAST, database="postgres") as postgres:
        with locked(shared / "template.lock"):
            prepare_template(postgres.owner_url)
        yield Urls(postgres.owner_url, postgres.runtime_url)


@pytest.fixture(scope="session")
def worker_urls(cluster: Urls, worker_id: str) -> Iterator[Urls]:
    with cloned(cluster, f"creneau_{worker_id}_{uuid4().hex[:8]}") as urls:
        yield urls


@pytest.fixture(scope="session")
def database(worker_urls: Urls) -> Iterator[Database]:
    """A migrated database, used as the runtime role. Tests share it: each works in an organization of its own."""
    opened = Database(worker_urls.runtime, pool_size=60)
    yield opened
    opened.close()


@pytest.fixture
def fresh_urls(cluster: Urls) -> Iterator[Urls]:
    """A migrated database for one test alone: for what looks across organizations, such as jobs."""
    with cloned(cluster, f"creneau_fresh_{uuid4().hex[:12]}") as urls:
        yield urls


@pytest.fixture
def fresh_database(fresh_urls: Urls) -> Iterator[Database]:
    opened = Database(fresh_urls.runtime)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MONDAY)


@dataclass
class Published:
    """Keeps the events that a service published, in place of the jobs that follow from them."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)


@dataclass(frozen=True)
class Centre:
    """An organization with a consultant who offers Monday to Friday, 9 to 17 Paris time, and a beneficiary."""

    people: PeopleService
    scheduling: SchedulingService
    published: Published
    organization: Organization
    consultant: User
    beneficiary: User
    admin: User
    bilan: Bilan
    slots: tuple[AvailabilitySlot, ...]

    def actor(self, user: User) -> Actor:
        return Actor.from_user(user)

    def add_beneficiary(self, name: str = "Nadia Petit") -> tuple[User, Bilan]:
        user = self.people.add_user(
            self.organization, Role.BENEFICIARY, name, f"{uuid4().hex}@example.org", slack_user_id=slack_id("U")
        )
        return user, self.people.open_bilan(user, self.consultant)


@pytest.fixture
def centre(database: Database, clock: MovableClock) -> Centre:
    return build_centre(database, clock)


@pytest.fixture
def other_centre(database: Database, clock: MovableClock) -> Centre:
    return build_centre(database, clock)


def build_centre(database: Database, clock: MovableClock, team_id: str | None = None) -> Centre:
    people = PeopleService(database, clock, new_id)
    published = Published()
    scheduling = SchedulingService(database, clock, published, new_id)
    organization = people.add_organization("Cap Avenir", slack_team_id=team_id or slack_id("T"))
    consultant = people.add_user(
        organization, Role.CONSULTANT, "Paul Martin", f"{uuid4().hex}@example.org", slack_user_id=slack_id("U")
    )
    beneficiary = people.add_user(
        organization, Role.BENEFICIARY, "Marie Durand", f"{uuid4().hex}@example.org", slack_user_id=slack_id("U")
    )
    admin = people.add_user(
        organization, Role.ORG_ADMIN, "Anne Leroy", f"{uuid4().hex}@example.org", slack_user_id=slack_id("U")
    )
    slots = tuple(
        scheduling.create_availability_slot(
            Actor.from_user(consultant), consultant.id, weekly(day_of_week=day, duration_minutes=60)
        )
        for day in range(1, 6)
    )
    bilan = people.open_bilan(beneficiary, consultant)
    return Centre(people, scheduling, published, organization, consultant, beneficiary, admin, bilan, slots)


def weekly(
    day_of_week: int, start: str = "09:00", end: str = "17:00", duration_minutes: int = 60, capacity: int = 1
) -> SlotDraft:
    return SlotDraft(
        start_time=time.fromisoformat(start),
        end_time=time.fromisoformat(end),
        timezone="Europe/Paris",
        day_of_week=day_of_week,
        duration_minutes=duration_minutes,
        max_concurrent_bookings=capacity,
    )


def new_id() -> object:
    return uuid7(datetime.now(UTC), os.urandom(10))


def slack_id(kind: str) -> str:
    return kind + uuid4().hex[:10].upper()


def prepare_template(owner_url: str) -> None:
    """Make and migrate the template database, once a run."""
    with psycopg.connect(plain(owner_url), autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", (TEMPLATE,)).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    schema.migrate(with_database(owner_url, TEMPLATE))


class cloned:  # noqa: N801 - reads as a context manager
    """A copy of a template database, dropped at the end."""

    def __init__(self, cluster: Urls, name: str, template: str = TEMPLATE) -> None:
        self._cluster = cluster
        self._name = name
        self._template = template

    def __enter__(self) -> Urls:
        with psycopg.connect(plain(self._cluster.owner), autocommit=True) as connection:
            # Two copies of one template at once are refused by Postgres: one after the other.
            connection.execute("select pg_advisory_lock(hashtext('creneau test template'))")
            connection.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(self._name), sql.Identifier(self._template)
                )
            )
        return Urls(with_database(self._cluster.owner, self._name), with_database(self._cluster.runtime, self._name))

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(plain(self._cluster.owner), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(self._name)))


class locked:  # noqa: N801 - reads as a context manager
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = self._path.open("wb")
        flock(self._file, LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
