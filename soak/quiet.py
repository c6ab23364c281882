"""The quiet before a soak and after it: until the service answers, and until nothing waits to be done any more."""

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import httpx
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from creneau.bot.reminders.jobs import SWEEP_REMINDERS
from soak.ground import Ground

_QUIET_WITHIN = 600.0
_READY_WITHIN = 120.0


def wait_until_answered(url: str) -> None:
    """Raises: TimeoutError."""
    _wait(lambda: httpx.get(url, timeout=5).status_code == httpx.codes.OK, _READY_WITHIN)


def wait_for_quiet(ground: Ground) -> list[str]:
    """Let all that waits be tried at once, until nothing does; return what is left."""
    left: list[str] = []

    def is_quiet() -> bool:
        with psycopg.connect(ground.owner_url, autocommit=True) as connection:
            # Whoever was killed gave no sign of life for a while; what failed need not wait for its next try.
            connection.execute(
                """update procrastinate_workers set last_heartbeat = last_heartbeat - interval '1 minute'
                   where last_heartbeat < now() - interval '15 seconds'"""
            )
            connection.execute(
                "update procrastinate_jobs set scheduled_at = null where status = 'todo' and scheduled_at is not null"
            )
            jobs = connection.execute(
                """select task_name, status, count(*) from procrastinate_jobs
                   where status in ('todo', 'doing') group by 1, 2"""
            ).fetchall()
            due = connection.execute(
                "select count(*), min(due_at) from session_reminders where state = 'DUE' and due_at <= %s",
                (ground.clock.now(),),
            ).fetchone()
        left[:] = [f"job left: {task} {status} {count}" for task, status, count in jobs]
        if due and due[0]:
            left.append(f"{due[0]} reminders are due, the first since {due[1]}")
        if left:
            for task in (SWEEP_REMINDERS, "jobs.rescue_stalled"):
                with suppress(AlreadyEnqueued, ConnectorException), ground.stage.creneau.jobs.open():
                    ground.stage.creneau.jobs.configure_task(task).defer(timestamp=0)
        return not left

    with suppress(TimeoutError):
        _wait(is_quiet, _QUIET_WITHIN)
    return left


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline, pause = monotonic() + seconds, threading.Event()
    while True:
        with suppress(httpx.HTTPError, psycopg.OperationalError):
            if condition():
                return
        if monotonic() > deadline:
            raise TimeoutError
        pause.wait(1)
