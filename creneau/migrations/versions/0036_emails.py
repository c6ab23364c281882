"""What goes by e-mail to somebody whom Slack cannot reach, written before it is sent; a reminder that goes that way."""

from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

UP = """
create table booking_emails (
  organization_id uuid not null,
  booking_id uuid not null,
  recipient_id uuid not null,
  purpose text not null,
  booking_version integer not null,
  state text not null check (state in ('WAITING', 'SENDING', 'SENT', 'FAILED', 'AMBIGUOUS')),
  slack_problem text not null,
  reason text,
  sent_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, booking_id, recipient_id, purpose, booking_version),
  foreign key (organization_id, booking_id) references session_bookings,
  foreign key (organization_id, recipient_id) references users,
  check ((state = 'SENT') = (sent_at is not null))
);
alter table session_reminders add column is_by_email boolean not null default false;
"""
DOWN = """
drop table booking_emails;
alter table session_reminders drop column is_by_email;
"""

IS_OURS = "(organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))"
CONDITION = {
    "select": f"using {IS_OURS}",
    "insert": f"with check {IS_OURS}",
    "update": f"using {IS_OURS} with check {IS_OURS}",
}


def upgrade() -> None:
    op.execute(UP)
    op.execute("alter table booking_emails enable row level security")
    op.execute("alter table booking_emails force row level security")
    for command, condition in CONDITION.items():
        op.execute(f"create policy tenant_{command} on booking_emails for {command} to creneau_app {condition}")
        op.execute(f"grant {command} on booking_emails to creneau_app")


def downgrade() -> None:
    op.execute(DOWN)
