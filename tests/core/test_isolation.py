"""One tenant cannot see another: what Postgres promises the runtime role, read from its catalogs and tried out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from creneau.core.domain.feeds import FeedKind
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.feeds import FeedService
from creneau.core.storage import feeds, organizations, reminders
from creneau.core.storage.database import Database, driver_connection
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, build_centre, new_id, plain

RUNTIME, DEFINER = "creneau_app", "creneau_definer"
ACROSS_TENANTS = {
    "organization_of_slack_team",
    "open_feed",
    "claim_due_reminders",
    "claim_due_digests",
    "list_overdue_requests",
    "remove_old_idempotency_keys",
    "remove_old_request_rates",
    "memberships_of_email",
    "operating_figures",
    "remove_old_slack_requests",
    "lease_slack_rotations",
    "list_calendars_to_read",
    "list_published_hours",
    "list_sealed_secrets",
    "calendar_troubles",
}
APPEND_ONLY = {"booking_history", "audit_log"}
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
TENANT_TABLES = """
  select c.relname, c.relrowsecurity, c.relforcerowsecurity
  from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    and (c.relname = 'organizations' or exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))
  order by c.relname
"""

Row = tuple[Any, ...]
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def owner(worker_urls: Urls) -> Iterator[psycopg.Connection[Row]]:
    with psycopg.connect(plain(worker_urls.owner), autocommit=True) as connection:
        yield connection


@pytest.fixture
def full_centre(centre: Centre, database: Database, owner: psycopg.Connection[Row]) -> Centre:
    """A centre with a row in every table."""
    fill(centre, owner, FeedService(database, MovableClock(NOW), new_id))
    return centre


def fill(centre: Centre, owner: psycopg.Connection[Row], feed_service: FeedService) -> str:
    """Give every tenant table a row of a centre; return the centre's feed token."""
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary),
        BookingRequest(centre.bilan.id, centre.consultant.id, datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        idempotency_key="a key",
    )
    token = feed_service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    link, organization = uuid4(), centre.organization.id
    sealed = SecretBox([generate_key()]).encrypt("secret", "row")
    rows: dict[str, dict[str, object]] = {
        "calendar_links": {
            "id": link,
            "consultant_id": centre.consultant.id,
            "calendar_url": "https://c/",
            "username": "u",
            "password_sealed": sealed,
            "created_at": NOW,
        },
        "pushed_objects": {
            "calendar_link_id": link,
            "booking_id": booking.id,
            "href": "/a.ics",
            "pushed_version": 1,
            "pushed_at": NOW,
        },
        "hours_calendars": {"calendar_link_id": link, "consultant_id": centre.consultant.id, "url": "https://h/"},
        "hours_objects": {
            "calendar_link_id": link,
            "slot_id": centre.slots[0].id,
            "href": "/h.ics",
            "digest": "",
            "sequence": 0,
            "changed_at": NOW,
        },
        "page_links": {
            "user_id": centre.consultant.id,
            "purpose": "CONNECT_CALENDAR",
            "id": uuid4(),
            "created_at": NOW,
            "expires_at": NOW,
        },
        "slack_installations": {
            "team_id": uuid4().hex,
            "bot_token_sealed": sealed,
            "bot_id": "B1",
            "bot_user_id": "U1",
            "installed_at": NOW,
        },
        "slack_install_states": {"state_hash": b"hash", "spent_at": NOW},
        "slack_messages": {
            "booking_id": booking.id,
            "recipient_id": centre.consultant.id,
            "purpose": "REQUEST",
            "channel_id": "D1",
            "ts": "1.0",
            "posted_at": NOW,
        },
        "booking_emails": {
            "booking_id": booking.id,
            "recipient_id": centre.beneficiary.id,
            "purpose": "RECEIPT",
            "booking_version": 1,
            "state": "WAITING",
            "slack_problem": "account_inactive",
            "created_at": NOW,
            "updated_at": NOW,
        },
        "scheduling_policies": {"id": uuid4(), "updated_at": NOW},
        "user_preferences": {
            "user_id": centre.consultant.id,
            "wants_digest": True,
            "digest_at": time(8),
            "updated_at": NOW,
        },
        "daily_digests": {
            "user_id": centre.consultant.id,
            "day": date(2026, 12, 1),
            "due_at": NOW + timedelta(days=1),
            "state": "DUE",
            "updated_at": NOW,
        },
        "slack_homes": {
            "user_id": centre.consultant.id,
            "fingerprint": "f",
            "hash": "h",
            "metadata": "{}",
            "published_at": NOW,
        },
        "availability_exceptions": {
            "id": uuid4(),
            "consultant_id": centre.consultant.id,
            "kind": "CLOSED",
            "first_date": date(2027, 8, 1),
            "last_date": date(2027, 8, 15),
            "timezone": "Europe/Paris",
            "created_at": NOW,
        },
        "busy_intervals": {
            "consultant_id": centre.consultant.id,
            "source": "https://c/",
            "uid": "u",
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
        },
        "feed_hours": {
            "consultant_id": centre.consultant.id,
            "slot_id": centre.slots[0].id,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "changed_at": NOW,
        },
        "request_rates": {"subject": "organization", "paid_at": NOW},
        "busy_calendars": {"consultant_id": centre.consultant.id, "source": "https://c/", "read_at": NOW},
        "busy_objects": {"consultant_id": centre.consultant.id, "source": "https://c/", "href": "/c/1.ics", "uid": "u"},
        "calendar_changes": {
            "booking_id": booking.id,
            "kind": "GONE",
            "booked_at": NOW,
            "seen_at": NOW,
        },
        "slot_holds": {
            "user_id": centre.beneficiary.id,
            "consultant_id": centre.consultant.id,
            "availability_slot_id": centre.slots[0].id,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "held_until": NOW + timedelta(hours=1),
            "expires_at": NOW,
        },
        "slack_inbox": {"key": "trigger", "handling": uuid4(), "acted_at": NOW},
        "slack_parks": {"method": "chat.update", "until": NOW},
        "booking_proposals": {
            "id": uuid4(),
            "booking_id": booking.id,
            "round": 1,
            "proposed_by": centre.consultant.id,
            "scheduled_date": date(2026, 12, 2),
            "scheduled_start_time": time(10),
            "scheduled_end_time": time(11),
            "timezone": "Europe/Paris",
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "state": "OPEN",
            "created_at": NOW,
        },
    }
    for table, row in rows.items():
        columns = ["organization_id", *row]
        owner.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            ),
            [organization, *row.values()],
        )
    return token


def tenant_tables(owner: psycopg.Connection[Row]) -> list[str]:
    return [name for name, _, _ in owner.execute(TENANT_TABLES)]


def key_of(table: str) -> str:
    return "id" if table == "organizations" else "organization_id"


def count(connection: psycopg.Connection[Row], table: str, organization_id: object = None) -> int:
    query = sql.SQL("select count(*) from {} where {} = coalesce(%s::uuid, {})").format(
        sql.Identifier(table), sql.Identifier(key_of(table)), sql.Identifier(key_of(table))
    )
    row = connection.execute(query, (organization_id,)).fetchone()
    assert row is not None
    return int(row[0])


def insert_copy(
    connection: psycopg.Connection[Row], owner: psycopg.Connection[Row], table: str, organization_id: object
) -> None:
    """Insert a row as it stands in a table of that organization."""
    columns = [
        name
        for (name,) in owner.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = ''",
            (table,),
        )
    ]
    name, key = sql.Identifier(table), sql.Identifier(key_of(table))
    row = owner.execute(
        sql.SQL("select to_jsonb(t)::text from {} t where {} = %s limit 1").format(name, key), (organization_id,)
    ).fetchone()
    assert row is not None
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from jsonb_populate_record(null::{}, %s::jsonb)").format(
            name, listed, listed, name
        ),
        (row[0],),
    )


# What the catalogs say


def test_the_service_runs_as_a_role_without_power(database: Database):
    with database.without_tenant() as tx:
        found = tx.execute(
            text(
                "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
                " where rolname = current_user"
            )
        ).one()

    assert found == (RUNTIME, False, False, False, False)


def test_the_runtime_role_owns_nothing(owner: psycopg.Connection[Row]):
    owned = owner.execute(
        "select 'relation', relname from pg_class where relowner = %(role)s::regrole"
        " union all select 'function', proname from pg_proc where proowner = %(role)s::regrole"
        " union all select 'type', typname from pg_type where typowner = %(role)s::regrole"
        " union all select 'schema', nspname from pg_namespace where nspowner = %(role)s::regrole"
        " union all select 'database', datname from pg_database where datdba = %(role)s::regrole",
        {"role": RUNTIME},
    ).fetchall()

    assert owned == []


def test_the_runtime_role_is_a_member_of_no_other_role_and_makes_nothing_in_the_schema(owner: psycopg.Connection[Row]):
    memberships = owner.execute(
        "select roleid::regrole::text from pg_auth_members where member = %s::regrole", (RUNTIME,)
    ).fetchall()
    creates = owner.execute(
        "select has_schema_privilege(%s, 'public', 'create'), has_schema_privilege(%s, 'public', 'create')",
        (RUNTIME, DEFINER),
    ).fetchone()

    assert memberships == []
    assert creates == (False, False)


def test_the_role_of_the_lookups_cannot_log_in_and_owns_nothing_but_them(owner: psycopg.Connection[Row]):
    roles = owner.execute(
        "select rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname = %s", (DEFINER,)
    ).fetchall()
    functions = {
        name for (name,) in owner.execute("select proname from pg_proc where proowner = %s::regrole", (DEFINER,))
    }
    relations = owner.execute("select relname from pg_class where relowner = %s::regrole", (DEFINER,)).fetchall()

    assert roles == [(False, False, False)]
    assert functions == ACROSS_TENANTS
    assert relations == []


def test_every_tenant_table_enforces_row_level_security_even_on_its_owner(owner: psycopg.Connection[Row]):
    tables = owner.execute(TENANT_TABLES).fetchall()

    assert len(tables) >= 12
    assert [name for name, is_enabled, is_forced in tables if not (is_enabled and is_forced)] == []


def test_every_other_table_is_one_of_those_without_tenants(owner: psycopg.Connection[Row]):
    everything = {
        name
        for (name,) in owner.execute(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        )
    }

    others = everything - set(tenant_tables(owner))

    assert {name for name in others if not name.startswith("procrastinate_")} == {"alembic_version", "backup_log"}


def test_each_table_has_one_tenant_policy_for_each_command_that_is_granted(owner: psycopg.Connection[Row]):
    policies = owner.execute(
        "select tablename, cmd, roles::text[], qual, with_check from pg_policies"
        " where schemaname = 'public' and roles && array[%s, 'public']::name[]",
        (RUNTIME,),
    ).fetchall()
    granted = owner.execute(
        "select distinct table_name, privilege_type from information_schema.column_privileges"
        " where table_schema = 'public' and grantee = %s union select table_name, privilege_type"
        " from information_schema.role_table_grants where table_schema = 'public' and grantee = %s",
        (RUNTIME, RUNTIME),
    ).fetchall()
    tables = set(tenant_tables(owner))

    assert sorted((table, command) for table, command, *_ in policies) == sorted(
        (table, command) for table, command in granted if table in tables and command in COMMANDS
    )
    for _, _, roles, using, check in policies:
        assert roles == [RUNTIME]
        assert {condition for condition in (using, check) if condition} == {using or check}
        assert "app.organization_id" in (using or check)


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_history_and_audit_can_be_added_to_and_never_rewritten(owner: psycopg.Connection[Row], table: str):
    grants = {
        privilege
        for (privilege,) in owner.execute(
            "select privilege_type from information_schema.role_table_grants"
            " where table_name = %s and grantee in (%s, 'PUBLIC')",
            (table, RUNTIME),
        )
    }
    commands = {
        command
        for (command,) in owner.execute(
            "select cmd from pg_policies where tablename = %s and roles && array[%s, 'public']::name[]",
            (table, RUNTIME),
        )
    }

    assert grants == commands == {"SELECT", "INSERT"}


def test_few_functions_look_across_tenants_and_only_the_service_may_call_them(owner: psycopg.Connection[Row]):
    functions = owner.execute(
        "select proname, pg_get_userbyid(proowner), proconfig, has_function_privilege('public', oid, 'execute'),"
        " has_function_privilege(%s, oid, 'execute') from pg_proc"
        " where prosecdef and pronamespace = 'public'::regnamespace",
        (RUNTIME,),
    ).fetchall()

    assert {name for name, *_ in functions} == ACROSS_TENANTS
    for _, function_owner, config, everybody_may, service_may in functions:
        assert function_owner == DEFINER
        assert config == ["search_path=public, pg_temp"]
        assert (everybody_may, service_may) == (False, True)


# What the runtime role can do


def test_without_a_tenant_every_table_looks_empty(
    full_centre: Centre, database: Database, owner: psycopg.Connection[Row]
):
    for table in tenant_tables(owner):
        assert count(owner, table, full_centre.organization.id) > 0
        with database.without_tenant() as tx:
            assert count(driver_connection(tx), table) == 0


def test_without_a_tenant_nothing_is_inserted(full_centre: Centre, database: Database, owner: psycopg.Connection[Row]):
    for table in tenant_tables(owner):
        with database.without_tenant() as tx, pytest.raises(InsufficientPrivilege, match="row-level security"):
            insert_copy(driver_connection(tx), owner, table, full_centre.organization.id)


def test_another_tenant_s_rows_are_invisible(
    full_centre: Centre, other_centre: Centre, database: Database, owner: psycopg.Connection[Row]
):
    for table in tenant_tables(owner):
        with database.transaction(other_centre.organization.id) as tx:
            assert count(driver_connection(tx), table, full_centre.organization.id) == 0
        with database.transaction(full_centre.organization.id) as tx:
            assert count(driver_connection(tx), table) == count(owner, table, full_centre.organization.id)


def test_another_tenant_s_rows_cannot_be_inserted(
    full_centre: Centre, other_centre: Centre, database: Database, owner: psycopg.Connection[Row]
):
    for table in tenant_tables(owner):
        with (
            database.transaction(other_centre.organization.id) as tx,
            pytest.raises(InsufficientPrivilege, match="row-level security"),
        ):
            insert_copy(driver_connection(tx), owner, table, full_centre.organization.id)


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_another_tenant_s_rows_are_neither_changed_nor_removed(
    full_centre: Centre, other_centre: Centre, database: Database, owner: psycopg.Connection[Row], verb: str
):
    for table in tenant_tables(owner):
        name, key = sql.Identifier(table), sql.Identifier(key_of(table))
        statement = (
            sql.SQL("delete from {} where {} = %s").format(name, key)
            if verb == "delete"
            else sql.SQL("update {} set {key} = {key} where {key} = %s").format(name, key=key)
        )
        is_granted = owner.execute("select has_table_privilege(%s, %s, %s)", (RUNTIME, table, verb)).fetchone()
        with database.transaction(other_centre.organization.id) as tx:
            connection = driver_connection(tx)
            if is_granted == (True,):
                assert connection.execute(statement, (full_centre.organization.id,)).rowcount == 0
            else:
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(statement, (full_centre.organization.id,))
        assert count(owner, table, full_centre.organization.id) > 0


def test_a_row_cannot_be_given_to_another_tenant(centre: Centre, other_centre: Centre, database: Database):
    with (
        database.transaction(centre.organization.id) as tx,
        pytest.raises(InsufficientPrivilege, match="row-level security"),
    ):
        driver_connection(tx).execute(
            "update users set organization_id = %s where id = %s",
            (other_centre.organization.id, centre.consultant.id),
        )


@pytest.mark.parametrize(
    "statement",
    [
        "set role postgres",
        "set role creneau_definer",
        "set session authorization creneau_definer",
        "alter table users disable row level security",
        "drop policy tenant_select on users",
        "create table mine (id integer)",
        "update booking_history set reason = 'rewritten'",
        "delete from booking_history",
        "update audit_log set action = 'rewritten'",
        "delete from audit_log",
        "update idempotency_keys set request_hash = ''",
        "update alembic_version set version_num = '0'",
    ],
)
def test_the_runtime_role_cannot_widen_its_own_rights(worker_urls: Urls, statement: LiteralString):
    with psycopg.connect(plain(worker_urls.runtime)) as connection:
        if connection.execute("select current_user").fetchone() != (RUNTIME,):
            pytest.skip("DATABASE_URL logs in as the owner")
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement)


def test_the_next_user_of_a_pooled_connection_sees_no_tenant(centre: Centre, worker_urls: Urls):
    narrow = Database(worker_urls.runtime, pool_size=1)
    try:
        with narrow.transaction(centre.organization.id) as tx:
            before = tx.execute(text("select pg_backend_pid(), count(*) from users")).one()
        with narrow.without_tenant() as tx:
            after = tx.execute(text("select pg_backend_pid(), count(*) from users")).one()
            tenant = tx.scalar(text("select current_setting('app.organization_id', true)"))
        with pytest.raises(ZeroDivisionError), narrow.transaction(centre.organization.id) as tx:
            raise ZeroDivisionError
        with narrow.without_tenant() as tx:
            after_a_failure = tx.execute(text("select pg_backend_pid(), count(*) from users")).one()
    finally:
        narrow.close()

    assert before == (before[0], 3)
    assert after == after_a_failure == (before[0], 0)
    assert tenant in (None, "")


def test_a_savepoint_rolled_back_keeps_the_tenant(centre: Centre, database: Database):
    with database.transaction(centre.organization.id) as tx:
        with tx.begin_nested() as savepoint:
            savepoint.rollback()
        assert tx.scalar(text("select count(*) from users")) == 3


# The functions across tenants


def test_a_workspace_tells_its_organization_and_nothing_else(centre: Centre, database: Database):
    team = centre.organization.slack_team_id
    assert team is not None

    with database.without_tenant() as tx:
        assert organizations.find_id_by_slack_team(tx, team) == centre.organization.id
        assert organizations.find_id_by_slack_team(tx, "T-UNKNOWN") is None
        assert organizations.find_id_by_slack_team(tx, "%") is None
        assert (
            tx.execute(text("select pg_get_function_result('organization_of_slack_team'::regproc)")).scalar() == "uuid"
        )


def test_the_hash_of_a_feed_token_tells_its_owner_and_nothing_else(
    centre: Centre, database: Database, owner: psycopg.Connection[Row]
):
    token = fill(centre, owner, FeedService(database, MovableClock(NOW), new_id))
    stored = owner.execute(
        "select token_hash from feed_tokens where organization_id = %s", (centre.organization.id,)
    ).fetchone()
    assert stored is not None

    with database.without_tenant() as tx:
        feed = feeds.open_feed(tx, stored[0], FeedKind.SESSIONS)
        of_another_kind = feeds.open_feed(tx, stored[0], FeedKind.BUSY)
        by_token = feeds.open_feed(tx, token.encode(), FeedKind.SESSIONS)
        columns = tx.execute(text("select * from open_feed(cast('' as bytea), '')")).keys()

    assert feed is not None
    assert (feed.owner.organization_id, feed.owner.user_id) == (centre.organization.id, centre.consultant.id)
    assert (of_another_kind, by_token) == (None, None)
    owner_and_times = {"organization_id", "user_id", "role", "locale", "timezone", "changed_at"}
    assert set(columns) == owner_and_times | {"fetched_at", "fetched_by", "basis", "etag"}


def test_a_sweep_leases_what_is_due_of_every_tenant_once_and_learns_only_ids(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    centres = [build_centre(fresh_database, clock) for _ in range(2)]
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        for centre in centres:
            fill(centre, owner, FeedService(fresh_database, clock, new_id))
        due = owner.execute("select organization_id, id from session_reminders where state = 'DUE'").fetchall()
    at = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    lease = timedelta(minutes=2)

    with fresh_database.without_tenant() as tx:
        claimed = reminders.claim_due(tx, at, lease, 100)
    with fresh_database.without_tenant() as tx:
        again = reminders.claim_due(tx, at, lease, 100)
        later = reminders.claim_due(tx, at + lease, lease, 1)
        columns = tx.execute(text("select * from claim_due_reminders(now(), interval '0', 0)")).keys()

    assert {(one.organization_id, one.reminder_id) for one in claimed} == set(due)
    assert {one.organization_id for one in claimed} == {centre.organization.id for centre in centres}
    assert {one.attempt for one in claimed} == {1}
    assert again == []
    assert [one.attempt for one in later] == [2]
    assert set(columns) == {"organization_id", "id", "attempt"}
