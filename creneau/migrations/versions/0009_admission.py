"""Who is let in, how often, and how the service does: request rates, memberships by e-mail, operating figures."""

from alembic import op

revision = "0009"
down_revision = "0012"
branch_labels = None
depends_on = None

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"

RATES = """
-- Unlogged: a crash forgets what was asked in the last minute, and a request costs no WAL. Every request changes its
-- row, so pages keep room for new versions of it, and no index but the key is there to be changed along.
create unlogged table request_rates (
  organization_id uuid not null,
  subject text not null,         -- 'organization', or 'token:' and a hash
  paid_at timestamptz not null,  -- when all that was asked so far is paid off, at the rate allowed
  primary key (organization_id, subject)
) with (fillfactor = 50);
alter table request_rates enable row level security;
alter table request_rates force row level security;
grant select, insert, update on request_rates to creneau_app;
"""

POLICIES = {
    "select": "using ({ours})",
    "insert": "with check ({ours})",
    "update": "using ({ours}) with check ({ours})",
}

ACROSS_TENANTS = """
grant select (paid_at), delete on request_rates to creneau_definer;
create policy old_read on request_rates for select to creneau_definer using (true);
create policy old_removed on request_rates for delete to creneau_definer using (true);
create function remove_old_request_rates(before timestamptz) returns bigint
language sql volatile security definer set search_path = public, pg_temp as $$
  with removed as (delete from request_rates where paid_at < before returning paid_at)
  select count(*) from removed
$$;

-- An identity provider vouches for an e-mail address: the people that organizations have under it.
create index users_email_everywhere on users (lower(email)) where deleted_at is null;
grant select (organization_id, id, email, deleted_at) on users to creneau_definer;
create policy membership on users for select to creneau_definer using (deleted_at is null);
create function memberships_of_email(wanted text) returns table (organization_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select organization_id, id from users where lower(email) = lower(wanted) and deleted_at is null order by 1
$$;

-- For the operator of all organizations: how late, not whose.
grant select (organization_id, consultant_id, read_at) on busy_intervals to creneau_definer;
create policy figures on busy_intervals for select to creneau_definer using (true);
create function operating_figures(at timestamptz)
returns table (reminders_due bigint, reminder_due_since timestamptz, busy_read_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    (select count(*) from session_reminders where state = 'DUE' and due_at <= at),
    (select min(due_at) from session_reminders where state = 'DUE' and due_at <= at),
    (select min(latest) from (
       select max(read_at) as latest from busy_intervals group by organization_id, consultant_id) as consultants)
$$;
"""

FUNCTIONS = ("remove_old_request_rates(timestamptz)", "memberships_of_email(text)", "operating_figures(timestamptz)")

DOWN = """
drop policy figures on busy_intervals;
revoke select (organization_id, consultant_id, read_at) on busy_intervals from creneau_definer;
drop policy membership on users;
revoke select (organization_id, id, email, deleted_at) on users from creneau_definer;
drop index users_email_everywhere;
drop table request_rates;
"""


def upgrade() -> None:
    op.execute(RATES)
    for command, condition in POLICIES.items():
        ours = f"organization_id = {CURRENT_TENANT}"
        op.execute(
            f"create policy tenant_{command} on request_rates for {command} to creneau_app "
            + condition.format(ours=ours)
        )
    op.execute(ACROSS_TENANTS)
    op.execute("grant create on schema public to creneau_definer")
    for function in FUNCTIONS:
        op.execute(f"alter function {function} owner to creneau_definer")
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to creneau_app")
    op.execute("revoke create on schema public from creneau_definer")


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.execute(DOWN)
