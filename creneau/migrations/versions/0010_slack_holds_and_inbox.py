"""Times held while a form is open, requests of Slack that were acted on, and methods of Slack that have to wait."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UP = """
-- One hold a person. It ends by itself: whoever reads compares expires_at to now.
create table slot_holds (
  organization_id uuid not null,
  user_id uuid not null,
  consultant_id uuid not null,
  availability_slot_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  held_until timestamptz not null check (held_until >= ends_at),
  expires_at timestamptz not null,
  reference text check (length(reference) between 1 and 255),
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users,
  foreign key (organization_id, consultant_id) references users,
  foreign key (organization_id, availability_slot_id) references availability_slots
);
create index slot_holds_consultant on slot_holds (organization_id, consultant_id, starts_at);

create table slack_inbox (
  organization_id uuid not null references organizations,
  key text not null check (length(key) between 1 and 300),
  handling uuid not null,  -- which arrival of the request acted: a second arrival is another one
  acted_at timestamptz not null,
  primary key (organization_id, key)
);
create index slack_inbox_age on slack_inbox (acted_at);

create table slack_parks (
  organization_id uuid not null references organizations,
  method text not null check (length(method) between 1 and 80),
  until timestamptz not null,
  primary key (organization_id, method)
);

grant select (acted_at), delete on slack_inbox to creneau_definer;
create policy old_read on slack_inbox for select to creneau_definer using (true);
create policy old_removed on slack_inbox for delete to creneau_definer using (true);
create function remove_old_slack_requests(before timestamptz) returns bigint
language sql volatile security definer set search_path = public, pg_temp as $$
  with removed as (delete from slack_inbox where acted_at < before returning acted_at)
  select count(*) from removed
$$;
grant create on schema public to creneau_definer;
alter function remove_old_slack_requests(timestamptz) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function remove_old_slack_requests(timestamptz) from public;
grant execute on function remove_old_slack_requests(timestamptz) to creneau_app;
"""

DOWN = """
drop function remove_old_slack_requests(timestamptz);
drop table slack_parks, slack_inbox, slot_holds;
"""

COMMANDS = {
    "slot_holds": "select insert update delete",
    "slack_inbox": "select insert update",
    "slack_parks": "select insert update",
}

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"


def upgrade() -> None:
    op.execute(UP)
    for table, commands in COMMANDS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"grant {commands.replace(' ', ', ')} on {table} to creneau_app")
        for command in commands.split():
            op.execute(f"create policy tenant_{command} on {table} for {command} to creneau_app {_condition(command)}")


def downgrade() -> None:
    op.execute(DOWN)


def _condition(command: str) -> str:
    is_ours = f"(organization_id = {CURRENT_TENANT})"
    using = "" if command == "insert" else f"using {is_ours}"
    check = f"with check {is_ours}" if command in ("insert", "update") else ""
    return f"{using} {check}"
