"""The operating figures take the age of busy time from the calendars that were read."""

from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTION = """
create or replace function operating_figures(at timestamptz)
returns table (reminders_due bigint, reminder_due_since timestamptz, busy_read_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    (select count(*) from session_reminders where state = 'DUE' and due_at <= at),
    (select min(due_at) from session_reminders where state = 'DUE' and due_at <= at),
    {busy_read_at}
$$
"""
NOW = "(select min(read_at) from busy_calendars)"
# Word for word as 0009 has it: what goes down and up again is the same.
BEFORE = """(select min(latest) from (
       select max(read_at) as latest from busy_intervals group by organization_id, consultant_id) as consultants)"""


def upgrade() -> None:
    op.execute("drop policy figures on busy_intervals")
    op.execute("revoke select (organization_id, consultant_id) on busy_intervals from creneau_definer")
    op.execute("grant select (read_at) on busy_calendars to creneau_definer")
    op.execute("create policy figures on busy_calendars for select to creneau_definer using (true)")
    op.execute(FUNCTION.format(busy_read_at=NOW))


def downgrade() -> None:
    op.execute("set local check_function_bodies = off")  # the column it reads comes back with the next step down
    op.execute(FUNCTION.format(busy_read_at=BEFORE))
    op.execute("drop policy figures on busy_calendars")
    op.execute("revoke select (read_at) on busy_calendars from creneau_definer")
    op.execute("grant select (organization_id, consultant_id) on busy_intervals to creneau_definer")
    op.execute("create policy figures on busy_intervals for select to creneau_definer using (true)")
