"""Workers of two versions on one queue."""

import procrastinate
import psycopg

from creneau.app.outcomes import PatientJobManager
from creneau.app.worker import run_due_jobs
from creneau.core.storage.database import runtime_conninfo
from tests.conftest import Urls, plain


def version(urls: Urls, *tasks: str) -> tuple[procrastinate.App, list[str]]:
    """Return the queue of a version that knows some tasks, and the names of those that it does."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=runtime_conninfo(urls.runtime)))
    app.job_manager = PatientJobManager(app.connector, app.tasks)
    done: list[str] = []
    for name in tasks:
        app.task(name=name)(lambda name=name: done.append(name))
    return app, done


def test_a_job_of_a_newer_version_is_left_to_it_and_one_that_comes_by_the_clock_is_not_missed(fresh_urls: Urls):
    (older, done_by_older), (newer, done_by_newer) = version(fresh_urls, "both"), version(fresh_urls, "both", "new")
    with newer.open():
        for name in ("new", "both"):
            newer.configure_task(name).defer()
        newer.configure_task("new", queueing_lock="by the clock").defer()

    run_due_jobs(older)

    assert done_by_older == ["both"]
    with psycopg.connect(plain(fresh_urls.owner)) as connection:
        left = "select status, queueing_lock, scheduled_at > now() from procrastinate_jobs order by id"
        assert connection.execute(left).fetchall() == [("todo", None, True), ("failed", "by the clock", None)]
        connection.execute("update procrastinate_jobs set scheduled_at = null")
    run_due_jobs(newer)
    assert done_by_newer == ["new"]
