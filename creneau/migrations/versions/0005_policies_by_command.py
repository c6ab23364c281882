"""A policy for each command that the runtime role may give; idempotency keys get their booking, and an end."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COMMANDS = {
    "organizations": "select insert update",
    "users": "select insert update",
    "bilans": "select insert update",
    "availability_slots": "select insert update",
    "availability_exceptions": "select insert update",
    "busy_intervals": "select insert update delete",
    "scheduling_policies": "select insert update",
    "session_bookings": "select insert update",
    "booking_proposals": "select insert update",
    "booking_history": "select insert",
    "session_reminders": "select insert update",
    "session_analytics": "select insert update delete",
    "calendar_links": "select insert update delete",
    "pushed_objects": "select insert update delete",
    "feed_tokens": "select insert update delete",
    "slack_installations": "select insert update delete",
    "slack_messages": "select insert update",
    "idempotency_keys": "select insert update delete",
    "audit_log": "select insert",
}
"""What is granted on each table. History and the audit log have no policy for what nobody may do to them."""

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"

KEYS = """
-- What came of a request is written under its key in the same transaction; nothing else of a key is ever changed.
grant update (booking_id) on idempotency_keys to creneau_app;

grant select (created_at), delete on idempotency_keys to creneau_definer;
create policy old_read on idempotency_keys for select to creneau_definer using (true);
create policy old_removed on idempotency_keys for delete to creneau_definer using (true);
create function remove_old_idempotency_keys(before timestamptz) returns bigint
language sql volatile security definer set search_path = public, pg_temp as $$
  with removed as (delete from idempotency_keys where created_at < before returning created_at)
  select count(*) from removed
$$;
create index idempotency_keys_age on idempotency_keys (created_at);
grant create on schema public to creneau_definer;
alter function remove_old_idempotency_keys(timestamptz) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function remove_old_idempotency_keys(timestamptz) from public;
grant execute on function remove_old_idempotency_keys(timestamptz) to creneau_app;
"""

NO_KEYS = """
drop function remove_old_idempotency_keys(timestamptz);
drop index idempotency_keys_age;
drop policy old_read on idempotency_keys;
drop policy old_removed on idempotency_keys;
revoke select (created_at), delete on idempotency_keys from creneau_definer;
revoke update (booking_id) on idempotency_keys from creneau_app;
"""


def upgrade() -> None:
    for table, commands in COMMANDS.items():
        op.execute(f"drop policy tenant on {table}")
        for command in commands.split():
            condition = _condition(table, command)
            op.execute(f"create policy tenant_{command} on {table} for {command} to creneau_app {condition}")
    op.execute(KEYS)


def downgrade() -> None:
    op.execute(NO_KEYS)
    for table, commands in COMMANDS.items():
        for command in commands.split():
            op.execute(f"drop policy tenant_{command} on {table}")
        op.execute(f"create policy tenant on {table} {_condition(table, 'update')}")


def _condition(table: str, command: str) -> str:
    """Return what a command may see (`using`) and leave behind (`with check`)."""
    is_ours = f"({_key(table)} = {CURRENT_TENANT})"
    using = "" if command == "insert" else f"using {is_ours}"
    check = f"with check {is_ours}" if command in ("insert", "update") else ""
    return f"{using} {check}"


def _key(table: str) -> str:
    return "id" if table == "organizations" else "organization_id"
