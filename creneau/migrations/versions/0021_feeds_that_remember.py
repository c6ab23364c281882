"""Feeds remember who fetched them and what they said: an unchanged one is answered without being made again."""

from alembic import op

revision = "0021"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = """
alter table feed_tokens
  add column fetched_at timestamptz,
  add column fetched_by text,
  add column basis text,
  add column etag text,
  add constraint feed_tokens_fetch check ((fetched_at is null) = (fetched_by is null)),
  add constraint feed_tokens_body check ((basis is null) = (etag is null));

-- When somebody's bookings changed last is one step into an index.
create index session_bookings_consultant_changed on session_bookings (organization_id, consultant_id, updated_at);
create index session_bookings_beneficiary_changed on session_bookings (organization_id, beneficiary_id, updated_at);

-- What an availability feed said of each run of hours. A run that is gone ends where it starts.
create table feed_hours (
  organization_id uuid not null,
  consultant_id uuid not null,
  slot_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  sequence integer not null default 0,
  changed_at timestamptz not null,
  primary key (organization_id, consultant_id, slot_id, starts_at),
  foreign key (organization_id, consultant_id) references users,
  check (starts_at <= ends_at)
);
alter table feed_hours enable row level security;
alter table feed_hours force row level security;
grant select, insert, update, delete on feed_hours to creneau_app;
"""

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"

OPEN_FEED = """
grant select (role, locale, timezone) on users to creneau_definer;
grant select (consultant_id, beneficiary_id, updated_at) on session_bookings to creneau_definer;

-- In plpgsql, because the plan of its statement is kept.
create function open_feed(wanted bytea, wanted_kind text)
returns table (organization_id uuid, user_id uuid, role text, locale text, timezone text, changed_at timestamptz,
  fetched_at timestamptz, fetched_by text, basis text, etag text)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return query
  select t.organization_id, t.user_id, u.role, u.locale, u.timezone,
    greatest(
      (select max(b.updated_at) from session_bookings b
       where b.organization_id = t.organization_id and b.consultant_id = t.user_id),
      (select max(b.updated_at) from session_bookings b
       where b.organization_id = t.organization_id and b.beneficiary_id = t.user_id)),
    t.fetched_at, t.fetched_by, t.basis, t.etag
  from feed_tokens t join users u on u.organization_id = t.organization_id and u.id = t.user_id
  where t.token_hash = wanted and t.kind = wanted_kind and u.deleted_at is null;
end $$;

grant create on schema public to creneau_definer;
alter function open_feed(bytea, text) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function open_feed(bytea, text) from public;
grant execute on function open_feed(bytea, text) to creneau_app;
drop function owner_of_feed(bytea);
"""

# Word for word as 0001 has it: what goes down and up again is the same.
OWNER_OF_FEED = """
create function owner_of_feed(wanted bytea) returns table (organization_id uuid, user_id uuid, kind text)
language sql stable security definer set search_path = public, pg_temp as $$
  select organization_id, user_id, kind from feed_tokens where token_hash = wanted
$$;
grant create on schema public to creneau_definer;
alter function owner_of_feed(bytea) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function owner_of_feed(bytea) from public;
grant execute on function owner_of_feed(bytea) to creneau_app;
drop function open_feed(bytea, text);
revoke select (consultant_id, beneficiary_id, updated_at) on session_bookings from creneau_definer;
revoke select (role, locale, timezone) on users from creneau_definer;
"""

DOWN = """
drop table feed_hours;
drop index session_bookings_consultant_changed, session_bookings_beneficiary_changed;
alter table feed_tokens drop constraint feed_tokens_fetch, drop constraint feed_tokens_body,
  drop column fetched_at, drop column fetched_by, drop column basis, drop column etag;
"""


def upgrade() -> None:
    op.execute(TABLES)
    ours = f"(organization_id = {CURRENT_TENANT})"
    for command, rule in (
        ("select", f"using {ours}"),
        ("insert", f"with check {ours}"),
        ("update", f"using {ours} with check {ours}"),
        ("delete", f"using {ours}"),
    ):
        op.execute(f"create policy tenant_{command} on feed_hours for {command} to creneau_app {rule}")
    op.execute(OPEN_FEED)


def downgrade() -> None:
    op.execute(OWNER_OF_FEED)
    op.execute(DOWN)
