"""What killed workers left behind runs again, whatever else waits."""

import procrastinate
import psycopg

from creneau.app.outcomes import PatientJobManager
from creneau.app.schedule import ASKED_AGAIN, register_housekeeping
from creneau.app.worker import run_due_jobs
from creneau.bot.reminders.jobs import SEND_REMINDER
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.storage.database import Database
from tests.conftest import MovableClock, Urls, plain

LEFT = "update procrastinate_jobs set status = 'doing' where id = any(%s)"  # by a worker that is not there
LEFT_OVER = """select * from procrastinate_jobs where coalesce((args ->> 'timestamp')::bigint, 0) = 0"""
"""But for what the clock brings meanwhile."""


def test_what_an_equal_job_waits_behind_gives_way_to_it_and_holds_up_no_other_rescue(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=fresh_database.conninfo))
    queue.job_manager = PatientJobManager(queue.connector, queue.tasks)
    register_housekeeping(queue, HousekeepingService(fresh_database, clock))
    done: list[str] = []

    @queue.task(name="do")
    def do(name: str) -> None:
        done.append(name)

    named = {"lock": "account", "queueing_lock": "account"}
    with queue.open(), psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        first = queue.configure_task("do", **named).defer(name="read, and killed")
        second = queue.configure_task("do").defer(name="posted, and killed")
        owner.execute(LEFT, ([first, second],))
        queue.configure_task("do", **named).defer(name="asked for meanwhile")
        queue.configure_task("jobs.rescue_stalled").defer(timestamp=0)

        run_due_jobs(queue)
        run_due_jobs(queue)

        left = owner.execute(LEFT_OVER).fetchall()
    assert sorted(done) == ["asked for meanwhile", "posted, and killed"]
    assert left == []


def test_failures_of_what_comes_again_by_itself_are_forgotten_after_an_hour(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute(
            """insert into procrastinate_jobs (queue_name, task_name, queueing_lock) values
                 ('default', 'swept', 'swept'), ('default', %s, null), ('default', 'posted', null)""",
            (SEND_REMINDER,),
        )
        owner.execute("update procrastinate_jobs set status = 'doing'")
        owner.execute("update procrastinate_jobs set status = 'failed'")
        housekeeping = HousekeepingService(fresh_database, clock)
        assert housekeeping.forget_failed_jobs(ASKED_AGAIN) == 0

        owner.execute("update procrastinate_events set at = at - interval '1 hour'")

        assert housekeeping.forget_failed_jobs(ASKED_AGAIN) == 2
        assert owner.execute("select task_name from procrastinate_jobs").fetchall() == [("posted",)]
