"""`python -m soak [--seconds N] [--seed N]`: book under fire, wait for quiet, compare. Exits 0 or 1."""

import random
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic

import click
import httpx
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from creneau.bot.jobs import SWEEP_REMINDERS
from creneau.core.domain.people import Role
from soak.checker import Checker
from soak.ground import Ground, open_ground
from soak.hours import Hours
from soak.nemesis import Nemesis
from soak.people import Person, Told
from soak.prelude import agree

_ORDINARY = 45
"""Seconds after which reminders must have come due."""
_QUIET_WITHIN = 600.0
_READY_WITHIN = 120.0


@click.command()
@click.option("--seconds", default=120, show_default=True, help="How long people book; more to begin and to end.")
@click.option("--seed", type=int, help="To do the same again; drawn when it is not given.")
@click.option("--quiet", is_flag=True, help="Do not tell each harm.")
def main(seconds: int, seed: int | None, *, quiet: bool) -> None:
    """Kill, cut and freeze while people book; then compare database, calendars and Slack."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    began = monotonic()

    def say(line: str) -> None:
        click.echo(f"{monotonic() - began:7.1f}  {line}")

    say(f"seed {seed}, {seconds} s")
    with tempfile.TemporaryDirectory(prefix="creneau-soak-") as folder, open_ground(Path(folder)) as ground:
        wait_until_answered(f"{ground.web_urls[0]}/ready")
        say("ready")
        told, began_at = Told(), ground.clock.now()
        agree(ground, told)
        say(f"agreed on {len(told.booked)} sessions beforehand")
        people = [
            Person(ground, login, user, told, f"{seed} {login} {place}")
            for role, places in ((Role.BENEFICIARY, 2), (Role.CONSULTANT, 1))
            for login, user in ground.people(role)
            for place in range(places)
        ]
        with Nemesis(ground, seed, _nothing if quiet else say) as nemesis, Hours(ground.clock):
            for person in people:
                person.thread.start()
            threading.Event().wait(seconds)
        fire_ends = ground.clock.now()
        say(f"harm done: {dict(nemesis.done)}; hours passed: {fire_ends - began_at}")
        for person in people:
            person.stop()
        for person in people:
            person.thread.join()
        problems = [f"{person.thread.name}: {person.problem!r}" for person in people if person.problem]
        say(f"told: {len(told.booked)} bookings, {len(told.refused)} refusals, {len(told.acts)} acts")
        problems += wait_for_quiet(ground)
        say("quiet")
        checker = Checker(ground, told, fire_ends)
        problems += checker.check()
        say(f"found: {checker.count()}")
        say(f"reminders: {checker.ledger.count()}")
        if seconds >= _ORDINARY and not checker.ledger.sent_under_fire():
            problems.append("no reminder came due and was sent: nothing was shown of them")
        say(f"starts: { {service.name: service.starts for service in ground.services} }")
        for problem in problems:
            say(f"WRONG  {problem}")
        if problems:
            kept = Path(tempfile.mkdtemp(prefix="creneau-soak-logs-"))
            for log in Path(folder).glob("*.log"):
                (kept / log.name).write_bytes(log.read_bytes())
            say(f"logs are in {kept}; again with --seed {seed}")
    say("ok" if not problems else f"{len(problems)} wrong, seed {seed}")
    sys.exit(bool(problems))


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


def _nothing(_: str) -> None:
    """Say nothing."""


if __name__ == "__main__":  # whoever is forked imports this module under another name
    main()
