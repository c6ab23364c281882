"""Bookable hours stand in a calendar of their own: where it is, what was put there, and what was told beside it."""

from alembic import op

revision = "0027"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = """
create table hours_calendars (
  organization_id uuid not null,
  calendar_link_id uuid not null,
  consultant_id uuid not null,
  url text not null,  -- where hours are put
  own_url text,  -- a calendar that we made for them, or are about to
  made_at timestamptz,  -- since when that is there
  tells_inbox boolean not null default false,
  inbox_url text,
  inbox_digest text,  -- what was told there; empty: tried, without an answer
  ending_at timestamptz,  -- all of it is being taken back
  told_at timestamptz,  -- when it was last in step
  failed_at timestamptz,
  failure text,
  primary key (organization_id, calendar_link_id),
  unique (organization_id, consultant_id),
  foreign key (organization_id, calendar_link_id) references calendar_links,
  check ((failed_at is null) = (failure is null))
);

create table hours_objects (
  organization_id uuid not null,
  calendar_link_id uuid not null,
  slot_id uuid not null,
  href text not null,
  etag text,
  digest text not null,  -- of what was put; empty: tried, without an answer
  sequence integer not null,
  changed_at timestamptz not null,
  primary key (organization_id, calendar_link_id, slot_id),
  foreign key (organization_id, calendar_link_id) references calendar_links,
  foreign key (organization_id, slot_id) references availability_slots
);
"""

ACROSS_TENANTS = """
grant select (organization_id, consultant_id) on hours_calendars to creneau_definer;
create policy due on hours_calendars for select to creneau_definer using (true);
create function list_published_hours()
returns table (organization_id uuid, consultant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select h.organization_id, h.consultant_id from hours_calendars h order by h.organization_id, h.consultant_id
$$;
grant create on schema public to creneau_definer;
alter function list_published_hours() owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function list_published_hours() from public;
grant execute on function list_published_hours() to creneau_app;
"""

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("hours_calendars", "hours_objects"):
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
    op.execute(ACROSS_TENANTS)


def downgrade() -> None:
    op.execute("drop function list_published_hours()")
    op.execute("drop table hours_objects, hours_calendars")
