"""A consultant's own video room, which the sessions that they confirm get."""

from alembic import op

revision = "0035"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table user_preferences add column video_link text check (length(video_link) <= 500)")


def downgrade() -> None:
    op.execute("alter table user_preferences drop column video_link")
