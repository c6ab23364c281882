"""The processes of a service as an operator runs them: by the command line, started again when they die."""

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from creneau.app.cli import main
from creneau.core.clock import SystemClock

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["soak.processes"])  # what is imported once need not be by each
_LOOKS_EVERY = 0.5  # seconds
_MOVES = threading.Lock()  # beside the clock: that goes to other processes


class SharedClock:
    """The machine's clock, and how far every process is ahead of it, by a file that all of them read."""

    def __init__(self, file: Path, begins: datetime | None = None) -> None:
        self.file = file
        self._write(begins - datetime.now(UTC) if begins else timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead()

    def jump(self, by: timedelta) -> None:
        with _MOVES:
            self._write(self._ahead() + by)

    def _ahead(self) -> timedelta:
        return timedelta(seconds=float(self.file.read_text()))

    def _write(self, ahead: timedelta) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(str(ahead.total_seconds()))
        new.replace(self.file)


class Service:
    """One process of the service, under its name."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], clock: SharedClock, log: Path
    ) -> None:
        self.name = name
        self._given = (tuple(arguments), dict(environment), clock, log)
        self._process: BaseProcess | None = None
        self.starts = 0

    def keep_running(self) -> None:
        """Start it, unless it runs."""
        if self._process is None or not self._process.is_alive():
            self._process = _FORKED.Process(target=_run, args=self._given)
            self._process.start()
            self.starts += 1

    def pids(self) -> list[int]:
        """List its own process first, then its children."""
        if self._process is None or self._process.pid is None or not self._process.is_alive():
            return []
        return [self._process.pid, *_children(self._process.pid)]

    def send(self, number: signal.Signals, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def end(self) -> None:
        for pid in self.pids():
            self.send(signal.SIGKILL, pid)
        if self._process is not None:
            self._process.join(10)


class Supervisor:
    """Starts what died again, as systemd does. Use as a context manager."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = services
        self._is_ended = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True)

    def __enter__(self) -> "Supervisor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ended.set()
        self._thread.join()
        for service in self._services:
            service.end()

    def _look_again(self) -> None:
        while not self._is_ended.wait(_LOOKS_EVERY):
            for service in self._services:
                service.keep_running()


def _run(arguments: tuple[str, ...], environment: dict[str, str], clock: SharedClock, log: Path) -> None:
    with log.open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    os.environ.update(environment)
    setattr(SystemClock, "now", lambda _: clock.now())  # noqa: B010 - days pass in minutes
    main(arguments)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found
