"""The push jobs on a real queue: run by a worker, retried when the server is down, given up when it is hopeless."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from creneau.app.retries import BackOff
from creneau.calendar_sync.calendar import Calendar, OpenCalendar
from creneau.calendar_sync.jobs import HOPELESS, CalendarTasks, register
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.push import push_session
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.events import CalendarLeft
from creneau.core.domain.people import Actor
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.administration import AdministrationService
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


@pytest.mark.parametrize("after", [0, 1])
def test_a_calendar_that_is_linked_again_while_it_is_emptied_is_filled_again(alone: Bench, queue: Queue, after: int):
    own = Actor.from_user(alone.centre.consultant)
    sessions = [alone.confirm(alone.book(place)) for place in (10, 20, 30)]
    for session in sessions:
        alone.push(session)
    alone.service.unlink_calendar(own, own.user_id, removes_sessions=True)
    removed: list[str] = []

    def link_again() -> None:
        alone.service.link_calendar(own, own.user_id, alone.calendar_url, USER, PASSWORD)
        for booking_id in alone.service.list_to_push(own.organization_id, own.user_id):
            push_session(alone.service, alone.open_calendar, DOMAIN, own.organization_id, booking_id)

    class Emptied:
        def __init__(self, calendar: Calendar) -> None:
            self._calendar = calendar

        def __getattr__(self, name: str) -> Any:
            return getattr(self._calendar, name)

        def delete(self, href: str, if_match: str) -> None:
            if len(removed) == after:
                link_again()
            self._calendar.delete(href, if_match)
            removed.append(href)

    @contextmanager
    def opening(link: CalendarLink) -> Iterator[Calendar]:
        with alone.open_calendar(link) as calendar:
            yield Emptied(calendar)

    app = App(connector=PsycopgConnector(conninfo=queue.database.conninfo))
    lanes = Lanes(queue.database.fence.hold)
    emptying = register(app, alone.service, opening, DOMAIN, BackOff(HOPELESS), lanes)
    emptying.remove_sessions(str(own.organization_id), str(own.user_id))
    for booking_id in alone.service.list_to_push(own.organization_id, own.user_id):
        alone.push(next(session for session in sessions if session.id == booking_id))
    assert [alone.on_server(session).status_code for session in sessions] == [200] * 3


def test_the_calendar_of_a_consultant_who_leaves_keeps_what_took_place_and_nothing_else(alone: Bench, queue: Queue):
    past, coming = alone.confirm(alone.book(2)), alone.confirm(alone.book(30))
    for session in (past, coming):
        alone.push(session)
    alone.clock.set(past.span.ends_at)
    published = Published()
    administration = AdministrationService(queue.database, alone.clock, published, new_id)
    consultant = alone.centre.consultant
    administration.deactivate_person(alone.centre.actor(alone.centre.admin), consultant.id, "moved away")
    assert isinstance(published.events[-1], CalendarLeft)

    ids = {"organization_id": consultant.organization_id, "consultant_id": consultant.id}
    queue.defer(queue.tasks.push_session, organization_id=consultant.organization_id, booking_id=coming.id)
    queue.defer(queue.tasks.remove_sessions, **ids)
    queue.work()
    assert [status for status, *_ in queue.jobs()] == ["succeeded"] * 2
    assert [alone.on_server(session).status_code for session in (past, coming)] == [200, 404]
    assert alone.service.find_leaving(*ids.values()) is None, "and the password is forgotten"
    assert alone.service.find_link(*ids.values()) is None


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
