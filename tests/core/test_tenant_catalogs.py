"""One tenant cannot see another: what Postgres promises the runtime role, read from its catalogs."""

import psycopg
import pytest
from sqlalchemy import text

from creneau.core.storage.database import Database
from tests.core.tenant_rows import RUNTIME, TENANT_TABLES, Row, tenant_tables

DEFINER = "creneau_definer"
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
