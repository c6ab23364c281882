"""`creneau demo`: everything on this machine, for a person to try, or headless for a machine to check."""

import fcntl
import logging
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from creneau.app.logging import configure_logging
from creneau.app.postgres import PostgresUrls
from creneau.core.storage.embedded import EmbeddedPostgres, EmbeddedPostgresFailed
from creneau.demo.check import StepFailed, Walk
from creneau.demo.clock import DemoClock
from creneau.demo.clock_panel import clock_panel
from creneau.demo.description import remove_description, write_description
from creneau.demo.stage import Ports, Stage
from creneau.demo.worker_thread import WorkerThread

FOLDER = Path(".demo")
_FAST = {"fsync": "off", "synchronous_commit": "off"}  # the demonstration begins anew each time


@click.command()
@click.option("--check", is_flag=True, help="Walk one booking headless on free ports, and exit 0 or 1.")
@click.option(
    "--port",
    type=click.IntRange(1, 65533),
    default=8000,
    show_default=True,
    help="The web's port; Slack takes the next, calendars the next.",
)
def demo(*, check: bool, port: int) -> None:
    """Try Creneau on this machine: no account anywhere, nothing to set up."""
    configure_logging(logging.ERROR)
    if check:
        sys.exit(_check())
    with _own_folder(FOLDER):
        ports = Ports(port, port + 1, port + 2)
        _require_free(ports)
        _show(ports)


def _check() -> int:
    click.echo("One booking, from Slack to the calendar:")
    with tempfile.TemporaryDirectory(prefix="creneau-check-") as folder:
        clock = DemoClock()
        with (
            _postgres(Path(folder)) as urls,
            Stage(urls, Path(folder), clock) as stage,
            WorkerThread(stage.creneau.jobs),
        ):
            write_description(stage, Path(folder))
            try:
                Walk(stage, clock, click.echo).run()
            except StepFailed:
                return 1
    click.echo("All is well.")
    return 0


def _show(ports: Ports) -> None:
    interrupted = _listen_for_interrupt()
    click.echo("Starting Postgres, the web, a local Slack, a calendar server and a worker...")
    clock = DemoClock()
    try:
        with (
            _postgres(FOLDER) as urls,
            Stage(urls, FOLDER, clock, ports, panels=[clock_panel(clock)]) as stage,
            WorkerThread(stage.creneau.jobs),
            _described(stage, FOLDER),
        ):
            click.echo(_welcome(stage))
            interrupted.wait()
            click.echo("\nStopping.")
    except EmbeddedPostgresFailed as error:
        if not interrupted.is_set():  # Ctrl-C reaches Postgres's own programs too
            raise click.ClickException(str(error)) from error


def _welcome(stage: Stage) -> str:
    marie = f"{stage.slack.url}/?team=T0CAPAVENIR&user=U0MARIE"
    return f"""
  Slack      {stage.slack.url}   a local stand-in: act as anybody of two centres
  Web, API   {stage.web_url}   the product; its API is explained at /api/scheduling/docs
  Calendars  {stage.calendars.url}   Radicale: sign in as paul, julie, grace or hugo, password radicale

Try first
  1. Open {marie}
     You are Marie, a beneficiary. Type /book, choose a day and a time, send the request.
  2. Switch to Paul Martin, her consultant: confirm from the message.
  3. See the session in Paul's calendar, with any CalDAV client:
     {stage.calendar_urls["paul"]}
  4. Back as Marie: cancel from the message. The event is gone.
  5. Book again, confirm, and move the clock at the bottom left: within ten seconds both get their reminders, a day and
     an hour before.
  English: be Emma Wilson, or anybody of Horizon Skills.

Addresses, tokens and feed links are in {FOLDER / "demo.json"}. The command line, in another terminal:
  set -a; . {FOLDER / "env"}; set +a; .venv/bin/creneau doctor
Ctrl-C stops everything."""


@contextmanager
def _postgres(folder: Path) -> Iterator[PostgresUrls]:
    with EmbeddedPostgres(folder, settings=_FAST) as postgres:
        yield PostgresUrls(postgres.runtime_url, postgres.owner_url)


@contextmanager
def _own_folder(folder: Path) -> Iterator[None]:
    """Begin anew in the folder, and keep a second demonstration out of it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("demo.already_running: a demonstration already runs from this folder") from None
        for old in folder.iterdir():
            if old.name != "lock":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        yield


@contextmanager
def _described(stage: Stage, folder: Path) -> Iterator[None]:
    write_description(stage, folder)
    try:
        yield
    finally:
        remove_description(folder)


def _require_free(ports: Ports) -> None:
    """Look before anything is started: a server that finds its port taken ends the process in words of its own."""
    for port in (ports.web, ports.slack, ports.calendars):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise click.ClickException(
                    f"demo.port_in_use: port {port}: {error.strerror}; try make demo PORT={ports.web + 100}"
                ) from error


def _listen_for_interrupt() -> threading.Event:
    """Return an event that Ctrl-C sets, from the first moment on: a start is finished before it is undone."""
    interrupted = threading.Event()

    def handle(_signal: int, _frame: Any) -> None:
        interrupted.set()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    return interrupted
