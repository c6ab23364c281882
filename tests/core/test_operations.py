"""The figures of whoever runs the service: counts and ages, across organizations, of nobody in particular."""

from datetime import UTC, datetime, timedelta

import procrastinate
import psycopg

from creneau.app.readiness import Readiness
from creneau.app.worker import run_due_jobs
from creneau.core.services.operations import OperationsService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MovableClock, Urls, build_centre, plain

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
JOBS = """
  insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at) values
    ('default', 'a', 'todo', null),
    ('default', 'a', 'todo', now() - interval '2 minutes'),
    ('default', 'a', 'todo', now() + interval '1 hour'),
    ('default', 'a', 'failed', null),
    ('default', 'b', 'todo', null);
  update procrastinate_jobs set status = 'doing' where task_name = 'b'
"""


def test_jobs_are_told_by_task(fresh_database: Database, fresh_urls: Urls, clock: MovableClock):
    with psycopg.connect(plain(fresh_urls.owner)) as owner:
        owner.execute(JOBS)
        owner.execute("update procrastinate_events set at = now() - interval '5 minutes'")

    jobs = OperationsService(fresh_database, clock).read_figures().jobs

    assert (jobs["a"].waiting, jobs["a"].late, jobs["a"].failed) == (2, 2, 1)
    assert (jobs["b"].waiting, jobs["b"].late, jobs["b"].failed) == (0, 0, 0)
    assert jobs["b"].oldest >= timedelta(minutes=5)


def test_reminders_that_are_due_are_counted_and_their_lag_is_that_of_the_first(
    fresh_database: Database, clock: MovableClock
):
    operations = OperationsService(fresh_database, clock)
    for centre in (build_centre(fresh_database, clock), build_centre(fresh_database, clock)):
        request = BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
        centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)
    before = operations.read_figures()

    clock.set(AT_TEN - timedelta(minutes=50))
    after = operations.read_figures()

    assert (before.reminders_due, before.reminders_lag) == (0, timedelta(0))
    assert after.reminders_due >= 4
    assert after.reminders_lag >= timedelta(minutes=10)


def test_the_calendar_that_was_not_read_for_longest_tells_the_age(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    operations = OperationsService(fresh_database, clock)
    figures = operations.read_figures()
    assert (figures.busy_age, figures.backup_age) == (None, None)
    with psycopg.connect(plain(fresh_urls.owner)) as owner:
        for minutes in (5, 90):
            centre = build_centre(fresh_database, clock)
            owner.execute(
                "insert into busy_calendars (organization_id, consultant_id, source, read_at) values (%s, %s, 's', %s)",
                (centre.organization.id, centre.consultant.id, clock.now() - timedelta(minutes=minutes)),
            )

        owner.execute(
            "insert into backup_log (kind, at, taken_at, bytes) values ('BACKUP', %(at)s, %(at)s, 1)",
            {"at": clock.now() - timedelta(hours=3)},
        )

    figures = operations.read_figures()
    assert (figures.busy_age, figures.backup_age) == (timedelta(minutes=90), timedelta(hours=3))


def test_ready_needs_a_worker_that_gave_a_sign_of_life_lately(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    ready = Readiness(fresh_database, OperationsService(fresh_database, clock))
    assert ready() == {"database": True, "migrations": True, "worker": False}

    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes')")
        assert ready()["worker"] is False
        owner.execute("insert into procrastinate_workers default values")
        assert ready()["worker"] is True
        owner.execute("update alembic_version set version_num = '0001'")
        assert ready() == {"database": True, "migrations": False, "worker": True}


def test_connections_in_use_are_watched(fresh_urls: Urls, clock: MovableClock):
    database = Database(fresh_urls.runtime, pool_size=2)
    held = [0]

    def count(change: int) -> None:
        held[0] += change

    database.watch_pool(count)
    centre = build_centre(database, clock)
    with database.transaction(centre.organization.id), database.without_tenant():
        inside = held[0]
    database.close()

    assert (inside, held[0]) == (2, 0)


def test_what_was_given_up_is_listed_and_done_again(fresh_database: Database, fresh_urls: Urls, clock: MovableClock):
    operations = OperationsService(fresh_database, clock)
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=fresh_database.conninfo))
    done: list[tuple[str, int]] = []
    is_broken = True

    def work(context: procrastinate.JobContext, name: str) -> None:
        if is_broken:
            raise ConnectionError
        done.append((name, context.job.attempts))

    for task in ("post", "push"):
        queue.task(name=task, pass_context=True)(work)
    with queue.open():
        queue.configure_task("post").defer(name="first")
        queue.configure_task("post").defer(name="second")
        queue.configure_task("push").defer(name="third")
        queue.configure_task("push", queueing_lock="clock").defer(name="by the clock")
    run_due_jobs(queue)

    failed = operations.list_failed_jobs()
    assert [(job.task, job.arguments["name"], job.comes_by_the_clock) for job in reversed(failed)] == [
        ("post", "first", False),
        ("post", "second", False),
        ("push", "third", False),
        ("push", "by the clock", True),
    ]
    assert all(job.failed_at for job in failed)
    assert len(operations.list_failed_jobs(most=2)) == 2

    is_broken = False
    assert operations.run_again(ids=[failed[-1].id, 10**9]) == 1
    run_due_jobs(queue)
    assert done == [("first", 1)]
    assert operations.run_again(task="nothing") == 0
    assert operations.run_again(task="post") == 1
    assert operations.run_again() == 1
    run_due_jobs(queue)
    assert [name for name, _ in done] == ["first", "second", "third"]
    assert [job.arguments["name"] for job in operations.list_failed_jobs()] == ["by the clock"]
