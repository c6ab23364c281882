"""The schema: there and back again, two at once, and the same as the tables the code believes in."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from creneau.core.storage import schema
from creneau.core.storage.tables import metadata
from tests.conftest import Urls, plain, with_database

CATALOGS = {
    "tables": """
      select relname, relkind, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), relacl::text
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S')""",
    "columns": """
      select attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
        pg_get_expr(adbin, adrelid)
      from pg_attribute join pg_class c on c.oid = attrelid
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and attnum > 0 and not attisdropped""",
    "constraints": """
      select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "policies": """
      select tablename, policyname, roles::text, cmd, qual, with_check
      from pg_policies where schemaname = 'public'""",
    "functions": """
      select p.oid::regprocedure::text, pg_get_userbyid(proowner), prosecdef, proacl::text, prosrc
      from pg_proc p left join pg_depend d on d.objid = p.oid and d.deptype = 'e'
      where pronamespace = 'public'::regnamespace and d.objid is null""",
    "types": """
      select typname, typtype from pg_type t left join pg_depend d on d.objid = t.oid and d.deptype = 'e'
      where typnamespace = 'public'::regnamespace and typtype in ('e', 'c') and d.objid is null""",
    "triggers": "select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
}
LEFT_BEHIND = {"alembic_version"}


@pytest.fixture
def empty_url(cluster: Urls) -> Iterator[str]:
    """The owner's URL of a database without a schema."""
    name = f"creneau_empty_{uuid4().hex[:12]}"
    with psycopg.connect(plain(cluster.owner), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield with_database(cluster.owner, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def dump(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(plain(url)) as connection:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in CATALOGS.items()}


def test_down_to_nothing_and_up_again_is_the_same_schema(empty_url: str):
    schema.migrate(empty_url)
    first = dump(empty_url)

    schema.roll_back(empty_url, "base")
    bare = dump(empty_url)
    schema.migrate(empty_url)

    assert {row[0] for row in bare["tables"]} <= LEFT_BEHIND
    assert (bare["functions"], bare["policies"], bare["triggers"]) == ([], [], [])
    assert schema.current_revision(empty_url) == schema.newest_revision()
    for name, rows in dump(empty_url).items():
        assert rows == first[name], name


def test_every_step_goes_down_and_up_by_itself(empty_url: str):
    schema.migrate(empty_url)
    whole = dump(empty_url)

    schema.roll_back(empty_url, "0001")
    assert schema.current_revision(empty_url) == "0001"
    assert not [row for row in dump(empty_url)["tables"] if str(row[0]).startswith("procrastinate")]
    schema.migrate(empty_url)

    assert dump(empty_url) == whole


def test_migrating_again_changes_nothing(fresh_urls: Urls):
    before = dump(fresh_urls.owner)

    schema.migrate(fresh_urls.owner)

    assert dump(fresh_urls.owner) == before


def test_the_tables_of_the_code_are_those_of_the_schema(worker_urls: Urls):
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(plain(worker_urls.owner)), poolclass=NullPool
    )
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_object": is_ours,
            },
        )
        drift = compare_metadata(context, metadata)

    assert drift == []


def is_ours(_thing: object, name: str | None, kind: str, _is_reflected: object, _other: object) -> bool:
    """Constraints and indexes are kept in the migrations alone; the queue's tables are the queue's."""
    if kind == "table":
        return name not in LEFT_BEHIND and not str(name).startswith("procrastinate_")
    return kind == "column"


def test_two_processes_that_migrate_at_once_both_succeed(empty_url: str):
    program = (
        "import os, sys; from creneau.core.storage.schema import migrate\n"
        "print('ready', flush=True); sys.stdin.readline(); migrate(os.environ['OWNER_URL'])"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "OWNER_URL": empty_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in both]

    assert ends == [("", 0), ("", 0)]
    assert schema.current_revision(empty_url) == schema.newest_revision()


def test_a_migration_that_waits_for_a_table_lets_others_pass_and_tries_again(
    fresh_urls: Urls, monkeypatch: pytest.MonkeyPatch
):
    schema.roll_back(fresh_urls.owner, "0031")
    monkeypatch.setattr(schema, "TRIES", 3)
    pauses = 0

    with psycopg.connect(plain(fresh_urls.owner)) as reader, psycopg.connect(plain(fresh_urls.owner)) as other:
        other.execute("set lock_timeout = '10ms'")  # less than any queue
        other.commit()

        def let_pass(seconds: float) -> None:
            nonlocal pauses
            pauses += 1
            assert seconds > 0
            other.execute("insert into scheduling_policies select * from scheduling_policies where false")
            other.commit()
            if pauses == 5:
                reader.rollback()

        reader.execute("select from scheduling_policies")
        with pytest.raises(schema.SchemaBusy):
            schema.migrate(fresh_urls.owner, pause=let_pass)
        assert (pauses, schema.current_revision(fresh_urls.owner)) == (3, "0031")

        schema.migrate(fresh_urls.owner, pause=let_pass)

    assert pauses == 5
    assert schema.current_revision(fresh_urls.owner) == schema.newest_revision()
