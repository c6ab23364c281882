"""The app in many workspaces: installations end and come back, tokens rotate, an OAuth state installs once."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

IS_OURS = "(organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))"
POLICIES = {"select": "using", "insert": "with check", "delete": "using"}

UP = """
alter table slack_installations
  alter column bot_token_sealed drop not null,
  add column refresh_token_sealed bytea,
  add column expires_at timestamptz,
  add column rotation_leased_until timestamptz,
  add column ended_at timestamptz,
  add constraint slack_installations_token check ((ended_at is null) = (bot_token_sealed is not null));

create table slack_install_states (
  organization_id uuid not null references organizations,
  state_hash bytea not null,
  spent_at timestamptz not null,
  primary key (organization_id, state_hash)
);
alter table slack_install_states enable row level security;
alter table slack_install_states force row level security;
grant select, insert, delete on slack_install_states to creneau_app;

alter table users add column slack_left_at timestamptz;

-- Which installations, of every organization, need a new token: each goes to one process, for as long as its lease.
grant select (organization_id, refresh_token_sealed, expires_at, rotation_leased_until), update (rotation_leased_until)
  on slack_installations to creneau_definer;
create policy rotation_read on slack_installations for select to creneau_definer using (true);
create policy rotation_lease on slack_installations for update to creneau_definer using (true) with check (true);
create function lease_slack_rotations(at timestamptz, ahead interval, lease interval)
returns table (organization_id uuid)
language sql volatile security definer set search_path = public, pg_temp as $$
  with ending as (
    select i.organization_id from slack_installations i
    where i.refresh_token_sealed is not null and i.expires_at <= at + ahead
      and coalesce(i.rotation_leased_until <= at, true)
    for update skip locked)
  update slack_installations i set rotation_leased_until = at + lease
  from ending where i.organization_id = ending.organization_id
  returning i.organization_id
$$;
grant create on schema public to creneau_definer;
alter function lease_slack_rotations(timestamptz, interval, interval) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function lease_slack_rotations(timestamptz, interval, interval) from public;
grant execute on function lease_slack_rotations(timestamptz, interval, interval) to creneau_app;
"""

DOWN = """
drop function lease_slack_rotations(timestamptz, interval, interval);
drop policy rotation_read on slack_installations;
drop policy rotation_lease on slack_installations;
revoke select (organization_id, refresh_token_sealed, expires_at, rotation_leased_until), update (rotation_leased_until)
  on slack_installations from creneau_definer;
alter table users drop column slack_left_at;
drop table slack_install_states;
-- Row level security holds for the owner too: rows without a token go with it off, in this transaction alone.
alter table slack_installations no force row level security;
delete from slack_installations where bot_token_sealed is null;
alter table slack_installations force row level security;
alter table slack_installations
  drop constraint slack_installations_token,
  drop column ended_at, drop column rotation_leased_until, drop column expires_at, drop column refresh_token_sealed,
  alter column bot_token_sealed set not null;
"""


def upgrade() -> None:
    op.execute(UP)
    for command, clause in POLICIES.items():
        op.execute(
            f"create policy tenant_{command} on slack_install_states for {command} to creneau_app {clause} {IS_OURS}"
        )


def downgrade() -> None:
    op.execute(DOWN)
