"""A consultant is told once that sessions do not get into their calendar, and once that they do again."""

from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table calendar_links add column push_failing_since timestamptz, add column push_told_at timestamptz"
    )


def downgrade() -> None:
    op.execute("alter table calendar_links drop column push_failing_since, drop column push_told_at")
