"""Every create may carry an idempotency key: a key keeps the ids of what came of it, of whatever kind."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UP = """
alter table idempotency_keys add column made_ids uuid[];
alter table idempotency_keys no force row level security;
update idempotency_keys set made_ids = array[booking_id] where booking_id is not null;
alter table idempotency_keys force row level security;
alter table idempotency_keys drop column booking_id;
grant update (made_ids) on idempotency_keys to creneau_app;
"""
# What is no booking has no place to go back to: its keys are forgotten.
DOWN = """
alter table idempotency_keys add column booking_id uuid;
alter table idempotency_keys no force row level security;
alter table session_bookings no force row level security;
update idempotency_keys k set booking_id = made_ids[1]
  where exists (
    select from session_bookings b where b.organization_id = k.organization_id and b.id = k.made_ids[1]);
delete from idempotency_keys where booking_id is null;
alter table session_bookings force row level security;
alter table idempotency_keys force row level security;
alter table idempotency_keys drop column made_ids,
  add foreign key (organization_id, booking_id) references session_bookings;
grant update (booking_id) on idempotency_keys to creneau_app;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
