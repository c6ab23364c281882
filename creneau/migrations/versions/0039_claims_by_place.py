"""Leasing reminders costs the same however many wait: rows that are leased are found by where they lie.

Joined to what is due, they were found by reading the whole table: Postgres plans without knowing how few they are.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

UP = """
create or replace function claim_due_reminders(at timestamptz, lease interval, most integer)
returns table (organization_id uuid, id uuid, attempt integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  update session_reminders r set due_at = at + lease, retry_count = r.retry_count + 1, updated_at = at
  where r.ctid = any(array(
    select due.ctid from session_reminders due
    where due.state = 'DUE' and due.due_at <= at
    order by due.due_at limit most for update skip locked))
  returning r.organization_id, r.id, r.retry_count
$$
"""
DOWN = """
create or replace function claim_due_reminders(at timestamptz, lease interval, most integer)
returns table (organization_id uuid, id uuid, attempt integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  with due as (
    select r.organization_id, r.id from session_reminders r
    where r.state = 'DUE' and r.due_at <= at
    order by r.due_at limit most for update skip locked)
  update session_reminders r set due_at = at + lease, retry_count = r.retry_count + 1, updated_at = at
  from due where r.organization_id = due.organization_id and r.id = due.id
  returning r.organization_id, r.id, r.retry_count
$$
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
