"""Who has a session with somebody that left Slack is told once that a message did not reach them."""

from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = (
    "REQUEST",
    "RECEIPT",
    "CONFIRMED",
    "DECLINED",
    "CANCELLED",
    "REMINDER_3D",
    "REMINDER_24H",
    "REMINDER_1H",
    "AFTER_SESSION",
    "PROPOSAL",
    "MOVED",
    "REFUSED",
    "CHASE",
    "LAST_CHASE",
    "OUTCOME",
)
NEW = "UNREACHABLE"
CHECK = """
alter table slack_messages
  drop constraint slack_messages_purpose_check,
  add constraint slack_messages_purpose_check check (purpose in ({purposes}));
"""
# Row level security holds for the owner too: rows go with the policy off, in this transaction alone.
REMOVE = """
alter table slack_messages no force row level security;
delete from slack_messages where purpose = 'UNREACHABLE';
alter table slack_messages force row level security;
"""


def upgrade() -> None:
    op.execute(CHECK.format(purposes=_quoted((*BEFORE, NEW))))


def downgrade() -> None:
    op.execute(REMOVE)
    op.execute(CHECK.format(purposes=_quoted(BEFORE)))


def _quoted(purposes: tuple[str, ...]) -> str:
    return ", ".join(f"'{purpose}'" for purpose in purposes)
