"""Embedded Postgres: several processes share a cluster, the last one out stops it, and a killed one does not count."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from creneau.core.storage.embedded import EmbeddedPostgres

PROGRAM = """
import sys
from pathlib import Path
from creneau.core.storage.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "16MB"}) as postgres:
    print(postgres.runtime_url, flush=True)
    sys.stdin.read()
"""
FAST = {"fsync": "off", "shared_buffers": "16MB"}
PATIENCE_MS = 30_000

Join = Callable[[], "Guest"]


class Guest:
    """A process that uses the cluster of a home folder until it is told to leave."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @property
    def url(self) -> str:
        if not hasattr(self, "_url"):
            assert self._process.stdout is not None
            self._url = self._process.stdout.readline().strip()
        return self._url

    def leave(self) -> int:
        self._process.communicate(timeout=30)
        return self._process.returncode

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate(timeout=30)


class Server:
    """The postmaster of a home folder, watched so that its end is noticed without asking again and again."""

    def __init__(self, home: Path) -> None:
        self.pid = int((home / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])
        self._handle = os.pidfd_open(self.pid)

    def has_ended(self, within_ms: int = PATIENCE_MS) -> bool:
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(within_ms))

    def stop(self) -> None:
        if not self.has_ended(within_ms=0):
            os.kill(self.pid, signal.SIGINT)
            self.has_ended()
        os.close(self._handle)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def join(home: Path) -> Iterator[Join]:
    """Starts guests; whoever is still there at the end is killed, and so is a server they left."""
    guests: list[Guest] = []

    def start() -> Guest:
        guests.append(Guest(home))
        return guests[-1]

    yield start
    for guest in guests:
        guest.kill()
    if (home / "postgres" / "pgdata" / "postmaster.pid").exists():
        Server(home).stop()


def answers(url: str) -> bool:
    with psycopg.connect(url, connect_timeout=5) as connection:
        return connection.execute("select current_user, current_database()").fetchone() == ("creneau_app", "creneau")


def test_two_processes_share_a_cluster_and_the_last_one_out_stops_it(join: Join, home: Path):
    first, second = join(), join()  # at once: one makes the cluster, the other waits for it

    assert first.url == second.url
    assert answers(first.url)
    server = Server(home)
    assert first.leave() == 0
    assert answers(second.url)
    assert not server.has_ended(within_ms=0)
    assert second.leave() == 0
    assert server.has_ended()
    with pytest.raises(psycopg.OperationalError):
        answers(second.url)


def test_a_process_that_was_killed_is_counted_out(join: Join, home: Path):
    killed, other = join(), join()
    assert killed.url == other.url
    server = Server(home)

    killed.kill()
    assert answers(other.url)
    assert other.leave() == 0

    assert server.has_ended()


def test_a_cluster_that_a_killed_process_left_is_found_and_stopped_by_the_next(join: Join, home: Path):
    killed = join()
    assert answers(killed.url)
    server = Server(home)
    killed.kill()
    assert not server.has_ended(within_ms=0)

    with EmbeddedPostgres(home) as found:
        assert found.runtime_url == killed.url
        assert answers(found.runtime_url)

    assert server.has_ended()


@pytest.mark.parametrize(
    "folder",
    ["a folder with spaces", "l'été, à 100 % (#1) &\\co", "/".join(["a-long-folder-name-of-thirty-two-ch"] * 5)],
    ids=["spaces", "signs", "long"],
)
def test_any_home_folder_will_do_and_what_was_written_is_there_the_next_time(tmp_path: Path, folder: str):
    home = tmp_path / folder

    with EmbeddedPostgres(home, settings=FAST) as postgres:
        with psycopg.connect(postgres.owner_url) as connection:
            connection.execute("create table kept (id integer)")
        assert answers(postgres.runtime_url)
        server = Server(home)
    assert server.has_ended()

    with EmbeddedPostgres(home, settings=FAST) as postgres, psycopg.connect(postgres.owner_url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_the_cluster_is_for_its_user_alone(home: Path):
    with EmbeddedPostgres(home, settings=FAST) as postgres:
        with psycopg.connect(postgres.runtime_url) as connection:
            row = connection.execute(
                "select rolsuper, rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
            listens = connection.execute("show listen_addresses").fetchone()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres.owner_url.replace("postgresql://postgres:", "postgresql://postgres:not-"))

    assert row == (False, False)
    assert listens == ("127.0.0.1",)
    for role in ("postgres", "creneau_app"):
        assert (home / "postgres" / f"password-{role}").stat().st_mode & 0o077 == 0
    assert (home / "postgres").stat().st_mode & 0o077 == 0


def test_stopping_twice_is_nothing_and_starting_again_works(home: Path):
    postgres = EmbeddedPostgres(home, settings=FAST)
    postgres.start()
    postgres.stop()
    postgres.stop()

    with postgres:
        assert answers(postgres.runtime_url)


def test_a_forked_process_that_ends_does_not_stop_it_for_the_others(home: Path):
    with EmbeddedPostgres(home, settings=FAST) as postgres:
        child = os.fork()
        if child == 0:  # what a worker of the web server does: it leaves by its parent's way out
            postgres.stop()
            os._exit(0)
        os.waitpid(child, 0)

        assert answers(postgres.runtime_url)
