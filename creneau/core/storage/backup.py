"""Making a backup: one file that `pg_dump` writes as of one instant, and its manifest beside it."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from creneau.core.domain.backup import FORMAT, BackupManifest, BackupProblem
from creneau.core.storage.postgres_programs import find_program
from creneau.core.storage.schema import owner_conninfo

_MAY_SEE_ALL = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
_TABLES = """
  select relname from pg_class
  where relkind = 'r' and relpersistence = 'p' and relnamespace = 'public'::regnamespace order by relname
"""
_KEYS = "select distinct encode(key_tag, 'hex') from list_sealed_secrets() order by 1"
_HAS_LOG = "select to_regclass('public.backup_log') is not null"
_RECORD = "insert into backup_log (kind, at, taken_at, bytes) values ('BACKUP', %s, %s, %s)"
_DUMP = ("--format=custom", "--no-comments", "--no-unlogged-table-data", "--no-publications", "--no-subscriptions")

Connection = psycopg.Connection[tuple[Any, ...]]


def manifest_path(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def take_backup(owner_url: str, file: Path, version: str, at: datetime) -> BackupManifest:
    """Write a backup of the whole database as of now; both files are their owner's alone to read.

    `at` is the time of the service's clock. A file that is there already is left alone. Raises: BackupProblem.
    """
    conninfo = owner_conninfo(owner_url)
    if file.exists() or manifest_path(file).exists():
        raise BackupProblem("backup.file_exists", f"{file} is there already: give another name")
    partial = file.with_name(file.name + ".partial")
    with psycopg.connect(conninfo) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        require_sight(connection)
        [snapshot] = connection.execute("select pg_export_snapshot()").fetchone() or (None,)
        server = connection.info.server_version // 10000
        program = find_program("pg_dump", server)
        [migration] = connection.execute("select version_num from alembic_version").fetchone() or ("",)
        rows = count_rows(connection)
        keys = tuple(tag for (tag,) in connection.execute(_KEYS))
        _reserve(partial)
        try:
            program.run(conninfo, *_DUMP, f"--snapshot={snapshot}", f"--file={partial}")
            size, digest = seal_file(partial)
            manifest = BackupManifest(FORMAT, version, migration, server, program.major, at, size, digest, keys, rows)
            _write_manifest(manifest, manifest_path(file))
            partial.rename(file)
        finally:
            partial.unlink(missing_ok=True)
    with psycopg.connect(conninfo) as connection:
        if connection.execute(_HAS_LOG).fetchone() == (True,):  # not of an older version's schema
            connection.execute(_RECORD, (at, at, manifest.bytes))
    return manifest


def read_manifest(file: Path) -> BackupManifest:
    """Read what stands beside a backup. Raises: BackupProblem."""
    beside = manifest_path(file)
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise BackupProblem("backup.newer", f"{beside} is of another version of Creneau")
        return BackupManifest(
            **{**told, "taken_at": datetime.fromisoformat(told["taken_at"]), "keys": tuple(told["keys"])}
        )
    except FileNotFoundError:
        raise BackupProblem("backup.manifest_missing", f"{beside} is not there: it belongs to the backup") from None
    except (KeyError, TypeError, ValueError):
        raise BackupProblem("backup.damaged", f"{beside} is not what `creneau backup` wrote") from None


def seal_file(file: Path) -> tuple[int, str]:
    """Bring a file to the disk for certain; return its size and SHA-256."""
    with file.open("rb") as source:
        os.fsync(source.fileno())
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        return source.tell(), digest


def require_sight(connection: Connection) -> None:
    """Raises: BackupProblem, when row level security would hide rows from whoever logged in."""
    row = connection.execute(_MAY_SEE_ALL).fetchone()
    if not (row and row[0]):
        raise BackupProblem(
            "backup.not_allowed",
            f"{connection.info.user} does not see every row: as a superuser, "
            f"`alter role {connection.info.user} bypassrls`, for the role of CRENEAU_OWNER_DATABASE_URL alone",
        )


def count_rows(connection: Connection) -> Mapping[str, int]:
    """Count the rows of every table that is copied."""
    counts = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        row = connection.execute(sql.SQL("select count(*) from public.{}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _reserve(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BackupProblem("backup.not_written", f"{file}: {error.strerror}") from None


def _write_manifest(manifest: BackupManifest, file: Path) -> None:
    told = {**asdict(manifest), "taken_at": manifest.taken_at.isoformat()}
    _reserve(file)
    with file.open("w", encoding="utf-8") as target:
        json.dump(told, target, indent=2)
        target.flush()
        os.fsync(target.fileno())
