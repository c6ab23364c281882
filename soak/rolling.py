"""`python -m soak.rolling --old REVISION`: old and new code on one schema while people book. Exits 0 or 1.

The schema is the new one, as it is after `creneau migrate` and before the last machine was restarted. Each request goes
to a web of either version, each job is done by whichever worker gets it.
"""

import random
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

import click

from creneau.app.postgres import PostgresUrls
from creneau.core.domain.people import Role
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.stage import Stage
from soak.checker import Checker
from soak.ground import Ground, environment_of, free_port
from soak.people import People
from soak.processes import SharedClock
from soak.quiet import wait_for_quiet, wait_until_answered
from soak.told import Told
from soak.versions import HERE, Version, check_out

_TURNS_EVERY = 0.2  # seconds
_THINKS = (0.05, 0.6)
_TO_THE_REMINDERS = timedelta(hours=22)


@click.command()
@click.option("--old", required=True, help="The revision that ran before: a tag, a commit.")
@click.option("--seconds", default=40, show_default=True, help="How long people book; more to begin and to end.")
@click.option("--seed", default=1, show_default=True, help="Who does what.")
def main(old: str, seconds: int, seed: int) -> None:
    """Run both, then compare database, calendars and Slack."""
    began = monotonic()

    def say(line: str) -> None:
        click.echo(f"{monotonic() - began:7.1f}  {line}")

    with tempfile.TemporaryDirectory(prefix="creneau-rolling-") as folder, open_both(Path(folder), old) as both:
        ground, versions = both
        for url in ground.web_urls:
            wait_until_answered(f"{url}/health")  # it says 503 to /ready: the schema is another version's
        say("ready")
        told = Told()
        people = People(ground, told, seed, {Role.BENEFICIARY: 1, Role.CONSULTANT: 1}, _THINKS)
        with turning(ground):
            people.start()
            threading.Event().wait(seconds)
            ground.clock.jump(_TO_THE_REMINDERS)
            problems = people.end()
        say(f"told: {told}")
        problems += wait_for_quiet(ground)
        checker = Checker(ground, told, ground.clock.now())
        problems += [*checker.check(), *checker.failed(), *(dead for one in versions for dead in one.dead())]
        say(f"found: {checker.count()}")
        served = {one.name: one.log("web").count("web.request_answered") for one in versions}
        say(f"requests served: {served}")
        problems += [f"{name} served nothing" for name, count in served.items() if not count]
        problems += crashes(Path(folder))
    for problem in problems:
        say(f"WRONG  {problem}")
    say("ok" if not problems else f"{len(problems)} wrong")
    sys.exit(bool(problems))


@contextmanager
def open_both(folder: Path, old: str) -> Iterator[tuple[Ground, tuple[Version, Version]]]:
    clock = SharedClock(folder / "ahead")
    source = check_out(old, folder / "old")
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(folder))
        stage = stack.enter_context(Stage(PostgresUrls(postgres.runtime_url, postgres.owner_url), folder, clock))
        versions = (
            stack.enter_context(Version("old", source, clock, folder)),
            stack.enter_context(Version("new", HERE, clock, folder)),
        )
        ports = [free_port() for _ in versions]
        urls = tuple(f"http://127.0.0.1:{port}" for port in ports)
        environment = environment_of(stage, postgres.runtime_url, urls[-1])
        for version, port in zip(versions, ports, strict=True):
            bind = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8")
            version.start("web", *bind, environment=environment)
            version.start("worker", environment=environment)
        stage.slack.request_url = f"{urls[0]}/slack/events"
        yield Ground(postgres, stage, clock, {}, (), urls, folder), versions


@contextmanager
def turning(ground: Ground) -> Iterator[None]:
    """Let Slack speak to the one web and the other, in turns."""
    is_over, draw = threading.Event(), random.Random(1)  # noqa: S311 - whom it is said to

    def turn() -> None:
        while not is_over.wait(_TURNS_EVERY):
            ground.stage.slack.request_url = f"{draw.choice(ground.web_urls)}/slack/events"

    thread = threading.Thread(target=turn, name="turning")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def crashes(folder: Path) -> list[str]:
    """List what the processes say of defects."""
    found: list[str] = []
    for log in folder.glob("*.log"):
        lines = log.read_text().splitlines()
        found += [f"{log.stem}: {line}" for line in lines if '"level": "error"' in line or "Traceback" in line]
    return found


if __name__ == "__main__":
    main()
