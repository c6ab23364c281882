"""An availability feed remembers how often the hours that it tells as a whole changed, and when."""

from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

COLUMNS = """
alter table feed_tokens
  add column told_digest text,
  add column told_sequence integer not null default 0,
  add column told_at timestamptz,
  add constraint feed_tokens_told check ((told_digest is null) = (told_at is null));
"""
DOWN = """
alter table feed_tokens drop constraint feed_tokens_told,
  drop column told_digest, drop column told_sequence, drop column told_at;
"""


def upgrade() -> None:
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute(DOWN)
