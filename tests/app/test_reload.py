"""`creneau web` under load: replaced by SIGHUP, or one of its processes killed, it goes on, and its counts with it."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import httpx
import pytest

from creneau.core.secrets import generate_key
from tests.app.test_processes import CRENEAU, SECRET, free_port, wait_until_ready
from tests.conftest import Urls

THREADS = 6
PATIENCE = 60


@pytest.fixture
def environment(fresh_urls: Urls) -> dict[str, str]:
    return {
        "DATABASE_URL": fresh_urls.runtime,
        "CRENEAU_ENCRYPTION_KEYS": generate_key(),
        "CRENEAU_JWT_SECRET": SECRET,
        "SLACK_SIGNING_SECRET": "signing-secret",
    }


@contextmanager
def web(environment: dict[str, str], *options: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    port = free_port()
    process = subprocess.Popen(
        [CRENEAU, "web", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", *options],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until_ready(client, "/health")
            yield process, client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


class Load:
    """Threads that ask until told to stop: half of them on connections that they keep, half on new ones."""

    def __init__(self, client: httpx.Client) -> None:
        self._url = f"{client.base_url}/"
        self._stop = Event()
        self.outcomes: Counter[str] = Counter()
        self._threads = [Thread(target=self._ask, args=(n % 2 == 0,)) for n in range(THREADS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more requests were answered."""
        wanted, deadline = self.outcomes.total() + more, monotonic() + PATIENCE
        while self.outcomes.total() < wanted:
            assert monotonic() < deadline
            self._stop.wait(0.05)

    def _ask(self, is_kept: bool) -> None:  # noqa: FBT001 - of this class alone
        limits = httpx.Limits(max_keepalive_connections=None if is_kept else 0)
        with httpx.Client(limits=limits, timeout=30) as client:
            while not self._stop.is_set():
                try:
                    self.outcomes[str(client.get(self._url).status_code)] += 1
                except httpx.HTTPError as error:
                    self.outcomes[repr(error)] += 1


def children(process: subprocess.Popen[bytes]) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            parent = stat.read_text().rsplit(")", 1)[1].split()[1]
            if int(parent) == process.pid:
                found.add(int(stat.parent.name))
    return found


def wait_for_others(process: subprocess.Popen[bytes], before: set[int]) -> None:
    """Wait until two processes are there and none of those before."""
    deadline, pause = monotonic() + PATIENCE, Event()
    while (now := children(process)) & before or len(now) < 2:
        assert monotonic() < deadline, (before, now)
        pause.wait(0.05)


def counted(client: httpx.Client) -> float:
    """How many pages were answered, as whichever process is asked tells it."""
    lines = client.get("/metrics").text.splitlines()
    [line] = [line for line in lines if line.startswith('creneau_http_requests_total{method="GET",route="/",')]
    return float(line.rsplit(" ", 1)[1])


def test_a_reload_under_load_drops_nothing_and_the_counts_go_on(environment: dict[str, str]):
    with web(environment) as (process, client):
        with Load(client) as load:
            load.wait_for(100)
            before = children(process)
            process.send_signal(signal.SIGHUP)
            wait_for_others(process, before)
            load.wait_for(100)
        told = [counted(client) for _ in range(6)]

    assert set(load.outcomes) == {"200"}
    assert set(told) == {float(load.outcomes["200"])}


def test_a_process_that_ends_is_replaced_and_drops_nothing(environment: dict[str, str]):
    with web(environment) as (process, client), Load(client) as load:
        ended = min(children(process))
        os.kill(ended, signal.SIGTERM)
        load.wait_for(100)
        wait_for_others(process, {ended})

    assert set(load.outcomes) == {"200"}


def test_a_process_that_has_answered_enough_is_replaced_and_drops_nothing(environment: dict[str, str]):
    with web(environment, "--max-requests", "150") as (process, client), Load(client) as load:
        before = children(process)
        load.wait_for(400)
        wait_for_others(process, before)

    assert set(load.outcomes) == {"200"}
