"""Two different groups of one consultant exclude each other; busy time is found by its end, whatever the past."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# An individual session holds every seat, so `consultant_free` keeps it apart from all others. Seats of a group do not
# overlap each other: two groups are kept apart by these, which read group sessions alone.
UP = """
alter table session_bookings
  add constraint consultant_one_group exclude using gist
    (organization_id with =, consultant_id with =, availability_slot_id with <>, held with &&)
    where (status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS') and not upper_inf(seats)),
  add constraint consultant_one_start exclude using gist
    (organization_id with =, consultant_id with =, starts_at with <>, held with &&)
    where (status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS') and not upper_inf(seats));
drop index busy_intervals_time;
create index busy_intervals_time on busy_intervals (organization_id, consultant_id, ends_at)
  include (starts_at);
"""

DOWN = """
drop index busy_intervals_time;
create index busy_intervals_time on busy_intervals (organization_id, consultant_id, starts_at) include (ends_at);
alter table session_bookings drop constraint consultant_one_group, drop constraint consultant_one_start;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
