"""When a reminder was called off, which may be out all the same: it is looked for, and never posted."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table session_reminders add column called_off_at timestamptz")


def downgrade() -> None:
    op.execute("alter table session_reminders drop column called_off_at")
