"""The whole product on real parts: Postgres, signed HTTP, a local Slack, a calendar server, a worker run by hand."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

import psycopg
import pytest
from procrastinate.exceptions import AlreadyEnqueued

from creneau.app.postgres import PostgresUrls
from creneau.app.settings import Settings
from creneau.app.wiring import wire
from creneau.app.worker import run_due_jobs
from creneau.bot.listener_pool import ListenerPool
from creneau.bot.reminders.jobs import SWEEP_REMINDERS
from creneau.core.secrets import generate_key
from creneau.demo.sample import Cast, fill
from creneau.demo.stage import Stage
from tests.conftest import MONDAY, MovableClock, Urls, cloned

PATIENCE = 30  # seconds


class Story:
    """A stage with a clock that stands still and a worker that works when it is told to."""

    def __init__(self, stage: Stage, clock: MovableClock) -> None:
        self.stage = stage
        self.clock = clock
        self.person = stage.person
        self.slack = stage.slack
        self.creneau = stage.creneau
        # Opened and closed with each round of work: four connections at once are for a worker that stays.
        self.creneau.jobs.connector._pool_args |= {"min_size": 1, "max_size": 4}

    def work(self) -> None:
        """Let the worker do all that is due now, and what follows, when the bot has done what people clicked."""
        listeners = self.creneau.bot.listener_runner.listener_executor
        assert isinstance(listeners, ListenerPool)
        assert listeners.wait_until_idle(PATIENCE)
        run_due_jobs(self.creneau.jobs)
        while self._has_due_jobs():  # what the last job wrote, after the worker had looked for the last time
            run_due_jobs(self.creneau.jobs)

    def _has_due_jobs(self) -> bool:
        """Tell whether a job is due that does not wait for an earlier one with the same lock."""
        due = """
            select from procrastinate_jobs due
            where status = 'todo' and coalesce(scheduled_at <= now(), true) and not exists (
              select from procrastinate_jobs earlier
              where earlier.lock = due.lock and earlier.id < due.id and earlier.status in ('todo', 'doing'))
            limit 1"""
        with psycopg.connect(self.creneau.database.conninfo) as connection:
            return connection.execute(due).fetchone() is not None

    def work_again(self) -> None:
        """Let the worker try again what failed, without waiting for its time."""
        with psycopg.connect(self.creneau.database.conninfo) as connection:
            connection.execute("update procrastinate_jobs set scheduled_at = null where status = 'todo'")
        self.work()

    def jobs_left(self) -> dict[str, int]:
        """Count what the queue still holds, by task: nothing when all is done, as done jobs are deleted."""
        with psycopg.connect(self.creneau.database.conninfo) as connection:
            return dict(
                connection.execute("select task_name, count(*) from procrastinate_jobs group by task_name").fetchall()
            )

    def work_reminders(self) -> None:
        """Let the schedule of reminders come round once."""
        self.work_on_the_clock(SWEEP_REMINDERS)

    def work_on_the_clock(self, task: str) -> None:
        """Let a periodic job come round once, whether or not its real time has just put it in the queue."""
        with self.creneau.jobs.open(), suppress(AlreadyEnqueued):
            self.creneau.jobs.configure_task(task).defer(timestamp=0)
        self.work()


@dataclass(frozen=True)
class Peopled:
    """A database with the sample people in it, to be copied."""

    database: str
    casts: list[Cast]


@pytest.fixture(scope="session")
def peopled(cluster: Urls, worker_id: str) -> Iterator[Peopled]:
    """Written once a worker: that takes a third of what a story takes to set up."""
    name = f"creneau_peopled_{worker_id}_{uuid4().hex[:8]}"
    with cloned(cluster, name) as urls:
        settings = Settings.model_validate(
            {
                "CRENEAU_ENCRYPTION_KEYS": generate_key(),
                "CRENEAU_JWT_SECRET": token_urlsafe(32),
                "SLACK_SIGNING_SECRET": token_urlsafe(16),
            }
        )
        creneau = wire(settings, urls.runtime, MovableClock(MONDAY))
        casts = fill(creneau)
        creneau.close()
        yield Peopled(name, casts)


@pytest.fixture
def fresh_urls(cluster: Urls, peopled: Peopled) -> Iterator[Urls]:
    """A database for one test alone, with the sample people in it."""
    with cloned(cluster, f"creneau_fresh_{uuid4().hex[:12]}", peopled.database) as urls:
        yield urls


@pytest.fixture
def casts(peopled: Peopled) -> list[Cast]:
    return deepcopy(peopled.casts)


@pytest.fixture
def story(fresh_urls: Urls, casts: list[Cast], tmp_path: Path, clock: MovableClock) -> Iterator[Story]:
    urls = PostgresUrls(fresh_urls.runtime, fresh_urls.owner)
    with Stage(urls, tmp_path, clock, casts=casts) as stage:
        yield Story(stage, clock)
