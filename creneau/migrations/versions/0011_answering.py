"""Answers are chased and sessions asked about; a message about a booking knows which version and time it spoke of."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHECKS = """
alter table session_reminders
  drop constraint session_reminders_reminder_type_check,
  add constraint session_reminders_reminder_type_check check (reminder_type in ({types}));
alter table slack_messages
  drop constraint slack_messages_purpose_check,
  add constraint slack_messages_purpose_check check (purpose in ({purposes}));
"""
TYPES_BEFORE = (
    "BENEFICIARY_3D",
    "BENEFICIARY_24H",
    "BENEFICIARY_1H",
    "CONSULTANT_24H",
    "CONSULTANT_1H",
    "BENEFICIARY_POST_SESSION",
)
NEW_TYPES = (
    "CONSULTANT_CHASE",
    "CONSULTANT_LAST_CHASE",
    "BENEFICIARY_CHASE",
    "BENEFICIARY_LAST_CHASE",
    "CONSULTANT_OPENING",
    "CONSULTANT_OUTCOME",
)
PURPOSES_BEFORE = (
    "REQUEST",
    "RECEIPT",
    "CONFIRMED",
    "DECLINED",
    "CANCELLED",
    "REMINDER_3D",
    "REMINDER_24H",
    "REMINDER_1H",
    "AFTER_SESSION",
)
NEW_PURPOSES = ("PROPOSAL", "MOVED", "REFUSED", "CHASE", "LAST_CHASE", "OUTCOME")

UP = """
alter table scheduling_policies
  add column last_chase_minutes integer check (last_chase_minutes >= 0);
alter table slack_messages
  add column booking_version integer not null default 1,
  add column starts_at timestamptz,  -- when the session stood as the message was posted; null: from before this column
  drop constraint slack_messages_pkey,
  add primary key (organization_id, booking_id, recipient_id, purpose, booking_version);
"""
# Row level security holds for the owner too: rows go with the policy off, in this transaction alone.
DOWN = """
alter table session_reminders no force row level security;
delete from session_reminders where reminder_type in ({types});
alter table session_reminders force row level security;
alter table slack_messages no force row level security;
delete from slack_messages where purpose in ({purposes});
delete from slack_messages old using slack_messages newer
  where (old.organization_id, old.booking_id, old.recipient_id, old.purpose)
      = (newer.organization_id, newer.booking_id, newer.recipient_id, newer.purpose)
    and old.booking_version < newer.booking_version;
alter table slack_messages force row level security;
alter table slack_messages
  drop constraint slack_messages_pkey,
  drop column booking_version,
  drop column starts_at,
  add primary key (organization_id, booking_id, recipient_id, purpose);
alter table scheduling_policies drop column last_chase_minutes;
"""


def upgrade() -> None:
    op.execute(UP)
    types, purposes = TYPES_BEFORE + NEW_TYPES, PURPOSES_BEFORE + NEW_PURPOSES
    op.execute(CHECKS.format(types=_quoted(types), purposes=_quoted(purposes)))


def downgrade() -> None:
    op.execute(DOWN.format(types=_quoted(NEW_TYPES), purposes=_quoted(NEW_PURPOSES)))
    op.execute(CHECKS.format(types=_quoted(TYPES_BEFORE), purposes=_quoted(PURPOSES_BEFORE)))


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
