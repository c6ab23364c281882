"""Restoring a backup: into an empty database, or in place of what is there, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from creneau.core.domain.backup import BackupManifest, BackupProblem
from creneau.core.storage import schema
from creneau.core.storage.backup import count_rows, require_sight, seal_file
from creneau.core.storage.postgres_programs import find_program

ASIDE = "creneau_replaced"
"""Where what is replaced stands until the backup is in."""
_FAILED = "creneau_failed"

_OTHERS = """
  select count(*) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and usename is not null
"""
_IS_EMPTY = "select not exists (select from pg_class where relnamespace = to_regnamespace('public'))"
_RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-comments")
_OURS = """
  with foreign_ones as (select classid, objid from pg_depend where deptype = 'e')
  select case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, c.oid::regclass::text
  from pg_class c where relnamespace = to_regnamespace(%(schema)s) and relkind in ('r', 'p', 'v', 'S')
    and not exists (  -- a sequence goes where its column goes
      select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('a', 'i')
        and relkind = 'S')
  union all
  select 'function', p.oid::regprocedure::text from pg_proc p where pronamespace = to_regnamespace(%(schema)s)
    and ('pg_proc'::regclass, p.oid) not in (select classid, objid from foreign_ones)
  union all
  select 'type', t.oid::regtype::text from pg_type t where typnamespace = to_regnamespace(%(schema)s)
    and ('pg_type'::regclass, t.oid) not in (select classid, objid from foreign_ones)
    and (typtype in ('e', 'd') or exists (select from pg_class where oid = typrelid and relkind = 'c'))
"""
_OURS_ACROSS_TENANTS = """
  select p.oid::regprocedure::text from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace
"""

# What was due before the restore went out, or was overtaken, while the backup knew nothing of it. The messages of jobs
# and digests are looked for before they are posted, as after a worker's death. What sends no message goes on.
_QUIETEN = (
    """
    update session_reminders set state = 'SKIPPED', error_message = 'restored', updated_at = %(at)s
    where state = 'DUE' and least(due_at, scheduled_time) <= %(at)s and reminder_type <> 'CONSULTANT_OPENING'
    """,
    "update daily_digests set attempt = greatest(attempt, 1) where state = 'DUE' and due_at <= %(at)s",
    "delete from procrastinate_workers",
    """
    update procrastinate_jobs set status = 'todo', worker_id = null, attempts = greatest(attempts, 1)
    where status in ('todo', 'doing')
    """,
    """
    insert into backup_log (kind, at, taken_at, bytes)
    values ('BACKUP', %(taken_at)s, %(taken_at)s, %(bytes)s), ('RESTORE', %(at)s, %(taken_at)s, %(bytes)s)
    """,
)

Connection = psycopg.Connection[tuple[Any, ...]]


def restore_backup(
    owner_url: str, file: Path, manifest: BackupManifest, at: datetime, *, replace: bool = False
) -> None:
    """Restore a backup, bring its schema to this version, and keep what was due before `at` from being sent.

    Nobody else may be connected. When anything fails, the database is as it was. Raises: BackupProblem.
    """
    conninfo = schema.owner_conninfo(owner_url)
    _require_sound(file, manifest)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        require_sight(connection)
        _require_alone(connection)
        server = connection.info.server_version // 10000
        program = find_program("pg_restore", max(server, manifest.program))
        if _tell(connection, "select to_regnamespace(%s) is not null", ASIDE):
            if not replace:
                raise BackupProblem("backup.unfinished", "a restore was killed half-way: run it again with --replace")
            _take_back(connection)
        is_empty = _tell(connection, _IS_EMPTY)
        if not (is_empty or replace):
            raise BackupProblem(
                "backup.database_not_empty", "the database is not empty: with --replace it is given up for the backup"
            )
        schema.make_roles(owner_url)
        with _in_place_of(connection):
            program.run(conninfo, *_RESTORE, str(file))
            _give_to_definer(connection)
            if count_rows(connection) != manifest.rows:
                raise BackupProblem("backup.damaged", "what was restored is not what the manifest counts")
            schema.migrate(owner_url)
            with connection.transaction():
                for statement in _QUIETEN:
                    connection.execute(statement, {"at": at, "taken_at": manifest.taken_at, "bytes": manifest.bytes})


def _require_sound(file: Path, manifest: BackupManifest) -> None:
    try:
        found = seal_file(file)
    except OSError as error:
        raise BackupProblem("backup.not_read", f"{file}: {error.strerror}") from None
    if found != (manifest.bytes, manifest.sha256):
        raise BackupProblem("backup.damaged", f"{file} is not the file that its manifest describes")
    if not schema.is_known(manifest.migration):
        raise BackupProblem(
            "backup.newer",
            f"the backup is of Creneau {manifest.version}, whose schema {manifest.migration} this version does not "
            "know: restore it with that version",
        )


def _require_alone(connection: Connection) -> None:
    others = _tell(connection, _OTHERS)
    if others:
        raise BackupProblem(
            "backup.database_in_use", f"{others} connections are open: stop web, socket and worker first"
        )


@contextmanager
def _in_place_of(connection: Connection) -> Iterator[None]:
    """Put aside what the database holds, and take it back when what replaces it fails; else drop it."""
    with connection.transaction():
        _move(connection, "public", ASIDE)
    try:
        connection.execute("grant create on schema public to creneau_definer")
        yield
        connection.execute("revoke create on schema public from creneau_definer")
        connection.execute(_drop(ASIDE))
    except BaseException:
        _take_back(connection)
        raise


def _take_back(connection: Connection) -> None:
    """Drop what was to replace it, and have again what was put aside."""
    with connection.transaction():
        connection.execute("revoke create on schema public from creneau_definer")
        _move(connection, "public", _FAILED)
        connection.execute(_drop(_FAILED))
        _move(connection, ASIDE, "public")
        connection.execute(_drop(ASIDE))


def _move(connection: Connection, source: str, target: str) -> None:
    """Move whatever is ours from a schema to another one. What an extension brought stays: it is a superuser's."""
    to = sql.Identifier(target)
    connection.execute(sql.SQL("create schema if not exists {}").format(to))
    for kind, name in connection.execute(_OURS, {"schema": source}).fetchall():
        connection.execute(sql.SQL("alter {} {} set schema {}").format(sql.SQL(kind), sql.SQL(name), to))


def _drop(schema_name: str) -> sql.Composed:
    return sql.SQL("drop schema {} cascade").format(sql.Identifier(schema_name))


def _give_to_definer(connection: Connection) -> None:
    """Give the functions that look across tenants to their owner, whoever migrated where the backup comes from."""
    with connection.transaction():
        for (function,) in connection.execute(_OURS_ACROSS_TENANTS).fetchall():
            connection.execute(sql.SQL("alter function {} owner to creneau_definer").format(sql.SQL(function)))


def _tell(connection: Connection, query: LiteralString, *values: object) -> Any:
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None
