"""Reading consultants' calendars: which count, how far each was read, and when an account is to be asked again."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UP = """
alter table busy_calendars
  alter column read_at drop not null,  -- chosen, and not read yet
  add column chosen_at timestamptz,
  add column sync_token text,  -- where the next delta begins; null: everything is to be listed
  add column whole_at timestamptz,  -- when everything was last listed
  add column zone text,  -- what days and times of no zone were taken to be in
  add column expanded_until timestamptz,
  add check (read_at is not null or chosen_at is not null);

alter table busy_objects
  add column recurrence bytea,  -- the times of what recurs, without its words, to be expanded further
  add column is_doubtful boolean not null default false;
create index busy_objects_uid on busy_objects (organization_id, consultant_id, uid);

alter table calendar_links
  add column reading_since timestamptz,  -- somebody is reading the account
  add column read_next_at timestamptz,  -- null: with the next round
  add column read_failed_at timestamptz,
  add column read_failure text,
  add column read_failures integer not null default 0,  -- in a row
  add column stale_told_at timestamptz;  -- the consultant was told that reading fails

grant select (organization_id, consultant_id, calendar_url, leaving_at, read_next_at)
  on calendar_links to creneau_definer;
create policy due on calendar_links for select to creneau_definer using (true);
create function list_calendars_to_read(at timestamptz)
returns table (organization_id uuid, consultant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select l.organization_id, l.consultant_id from calendar_links l
  where l.leaving_at is null and l.calendar_url <> '' and coalesce(l.read_next_at, at) <= at
  order by l.organization_id, l.consultant_id
$$;
grant create on schema public to creneau_definer;
alter function list_calendars_to_read(timestamptz) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function list_calendars_to_read(timestamptz) from public;
grant execute on function list_calendars_to_read(timestamptz) to creneau_app;
"""

DOWN = """
drop function list_calendars_to_read(timestamptz);
drop policy due on calendar_links;
revoke select (organization_id, consultant_id, calendar_url, leaving_at, read_next_at)
  on calendar_links from creneau_definer;
alter table calendar_links
  drop column reading_since, drop column read_next_at, drop column read_failed_at, drop column read_failure,
  drop column read_failures, drop column stale_told_at;
drop index busy_objects_uid;
alter table busy_objects drop column recurrence, drop column is_doubtful;
alter table busy_calendars no force row level security;
alter table busy_calendars drop constraint busy_calendars_check;
delete from busy_calendars where read_at is null;
alter table busy_calendars
  drop column chosen_at, drop column sync_token, drop column whole_at, drop column zone, drop column expanded_until,
  alter column read_at set not null;
alter table busy_calendars force row level security;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
