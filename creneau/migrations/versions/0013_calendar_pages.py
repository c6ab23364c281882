"""Links to our own pages, good once and for a quarter of an hour; how a consultant's calendar is doing."""

from alembic import op

revision = "0013"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = """
-- One open link a person and purpose: a new one is in the place of the one before. Only its id is in the address.
create table page_links (
  organization_id uuid not null,
  user_id uuid not null,
  purpose text not null check (purpose in ('CONNECT_CALENDAR')),
  id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  tries integer not null default 0,
  primary key (organization_id, user_id, purpose),
  foreign key (organization_id, user_id) references users
);

alter table calendar_links
  add column linked_at timestamptz,  -- null: when it was created
  add column pushed_at timestamptz,
  add column failed_at timestamptz,
  add column failure text check (failure in (
    'WRONG_PASSWORD', 'HOST_NOT_ALLOWED', 'NOT_FOUND', 'UNREACHABLE', 'REFUSED', 'OTHER_EVENT', 'UNREADABLE')),
  add column leaving_at timestamptz,  -- what we put there is being removed, and then this link
  add constraint calendar_links_failure_check1 check ((failed_at is null) = (failure is null));
"""

DOWN = """
drop table page_links;
alter table calendar_links
  drop column linked_at, drop column pushed_at, drop column failed_at, drop column failure, drop column leaving_at;
"""

IS_OURS = "(organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))"
CONDITION = {
    "select": f"using {IS_OURS}",
    "insert": f"with check {IS_OURS}",
    "update": f"using {IS_OURS} with check {IS_OURS}",
}


def upgrade() -> None:
    op.execute(UP)
    op.execute("alter table page_links enable row level security")
    op.execute("alter table page_links force row level security")
    for command, condition in CONDITION.items():
        op.execute(f"create policy tenant_{command} on page_links for {command} to creneau_app {condition}")
        op.execute(f"grant {command} on page_links to creneau_app")


def downgrade() -> None:
    op.execute(DOWN)
