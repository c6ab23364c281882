"""Busy time: the objects it was read from, and when each calendar was last read, also one with nothing in it."""

from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
create table busy_calendars (
  organization_id uuid not null,
  consultant_id uuid not null,
  source text not null,
  read_at timestamptz not null,
  primary key (organization_id, consultant_id, source),
  foreign key (organization_id, consultant_id) references users
);

create table busy_objects (
  organization_id uuid not null,
  consultant_id uuid not null,
  source text not null,
  href text not null,
  etag text,
  uid text not null,
  primary key (organization_id, consultant_id, source, href),
  foreign key (organization_id, consultant_id) references users
);

alter table busy_intervals no force row level security;
insert into busy_calendars (organization_id, consultant_id, source, read_at)
select organization_id, consultant_id, source, max(read_at) from busy_intervals
group by organization_id, consultant_id, source;
alter table busy_intervals drop column read_at;
alter table busy_intervals force row level security;
"""

DOWN = """
alter table busy_intervals no force row level security;
alter table busy_calendars no force row level security;
alter table busy_intervals add column read_at timestamptz;
update busy_intervals i set read_at = coalesce(
  (select read_at from busy_calendars c where (c.organization_id, c.consultant_id, c.source)
    = (i.organization_id, i.consultant_id, i.source)), now());
alter table busy_intervals alter column read_at set not null;
alter table busy_intervals force row level security;
drop table busy_objects, busy_calendars;
"""

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"


def upgrade() -> None:
    op.execute(UP)
    for table in ("busy_calendars", "busy_objects"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"grant select, insert, update, delete on {table} to creneau_app")
        ours = f"(organization_id = {CURRENT_TENANT})"
        for command, rule in (
            ("select", f"using {ours}"),
            ("insert", f"with check {ours}"),
            ("update", f"using {ours} with check {ours}"),
            ("delete", f"using {ours}"),
        ):
            op.execute(f"create policy tenant_{command} on {table} for {command} to creneau_app {rule}")


def downgrade() -> None:
    op.execute(DOWN)
