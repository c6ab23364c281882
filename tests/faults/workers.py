"""Workers as processes of their own, on a clock that the test moves: killed, frozen and thawed as processes are."""

import os
import signal
from ctypes import c_double
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from creneau.app.logging import configure_logging
from creneau.app.settings import Settings
from creneau.app.wiring import wire
from creneau.app.worker import run_worker
from tests.faults.proxy import Proxy

PATIENCE = 30

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.faults.workers"])  # what is imported once need not be by each


class SharedClock:
    """A clock that stands still in every process until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self._seconds: Synchronized[float] = _FORKED.Value(c_double, at.timestamp())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds.value, UTC)

    def move(self, **by: float) -> None:
        self._seconds.value += timedelta(**by).total_seconds()

    def set(self, at: datetime) -> None:
        self._seconds.value = at.timestamp()


@dataclass(frozen=True, slots=True)
class Worker:
    """One `creneau worker`, with a wire of its own to Postgres and one to Slack."""

    process: BaseProcess
    postgres: Proxy
    slack: Proxy

    def kill(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        os.kill(self.process.pid or 0, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid or 0, signal.SIGCONT)

    def is_dead(self) -> bool:
        self.process.join(PATIENCE)
        return self.process.exitcode == -signal.SIGKILL


class Workers:
    """Starts workers on a database and a Slack. Ends those that are left. Use as a context manager."""

    def __init__(self, settings: Settings, database_url: str, clock: SharedClock, log: Path) -> None:
        self._settings = settings
        self._url = make_url(database_url)
        self._clock = clock
        self._log = log
        self._started: list[Worker] = []

    def start(self) -> Worker:
        postgres, slack = Proxy(self._url.port or 0), Proxy(urlsplit(self._settings.slack_api_url).port or 0)
        for proxy in (postgres, slack):
            proxy.__enter__()
        url = self._url.set(host="127.0.0.1", port=postgres.port).render_as_string(hide_password=False)
        settings = self._settings.model_copy(update={"slack_api_url": f"http://127.0.0.1:{slack.port}/api/"})
        process = _FORKED.Process(target=_work, args=(settings, url, self._clock, self._log), daemon=True)
        process.start()
        worker = Worker(process, postgres, slack)
        self._started.append(worker)
        return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._started:
            worker.kill()
            worker.process.join(PATIENCE)
            for proxy in (worker.postgres, worker.slack):
                proxy.__exit__()


def _work(settings: Settings, database_url: str, clock: SharedClock, log: Path) -> None:
    with log.open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    configure_logging()
    creneau = wire(settings, database_url, clock)
    run_worker(creneau.jobs)
    creneau.close()
