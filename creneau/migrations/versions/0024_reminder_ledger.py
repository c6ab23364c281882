"""A reminder remembers that it was about to be posted, and where it stands: nobody posts it a second time."""

from alembic import op

revision = "0024"
down_revision = "0019"
branch_labels = None
depends_on = None

BEFORE = ("DUE", "SENT", "CANCELLED", "SKIPPED", "FAILED")
NEW = "AMBIGUOUS"
COLUMNS = """
alter table session_reminders
  add column posting_since timestamptz,
  add column channel_id text,
  add column message_ts text,
  add constraint session_reminders_place_check check ((channel_id is null) = (message_ts is null));
"""
CHECK = """
alter table session_reminders
  drop constraint session_reminders_state_check,
  add constraint session_reminders_state_check check (state in ({states}));
"""
# Row level security holds for the owner too: rows change with the policy off, in this transaction alone.
END = """
alter table session_reminders no force row level security;
update session_reminders set state = 'FAILED' where state = 'AMBIGUOUS';
alter table session_reminders force row level security;
alter table session_reminders drop column posting_since, drop column channel_id, drop column message_ts;
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(CHECK.format(states=_quoted((*BEFORE, NEW))))


def downgrade() -> None:
    op.execute(END)
    op.execute(CHECK.format(states=_quoted(BEFORE)))


def _quoted(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)
