"""Reminders are remembered as messages too, so that a cancellation is seen on them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHECK = """
alter table slack_messages
  drop constraint slack_messages_purpose_check,
  add constraint slack_messages_purpose_check check (purpose in ({purposes}))
"""
BEFORE = ("REQUEST", "RECEIPT", "CONFIRMED", "DECLINED", "CANCELLED")
REMINDERS = ("REMINDER_3D", "REMINDER_24H", "REMINDER_1H", "AFTER_SESSION")


def upgrade() -> None:
    op.execute(CHECK.format(purposes=_quoted(BEFORE + REMINDERS)))


def downgrade() -> None:
    # Row level security holds for the owner too: the rows go with the policy off, in this transaction alone.
    op.execute("alter table slack_messages no force row level security")
    op.execute("delete from slack_messages where purpose like 'REMINDER_%' or purpose = 'AFTER_SESSION'")
    op.execute("alter table slack_messages force row level security")
    op.execute(CHECK.format(purposes=_quoted(BEFORE)))


def _quoted(purposes: tuple[str, ...]) -> str:
    return ", ".join(f"'{purpose}'" for purpose in purposes)
