"""A centre chooses how much events in calendars tell, and of each that is out it is known how much it does."""

from alembic import op

revision = "0029"
down_revision = "0031"
branch_labels = None
depends_on = None

CONTRACTS = {
    "constraints: scheduling_policies scheduling_policies_calendar_detail_centre is asked for":
        "whoever does not know calendar_detail leaves it null",
}  # fmt: skip
UP = """
alter table scheduling_policies
  add column calendar_detail text check (calendar_detail in ('NEUTRAL', 'NAMED', 'DETAILED')),
  add constraint scheduling_policies_calendar_detail_centre check (consultant_id is null or calendar_detail is null);
alter table pushed_objects add column detail text not null default 'NEUTRAL';
"""

DOWN = """
alter table pushed_objects drop column detail;
alter table scheduling_policies drop column calendar_detail;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
