"""Foundation: tenants, people, availability, bookings, reminders, calendars and Slack, behind row level security."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = """
do $$
declare
  wanted text;
begin
  -- creneau_app runs the service; creneau_definer owns the few functions that look across tenants. Neither owns a
  -- table, is a superuser or bypasses row level security. Roles belong to the whole cluster: another database may
  -- have made them, perhaps at this very moment.
  foreach wanted in array array['creneau_app', 'creneau_definer'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', wanted);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  execute format('grant creneau_app, creneau_definer to %I', current_user);
end $$;
"""

TABLES = """
create extension if not exists btree_gist;

create table organizations (
  id uuid primary key,
  name text not null,
  timezone text not null default 'Europe/Paris',
  locale text not null default 'fr' check (locale in ('fr', 'en')),
  slack_team_id text unique,
  created_at timestamptz not null default now()
);

create table users (
  organization_id uuid not null references organizations,
  id uuid not null,
  role text not null check (role in ('BENEFICIARY', 'CONSULTANT', 'ORG_ADMIN')),
  name text not null,
  email text not null,
  timezone text not null,
  locale text not null check (locale in ('fr', 'en')),
  slack_user_id text,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (organization_id, id),
  unique (organization_id, slack_user_id)
);
create unique index users_email on users (organization_id, lower(email)) where deleted_at is null;

create table bilans (
  organization_id uuid not null,
  id uuid not null,
  beneficiary_id uuid not null,
  consultant_id uuid not null,
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'COMPLETED', 'ARCHIVED')),
  phase text not null default 'PRELIMINARY' check (phase in ('PRELIMINARY', 'INVESTIGATION', 'CONCLUSION')),
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, beneficiary_id) references users,
  foreign key (organization_id, consultant_id) references users
);
create index bilans_beneficiary on bilans (organization_id, beneficiary_id) where deleted_at is null;

create table availability_slots (
  organization_id uuid not null,
  id uuid not null,
  consultant_id uuid not null,
  day_of_week smallint check (day_of_week between 0 and 6),  -- 0 = Sunday
  date_specific date,
  start_time time not null,
  end_time time not null,
  duration_minutes integer not null default 120 check (duration_minutes between 5 and 480),
  max_concurrent_bookings integer not null default 1 check (max_concurrent_bookings between 1 and 100),
  timezone text not null,
  is_recurring boolean not null generated always as (day_of_week is not null) stored,
  recurring_until date,
  is_available boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, consultant_id) references users,
  check (start_time < end_time),
  check (num_nonnulls(day_of_week, date_specific) = 1)
);
create index availability_slots_consultant on availability_slots (organization_id, consultant_id)
  where deleted_at is null;

create table session_bookings (
  organization_id uuid not null,
  id uuid not null,
  bilan_id uuid not null,
  consultant_id uuid not null,
  beneficiary_id uuid not null,
  availability_slot_id uuid,
  -- what two people agreed on:
  scheduled_date date not null,
  scheduled_start_time time not null,
  scheduled_end_time time not null,
  duration_minutes integer not null,
  timezone text not null,
  -- what it means today, derived by the application and nowhere else:
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  held_until timestamptz not null,
  -- what the constraints read: an individual session holds every seat, a group session one
  seats int4range not null default '[0,)',
  held tstzrange not null generated always as (tstzrange(starts_at, held_until)) stored,
  during tstzrange not null generated always as (tstzrange(starts_at, ends_at)) stored,
  session_type text not null
    check (session_type in ('INITIAL_MEETING', 'FOLLOW_UP', 'REVIEW', 'FINAL')),
  meeting_format text not null check (meeting_format in ('IN_PERSON', 'VIDEO', 'PHONE')),
  meeting_location text check (length(meeting_location) <= 255),
  meeting_link text check (length(meeting_link) <= 500),
  bilan_phase_at_booking text not null,
  status text not null default 'SCHEDULED'
    check (status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW')),
  version integer not null default 1,
  cancellation_code text
    check (cancellation_code in ('DECLINED', 'BY_BENEFICIARY', 'BY_CONSULTANT', 'BY_ADMIN')),
  cancellation_reason text,
  cancelled_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  confirmed_at timestamptz,
  cancelled_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, bilan_id) references bilans,
  foreign key (organization_id, consultant_id) references users,
  foreign key (organization_id, beneficiary_id) references users,
  foreign key (organization_id, cancelled_by) references users (organization_id, id),
  foreign key (organization_id, availability_slot_id) references availability_slots,
  check (ends_at > starts_at and ends_at - starts_at <= interval '8 hours'),
  check (held_until >= ends_at and held_until - ends_at <= interval '4 hours'),
  check ((status = 'CANCELLED') = (cancellation_code is not null)),
  constraint consultant_free exclude using gist
    (organization_id with =, consultant_id with =, seats with &&, held with &&)
    where (status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')),
  constraint beneficiary_free exclude using gist
    (organization_id with =, beneficiary_id with =, during with &&)
    where (status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS'))
);
create index session_bookings_consultant on session_bookings (organization_id, consultant_id, starts_at);
create index session_bookings_beneficiary on session_bookings (organization_id, beneficiary_id, starts_at);
create index session_bookings_bilan on session_bookings (organization_id, bilan_id, starts_at);

create table booking_history (
  organization_id uuid not null,
  booking_id uuid not null,
  version integer not null,
  action text not null,
  status_before text,
  status_after text not null,
  actor_id uuid not null,
  reason text,
  at timestamptz not null,
  primary key (organization_id, booking_id, version),
  foreign key (organization_id, booking_id) references session_bookings,
  foreign key (organization_id, actor_id) references users
);

create table session_reminders (
  organization_id uuid not null,
  id uuid not null,
  session_booking_id uuid not null,
  booking_version integer not null,
  reminder_type text not null
    check (reminder_type in ('BENEFICIARY_24H', 'BENEFICIARY_1H', 'CONSULTANT_24H', 'CONSULTANT_1H')),
  recipient_id uuid not null,
  scheduled_time timestamptz not null,  -- when it was meant to go out
  due_at timestamptz not null,          -- when to try next: a lease or a retry moves it
  state text not null check (state in ('DUE', 'SENT', 'CANCELLED', 'SKIPPED', 'FAILED')),
  sent_at timestamptz,
  retry_count integer not null default 0,
  error_message text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id),
  unique (organization_id, session_booking_id, booking_version, reminder_type, recipient_id),
  foreign key (organization_id, session_booking_id) references session_bookings,
  foreign key (organization_id, recipient_id) references users
);
create index session_reminders_due on session_reminders (due_at) where state = 'DUE';

create table calendar_links (
  organization_id uuid not null,
  id uuid not null,
  consultant_id uuid not null,
  calendar_url text not null,
  username text not null,
  password_sealed bytea not null,
  created_at timestamptz not null,
  primary key (organization_id, id),
  unique (organization_id, consultant_id),
  foreign key (organization_id, consultant_id) references users
);

create table pushed_objects (
  organization_id uuid not null,
  calendar_link_id uuid not null,
  booking_id uuid not null,
  href text not null,
  etag text,
  pushed_version integer not null,
  pushed_at timestamptz not null,
  primary key (organization_id, calendar_link_id, booking_id),
  unique (organization_id, calendar_link_id, href),
  foreign key (organization_id, calendar_link_id) references calendar_links,
  foreign key (organization_id, booking_id) references session_bookings
);

create table feed_tokens (
  organization_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('sessions', 'availability', 'busy')),
  token_hash bytea not null unique,
  created_at timestamptz not null,
  primary key (organization_id, user_id, kind),
  foreign key (organization_id, user_id) references users
);

create table slack_installations (
  organization_id uuid not null references organizations,
  team_id text not null unique,
  bot_token_sealed bytea not null,
  bot_id text not null,
  bot_user_id text not null,
  installed_at timestamptz not null,
  primary key (organization_id)
);

create table slack_messages (
  organization_id uuid not null,
  booking_id uuid not null,
  recipient_id uuid not null,
  purpose text not null check (purpose in ('REQUEST', 'RECEIPT', 'CONFIRMED', 'DECLINED', 'CANCELLED')),
  channel_id text not null,
  ts text not null,
  posted_at timestamptz not null,
  primary key (organization_id, booking_id, recipient_id, purpose),
  foreign key (organization_id, booking_id) references session_bookings,
  foreign key (organization_id, recipient_id) references users
);
"""

TENANT_TABLES = {
    "users": "select, insert, update",
    "bilans": "select, insert, update",
    "availability_slots": "select, insert, update",
    "session_bookings": "select, insert, update",
    "booking_history": "select, insert",
    "session_reminders": "select, insert, update",
    "calendar_links": "select, insert, update, delete",
    "pushed_objects": "select, insert, update, delete",
    "feed_tokens": "select, insert, update, delete",
    "slack_installations": "select, insert, update, delete",
    "slack_messages": "select, insert, update",
}

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"

ACROSS_TENANTS = """
grant select (id, slack_team_id) on organizations to creneau_definer;
create policy lookup on organizations for select to creneau_definer using (true);
grant select on feed_tokens to creneau_definer;
create policy lookup on feed_tokens for select to creneau_definer using (true);
grant select, update on session_reminders to creneau_definer;
create policy sweep on session_reminders to creneau_definer using (true) with check (true);

create function organization_of_slack_team(wanted text) returns uuid
language sql stable security definer set search_path = public, pg_temp as $$
  select id from organizations where slack_team_id = wanted
$$;

create function owner_of_feed(wanted bytea) returns table (organization_id uuid, user_id uuid, kind text)
language sql stable security definer set search_path = public, pg_temp as $$
  select organization_id, user_id, kind from feed_tokens where token_hash = wanted
$$;

-- Lease what is due: two sweeps never get the same reminder, and a sweep that dies frees its lease by time.
create function claim_due_reminders(at timestamptz, lease interval, most integer)
returns table (organization_id uuid, id uuid, attempt integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  with due as (
    select r.organization_id, r.id from session_reminders r
    where r.state = 'DUE' and r.due_at <= at
    order by r.due_at limit most for update skip locked)
  update session_reminders r set due_at = at + lease, retry_count = r.retry_count + 1, updated_at = at
  from due where r.organization_id = due.organization_id and r.id = due.id
  returning r.organization_id, r.id, r.retry_count
$$;
"""

FUNCTIONS = (
    "organization_of_slack_team(text)",
    "owner_of_feed(bytea)",
    "claim_due_reminders(timestamptz, interval, integer)",
)


def upgrade() -> None:
    op.execute(ROLES)
    op.execute(TABLES)
    op.execute("grant usage on schema public to creneau_app, creneau_definer")
    op.execute("grant select on alembic_version to creneau_app")  # so that the service can tell it is behind
    for table, grants in TENANT_TABLES.items():
        _isolate(table, "organization_id", grants)
    _isolate("organizations", "id", "select, insert, update")
    op.execute(ACROSS_TENANTS)
    op.execute("grant create on schema public to creneau_definer")
    for function in FUNCTIONS:
        op.execute(f"alter function {function} owner to creneau_definer")
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to creneau_app")
    op.execute("revoke create on schema public from creneau_definer")


def downgrade() -> None:
    op.execute("revoke select on alembic_version from creneau_app")
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    for table in (
        "slack_messages",
        "slack_installations",
        "feed_tokens",
        "pushed_objects",
        "calendar_links",
        "session_reminders",
        "booking_history",
        "session_bookings",
        "availability_slots",
        "bilans",
        "users",
        "organizations",
    ):
        op.execute(f"drop table {table}")
    # The roles stay: they belong to the cluster, and another database may use them.


def _isolate(table: str, key: str, grants: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy tenant on {table} using ({key} = {CURRENT_TENANT}) with check ({key} = {CURRENT_TENANT})"
    )
    op.execute(f"grant {grants} on {table} to creneau_app")
