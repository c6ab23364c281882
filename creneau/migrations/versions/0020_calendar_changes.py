"""What consultants do to sessions in their own calendars, until it is settled; and accounts that lost many at once."""

from alembic import op

revision = "0020"
down_revision = "0021"
branch_labels = None
depends_on = None

UP = """
create table calendar_changes (
  organization_id uuid not null,
  booking_id uuid not null,
  kind text not null check (kind in ('MOVED', 'REPEATED', 'DECLINED', 'GONE')),
  booked_at timestamptz not null,  -- where the session stood when this was seen
  etag text,  -- of the event as it stands there now
  starts_at timestamptz,  -- where it was moved to
  ends_at timestamptz,
  seen_at timestamptz not null,
  asked_at timestamptz,  -- null: waits for a second look
  told_at timestamptz,  -- the consultant has the question
  primary key (organization_id, booking_id),
  foreign key (organization_id, booking_id) references session_bookings,
  check ((starts_at is null) = (ends_at is null))
);
alter table pushed_objects add column is_edited boolean not null default false;  -- has words that are not ours
alter table calendar_links add column suspect_at timestamptz, add column suspect_count integer;
"""

DOWN = """
alter table calendar_links drop column suspect_at, drop column suspect_count;
alter table pushed_objects drop column is_edited;
drop table calendar_changes;
"""
REMOVE = """
alter table slack_messages no force row level security;
delete from slack_messages where purpose = 'CALENDAR_CHANGE';
alter table slack_messages force row level security;
"""
CHECK = """
alter table slack_messages
  drop constraint slack_messages_purpose_check,
  add constraint slack_messages_purpose_check check (purpose in ({purposes}));
"""
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
    "UNREACHABLE",
)
IS_OURS = "(organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))"
CONDITION = {
    "select": f"using {IS_OURS}",
    "insert": f"with check {IS_OURS}",
    "update": f"using {IS_OURS} with check {IS_OURS}",
    "delete": f"using {IS_OURS}",
}


def upgrade() -> None:
    op.execute(UP)
    op.execute(CHECK.format(purposes=_quoted((*BEFORE, "CALENDAR_CHANGE"))))
    op.execute("alter table calendar_changes enable row level security")
    op.execute("alter table calendar_changes force row level security")
    for command, condition in CONDITION.items():
        op.execute(f"create policy tenant_{command} on calendar_changes for {command} to creneau_app {condition}")
        op.execute(f"grant {command} on calendar_changes to creneau_app")


def downgrade() -> None:
    op.execute(REMOVE)
    op.execute(CHECK.format(purposes=_quoted(BEFORE)))
    op.execute(DOWN)


def _quoted(purposes: tuple[str, ...]) -> str:
    return ", ".join(f"'{purpose}'" for purpose in purposes)
