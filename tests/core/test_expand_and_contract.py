"""Old and new processes on one schema: no migration takes, or asks for, what the version before cannot live without."""

import psycopg
from alembic.script import ScriptDirectory

from creneau.core.storage import schema
from tests.conftest import Urls, plain
from tests.core.relied_on import Schema, breaks, read_schema

HELD_SINCE = "0021"
"""Nobody ran a version before this migration."""

TAKEN_OR_ASKED_FOR = {
    "drop table busy_objects cascade": "tables: busy_objects is gone",
    "alter table users rename to people": "tables: users is gone",
    "alter table users drop column locale cascade": "columns: users.locale is gone",
    "alter table users rename column locale to language": "columns: users.locale is gone",
    "alter table users add column age int not null": "columns: users.age must be given",
    "alter table users alter column slack_user_id set not null": "columns: users.slack_user_id must be given",
    "alter table users alter column name type varchar(80)": "columns: users.name is of another type",
    "alter table users add constraint named check (name <> '') not valid": "constraints: users named is asked for",
    "alter table users add unique (organization_id, name)":
        "constraints: users users_organization_id_name_key is asked for",
    "create unique index one_name on users (organization_id, name)": "unique indexes: users one_name is asked for",
    "alter function open_feed(bytea, text) rename to open_a_feed": "functions: open_feed(bytea,text) is gone",
    "revoke insert on users from creneau_app": "grants: on users: INSERT is gone",
    "drop policy tenant_select on users": "policies: users tenant_select is gone",
    "alter policy tenant_select on users using (false)": "policies: users tenant_select is another",
    "create policy never on users as restrictive using (false)": "policies: users never is asked for",
    "alter table procrastinate_jobs enable row level security": "tables: procrastinate_jobs is another",
}  # fmt: skip
LIVED_WITH = (
    "create table rooms (id uuid primary key, name text not null unique)",
    "alter table users add column age int, add column nick text not null default '', add check (age > length(nick))",
    "alter table users alter column name drop not null, alter column locale set default 'fr'",
    "create index by_name on users (name)",
    """alter table session_reminders drop constraint session_reminders_state_check, add constraint
       session_reminders_state_check check
         (state in ('DUE', 'SENT', 'PUT_OFF', 'CANCELLED', 'SKIPPED', 'FAILED', 'AMBIGUOUS'))""",
    "grant delete on users to creneau_app",
    "create policy more on users for delete to creneau_app using (false)",
)


def test_every_migration_is_one_that_the_version_before_can_live_with(fresh_urls: Urls):
    schema.roll_back(fresh_urls.owner, HELD_SINCE)
    revisions = list(ScriptDirectory.from_config(schema._config()).iterate_revisions("head", HELD_SINCE))
    found, said = dict[str, set[str]](), dict[str, set[str]]()
    before = read(fresh_urls)
    for one in reversed(revisions):
        schema.migrate(fresh_urls.owner, one.revision)
        after = read(fresh_urls)
        found[one.revision] = breaks(before, after)
        said[one.revision] = {what for what, why in getattr(one.module, "CONTRACTS", {}).items() if why}
        before = after

    assert found == said


def test_what_the_version_before_cannot_live_with_is_found(fresh_urls: Urls):
    before = read(fresh_urls)
    for statement, found in TAKEN_OR_ASKED_FOR.items():
        assert found in breaks(before, read(fresh_urls, statement)), statement


def test_what_it_can_live_with_is_not(fresh_urls: Urls):
    before = read(fresh_urls)
    for statement in LIVED_WITH:
        assert breaks(before, read(fresh_urls, statement)) == set(), statement


def read(urls: Urls, statement: str | None = None) -> Schema:
    """Read the schema, or what a statement would make of it."""
    with psycopg.connect(plain(urls.owner)) as connection:
        if statement:
            connection.execute(statement.encode())
        found = read_schema(connection)
        connection.rollback()
        return found
