"""The scheduling core: policies, exceptions, busy time, hours, proposals, ratings, analytics, idempotency, audit."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
create table scheduling_policies (
  organization_id uuid not null references organizations,
  id uuid not null,
  consultant_id uuid,  -- null: the organization's; else what differs for one consultant
  minimum_notice_minutes integer check (minimum_notice_minutes between 0 and 43200),
  horizon_days integer check (horizon_days between 1 and 366),
  buffer_minutes integer check (buffer_minutes between 0 and 240),
  slot_increment_minutes integer check (slot_increment_minutes between 5 and 480),
  daily_cap integer check (daily_cap between 1 and 100),
  weekly_cap integer check (weekly_cap between 1 and 500),
  holiday_country text,      -- ISO 3166-1, as the library `holidays` knows it
  holiday_subdivision text,  -- for example 57 for Moselle
  closes_on_holidays boolean,
  busy_max_age_minutes integer check (busy_max_age_minutes > 0),
  cancellation_deadline_minutes integer check (cancellation_deadline_minutes >= 0),
  reschedule_deadline_minutes integer check (reschedule_deadline_minutes >= 0),
  answer_within_minutes integer check (answer_within_minutes > 0),
  reminds_three_days_before boolean,
  quiet_from time,
  quiet_until time,
  updated_at timestamptz not null,
  primary key (organization_id, id),
  unique nulls not distinct (organization_id, consultant_id),
  foreign key (organization_id, consultant_id) references users
);

create table availability_exceptions (
  organization_id uuid not null,
  id uuid not null,
  consultant_id uuid not null,
  -- TIME_OFF takes the time away; CLOSED suspends the weekly rules, so that only one-off slots offer times;
  -- OPEN_HOLIDAY lets the weekly rules hold on a public holiday
  kind text not null check (kind in ('TIME_OFF', 'CLOSED', 'OPEN_HOLIDAY')),
  first_date date not null,
  last_date date not null,
  start_time time,  -- both null: whole days
  end_time time,
  timezone text not null,
  created_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, consultant_id) references users,
  check (first_date <= last_date),
  check (num_nonnulls(start_time, end_time) in (0, 2)),
  check (start_time < end_time),
  check (kind = 'TIME_OFF' or start_time is null)
);
create index availability_exceptions_consultant
  on availability_exceptions (organization_id, consultant_id, last_date) where deleted_at is null;

create table busy_intervals (
  organization_id uuid not null,
  consultant_id uuid not null,
  source text not null,  -- where it was read, for example a calendar's address
  uid text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  read_at timestamptz not null,
  primary key (organization_id, consultant_id, source, uid, starts_at),
  foreign key (organization_id, consultant_id) references users
);
create index busy_intervals_time on busy_intervals (organization_id, consultant_id, starts_at) include (ends_at);

alter table bilans
  add column purchased_minutes integer check (purchased_minutes between 0 and 1440);  -- article L6313-4: 24 hours


alter table session_bookings
  add column beneficiary_notes text check (length(beneficiary_notes) <= 4000),
  add column consultant_notes text check (length(consultant_notes) <= 4000),
  add column preparation_materials text check (length(preparation_materials) <= 4000),
  add column answer_by timestamptz,
  add column started_at timestamptz,
  add column completed_at timestamptz,
  add column attended boolean,
  add column is_late_cancellation boolean not null default false,
  add column beneficiary_rating smallint check (beneficiary_rating between 1 and 5),
  add column beneficiary_feedback text check (length(beneficiary_feedback) <= 4000),
  add column rated_by uuid,
  add column rated_at timestamptz,
  add column deleted_at timestamptz,
  add foreign key (organization_id, rated_by) references users (organization_id, id),
  drop constraint session_bookings_cancellation_code_check,
  add constraint session_bookings_cancellation_code_check
    check (cancellation_code in ('DECLINED', 'BY_BENEFICIARY', 'BY_CONSULTANT', 'BY_ADMIN', 'EXPIRED'));
drop index session_bookings_consultant;
create index session_bookings_consultant_live on session_bookings (organization_id, consultant_id, starts_at)
  include (ends_at, held_until, availability_slot_id)
  where status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS');
create index session_bookings_consultant on session_bookings (organization_id, consultant_id, starts_at);
create index session_bookings_status on session_bookings (organization_id, status, starts_at);
create index session_bookings_unanswered on session_bookings (answer_by) where status = 'SCHEDULED';

alter table booking_history
  add column starts_at timestamptz,  -- when the session stood after the act: what a reschedule moved
  add column is_override boolean not null default false;
alter table booking_history alter column actor_id drop not null;  -- null: the system, as in an expiry

alter table session_reminders
  drop constraint session_reminders_reminder_type_check,
  add constraint session_reminders_reminder_type_check check (reminder_type in (
    'BENEFICIARY_3D', 'BENEFICIARY_24H', 'BENEFICIARY_1H', 'CONSULTANT_24H', 'CONSULTANT_1H',
    'BENEFICIARY_POST_SESSION'));

create table booking_proposals (
  organization_id uuid not null,
  id uuid not null,
  booking_id uuid not null,
  round integer not null,  -- up to three times are proposed at once: they share a round
  proposed_by uuid not null,
  availability_slot_id uuid,
  scheduled_date date not null,
  scheduled_start_time time not null,
  scheduled_end_time time not null,
  timezone text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  state text not null check (state in ('OPEN', 'ACCEPTED', 'REFUSED', 'SUPERSEDED')),
  created_at timestamptz not null,
  answered_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, booking_id) references session_bookings,
  foreign key (organization_id, proposed_by) references users
);
create index booking_proposals_booking on booking_proposals (organization_id, booking_id, round);

create table session_analytics (
  organization_id uuid not null references organizations,
  id uuid not null,
  consultant_id uuid not null,
  session_date date not null,
  total_sessions_scheduled integer not null default 0,
  total_sessions_completed integer not null default 0,
  total_sessions_no_show integer not null default 0,
  total_sessions_cancelled integer not null default 0,
  average_rating numeric(3, 2),
  total_hours_completed numeric(8, 2) not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id),
  unique (organization_id, consultant_id, session_date),
  foreign key (organization_id, consultant_id) references users
);

create table idempotency_keys (
  organization_id uuid not null,
  user_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  booking_id uuid,
  created_at timestamptz not null,
  primary key (organization_id, user_id, key),
  foreign key (organization_id, user_id) references users,
  foreign key (organization_id, booking_id) references session_bookings
);

create table audit_log (
  organization_id uuid not null references organizations,
  id uuid not null,
  at timestamptz not null,
  actor_id uuid,  -- null: the system
  action text not null,
  subject text not null,
  subject_id uuid not null,
  primary key (organization_id, id)
);
create index audit_log_subject on audit_log (organization_id, subject, subject_id, at);

-- The bookings whose answer is overdue, of every organization: who they are, and no more.
grant select (organization_id, id, status, answer_by) on session_bookings to creneau_definer;
create policy overdue on session_bookings for select to creneau_definer using (true);
create function list_overdue_requests(at timestamptz, most integer)
returns table (organization_id uuid, booking_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.organization_id, b.id from session_bookings b
  where b.status = 'SCHEDULED' and b.answer_by <= at order by b.answer_by limit most
$$;
grant create on schema public to creneau_definer;
alter function list_overdue_requests(timestamptz, integer) owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function list_overdue_requests(timestamptz, integer) from public;
grant execute on function list_overdue_requests(timestamptz, integer) to creneau_app;
"""

DOWN = """
drop function list_overdue_requests(timestamptz, integer);
drop policy overdue on session_bookings;
revoke select (organization_id, id, status, answer_by) on session_bookings from creneau_definer;
drop table audit_log, idempotency_keys, session_analytics, booking_proposals, busy_intervals,
  availability_exceptions, scheduling_policies;
alter table session_reminders
  drop constraint session_reminders_reminder_type_check,
  add constraint session_reminders_reminder_type_check
    check (reminder_type in ('BENEFICIARY_24H', 'BENEFICIARY_1H', 'CONSULTANT_24H', 'CONSULTANT_1H'));
alter table booking_history drop column starts_at, drop column is_override;
alter table booking_history alter column actor_id set not null;
drop index session_bookings_consultant_live, session_bookings_status, session_bookings_unanswered;
alter table session_bookings
  drop column beneficiary_notes, drop column consultant_notes, drop column preparation_materials,
  drop column answer_by, drop column started_at, drop column completed_at, drop column attended,
  drop column is_late_cancellation, drop column beneficiary_rating, drop column beneficiary_feedback,
  drop column rated_by, drop column rated_at, drop column deleted_at,
  drop constraint session_bookings_cancellation_code_check,
  add constraint session_bookings_cancellation_code_check
    check (cancellation_code in ('DECLINED', 'BY_BENEFICIARY', 'BY_CONSULTANT', 'BY_ADMIN'));
alter table bilans drop column purchased_minutes;
"""

TENANT_TABLES = {
    "scheduling_policies": "select, insert, update",
    "availability_exceptions": "select, insert, update",
    "busy_intervals": "select, insert, update, delete",
    "booking_proposals": "select, insert, update",
    "session_analytics": "select, insert, update, delete",
    "idempotency_keys": "select, insert, delete",
    "audit_log": "select, insert",
}

CURRENT_TENANT = "(select nullif(current_setting('app.organization_id', true), '')::uuid)"


def upgrade() -> None:
    op.execute(UP)
    for table, grants in TENANT_TABLES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant on {table} "
            f"using (organization_id = {CURRENT_TENANT}) with check (organization_id = {CURRENT_TENANT})"
        )
        op.execute(f"grant {grants} on {table} to creneau_app")


def downgrade() -> None:
    op.execute(DOWN)
