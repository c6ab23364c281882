"""One tenant cannot see another: what Postgres promises the runtime role, tried out."""

from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from creneau.core.domain.feeds import FeedKind
from creneau.core.services.feeds import FeedService
from creneau.core.storage import feeds, organizations, reminders
from creneau.core.storage.database import Database, driver_connection
from tests.conftest import Centre, MovableClock, Urls, build_centre, new_id, plain
from tests.core.tenant_rows import NOW, RUNTIME, Row, count, fill, insert_copy, key_of, tenant_tables


@pytest.fixture
def full_centre(centre: Centre, database: Database, owner: psycopg.Connection[Row]) -> Centre:
    """A centre with a row in every table."""
    fill(centre, owner, FeedService(database, MovableClock(NOW), new_id))
    return centre


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
