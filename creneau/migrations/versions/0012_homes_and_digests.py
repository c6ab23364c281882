"""What people chose for themselves, the daily digest, the homes that are published, and a centre's discretion."""

from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None

UP = """
-- How much the first line of a message tells; the organization's alone, because the law speaks to the centre.
alter table scheduling_policies
  add column discretion text check (discretion in ('STRICT', 'DISCREET', 'DETAILED')),
  add constraint scheduling_policies_discretion_check1 check (consultant_id is null or discretion is null);

create table user_preferences (
  organization_id uuid not null,
  user_id uuid not null,
  wants_digest boolean not null,
  digest_at time not null,  -- on the person's own wall clock
  updated_at timestamptz not null,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users
);

-- The schedule of digests, a row a person and day: what makes it one message and no more.
create table daily_digests (
  organization_id uuid not null,
  user_id uuid not null,
  day date not null,  -- on the person's own calendar
  due_at timestamptz not null,
  state text not null check (state in ('DUE', 'SENT', 'SKIPPED', 'FAILED')),
  attempt integer not null default 0,
  error_message text,
  updated_at timestamptz not null,
  primary key (organization_id, user_id, day),
  foreign key (organization_id, user_id) references users
);
create index daily_digests_due on daily_digests (due_at) where state = 'DUE';

create table slack_homes (
  organization_id uuid not null,
  user_id uuid not null,
  fingerprint text not null,  -- of what is shown, so that the same is not published twice
  hash text not null,  -- Slack's, so that a late view does not overwrite a newer one
  metadata text not null,  -- which pages are shown
  published_at timestamptz not null,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users
);

grant select (organization_id, user_id, day, due_at, state, attempt) on daily_digests to creneau_definer;
grant update (due_at, attempt, updated_at) on daily_digests to creneau_definer;
create policy due on daily_digests for select to creneau_definer using (true);
create policy claimed on daily_digests for update to creneau_definer using (true);
create function claim_due_digests(at timestamptz, lease interval, most integer)
returns table (organization_id uuid, user_id uuid, day date, attempt integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  with due as (
    select d.organization_id, d.user_id, d.day from daily_digests d
    where d.state = 'DUE' and d.due_at <= at
    order by d.due_at limit most for update skip locked)
  update daily_digests d set due_at = at + lease, attempt = d.attempt + 1, updated_at = at
  from due where d.organization_id = due.organization_id and d.user_id = due.user_id and d.day = due.day
  returning d.organization_id, d.user_id, d.day, d.attempt
$$;
grant create on schema public to creneau_definer;
alter function claim_due_digests(timestamptz, interval, integer) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function claim_due_digests(timestamptz, interval, integer) from public;
grant execute on function claim_due_digests(timestamptz, interval, integer) to creneau_app;
"""

DOWN = """
drop function claim_due_digests(timestamptz, interval, integer);
drop table slack_homes, daily_digests, user_preferences;
alter table scheduling_policies drop column discretion;
"""

COMMANDS = {
    "user_preferences": "select insert update",
    "daily_digests": "select insert update delete",
    "slack_homes": "select insert update",
}
"""What is granted on each table, with a policy for each command."""

IS_OURS = "(organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))"
CONDITION = {
    "select": f"using {IS_OURS}",
    "insert": f"with check {IS_OURS}",
    "update": f"using {IS_OURS} with check {IS_OURS}",
    "delete": f"using {IS_OURS}",
}


def upgrade() -> None:
    op.execute(UP)
    for table, commands in COMMANDS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        for command in commands.split():
            op.execute(f"create policy tenant_{command} on {table} for {command} to creneau_app {CONDITION[command]}")
            op.execute(f"grant {command} on {table} to creneau_app")


def downgrade() -> None:
    op.execute(DOWN)
