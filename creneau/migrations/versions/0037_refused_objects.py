"""What a server did not take for a session, a move that is under way, and hours that do not get into a calendar."""

from alembic import op

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None

UP = """
alter table pushed_objects
  add column leaves_href text,  -- where it stood, and still may, while a move is under way
  add column refused_at timestamptz,
  add column refused_status integer,
  add column refused_version integer,  -- of the booking that the server did not take
  add constraint refused_together
    check (num_nulls(refused_at, refused_status, refused_version) in (0, 3));
create index pushed_objects_refused on pushed_objects (organization_id, calendar_link_id) where refused_at is not null;

alter table calendar_links add column refusal_told_at timestamptz;

alter table hours_calendars
  add column failing_since timestamptz,
  add column failure_told_at timestamptz;
"""
DOWN = """
alter table hours_calendars drop column failing_since, drop column failure_told_at;
alter table calendar_links drop column refusal_told_at;
drop index pushed_objects_refused;
alter table pushed_objects
  drop column leaves_href, drop column refused_at, drop column refused_status, drop column refused_version;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
