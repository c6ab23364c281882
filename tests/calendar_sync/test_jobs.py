"""The push jobs on a real queue: run by a worker, retried when the server is down, given up when it is hopeless."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from creneau.app.retries import BackOff
from creneau.calendar_sync.calendar import OpenCalendar
from creneau.calendar_sync.jobs import HOPELESS, CalendarTasks, register
from creneau.calendar_sync.lanes import Lanes
from creneau.core.domain.people import Actor
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.core.storage.database import Database
from creneau.demo.radicale_server import RadicaleServer
from tests.conftest import MovableClock, Published, build_centre, new_id

from .conftest import DOMAIN, PASSWORD, USER, Bench


@dataclass
class Queue:
    """The jobs of one database of its own."""

    database: Database
    app: App
    tasks: CalendarTasks

    def defer(self, task: Any, **arguments: object) -> None:
        with self.app.replace_connector(SyncPsycopgConnector(conninfo=self.database.conninfo)) as app, app.open():
            app.configure_task(task.name).defer(**{name: str(value) for name, value in arguments.items()})

    def work(self) -> None:
        """Run a worker until nothing is due."""
        self.app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    def jobs(self) -> list[tuple[str, int, bool]]:
        """Return status, attempts and whether it waits for a later time, for every job."""
        with psycopg.connect(self.database.conninfo) as connection:
            return connection.execute(
                "select status::text, attempts, coalesce(scheduled_at > now(), false)"
                " from procrastinate_jobs order by id"
            ).fetchall()

    def make_due(self) -> None:
        with psycopg.connect(self.database.conninfo) as connection:
            connection.execute("update procrastinate_jobs set scheduled_at = null where status = 'todo'")


@pytest.fixture
def alone(fresh_database: Database, clock: MovableClock, open_calendar: OpenCalendar, calendar_url: str) -> Bench:
    """A bench in a database of its own, for a worker takes every job it finds."""
    centre = build_centre(fresh_database, clock)
    service = CalendarService(fresh_database, clock, SecretBox([generate_key()]), Published(), new_id)
    service.link_calendar(Actor.from_user(centre.consultant), centre.consultant.id, calendar_url, USER, PASSWORD)
    return Bench(centre, service, open_calendar, calendar_url, clock)


@pytest.fixture
def queue(fresh_database: Database, alone: Bench) -> Queue:
    app = App(connector=PsycopgConnector(conninfo=fresh_database.conninfo))
    return Queue(
        fresh_database,
        app,
        register(app, alone.service, alone.open_calendar, DOMAIN, BackOff(HOPELESS), Lanes(fresh_database.fence.hold)),
    )


def test_a_worker_pushes_a_confirmed_session(alone: Bench, queue: Queue) -> None:
    booking = alone.confirm(alone.book())
    queue.defer(queue.tasks.push_session, organization_id=booking.organization_id, booking_id=booking.id)
    queue.work()
    assert queue.jobs() == [("succeeded", 1, False)]
    assert alone.on_server(booking).status_code == 200


def test_a_dead_server_is_asked_again_later_and_nothing_is_lost(alone: Bench, queue: Queue, tmp_path: Path) -> None:
    server = RadicaleServer(tmp_path, {USER: PASSWORD}).start()
    alone.calendar_url = server.create_calendar(USER, "sessions")
    server.stop()
    consultant = alone.centre.consultant
    alone.service.link_calendar(Actor.from_user(consultant), consultant.id, alone.calendar_url, USER, PASSWORD)
    booking = alone.confirm(alone.book())
    queue.defer(queue.tasks.push_session, organization_id=booking.organization_id, booking_id=booking.id)
    queue.work()
    assert queue.jobs() == [("todo", 1, True)]
    with server:
        queue.make_due()
        queue.work()
        assert queue.jobs() == [("succeeded", 2, False)]
        assert alone.on_server(booking).status_code == 200


def test_a_wrong_password_is_not_tried_again_until_the_calendar_is_linked_again(alone: Bench, queue: Queue) -> None:
    consultant = alone.centre.consultant
    alone.service.link_calendar(Actor.from_user(consultant), consultant.id, alone.calendar_url, USER, "wrong")
    booking = alone.confirm(alone.book())
    queue.defer(queue.tasks.push_session, organization_id=booking.organization_id, booking_id=booking.id)
    queue.work()
    assert queue.jobs() == [("failed", 1, False)]

    alone.service.link_calendar(Actor.from_user(consultant), consultant.id, alone.calendar_url, USER, PASSWORD)
    queue.defer(queue.tasks.push_missed_sessions, organization_id=booking.organization_id, consultant_id=consultant.id)
    queue.work()
    assert queue.jobs()[1:] == [("succeeded", 1, False)]
    assert alone.on_server(booking).status_code == 200


def test_one_refused_session_does_not_keep_the_others_from_being_sent(alone: Bench, queue: Queue) -> None:
    first, second = alone.confirm(alone.book(10)), alone.confirm(alone.book(20))
    foreign = alone.foreign_object()
    alone.request("PUT", alone.href(first), foreign).raise_for_status()
    queue.defer(
        queue.tasks.push_missed_sessions,
        organization_id=first.organization_id,
        consultant_id=alone.centre.consultant.id,
    )
    queue.work()
    assert queue.jobs() == [("succeeded", 1, False)]
    assert b"Dentist" in alone.on_server(first).content
    assert alone.on_server(second).status_code == 200
