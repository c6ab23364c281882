"""What whoever operates the service needs to know: backups that were made and restored, calendars that give trouble."""

from alembic import op

revision = "0034"
down_revision = "0029"
branch_labels = None
depends_on = None

UP = """
create table backup_log (  -- of the whole database, not of a tenant
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('BACKUP', 'RESTORE')),
  at timestamptz not null,
  taken_at timestamptz not null,  -- as of when the copy is
  bytes bigint not null
);
grant select on backup_log to creneau_app;

grant select (read_failures, push_failing_since) on calendar_links to creneau_definer;
create function calendar_troubles()
returns table (linked bigint, unread bigint, unwritten bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select count(*), count(*) filter (where l.read_failures > 0), count(*) filter (where l.push_failing_since is not null)
  from calendar_links l where l.leaving_at is null
$$;
grant create on schema public to creneau_definer;
alter function calendar_troubles() owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function calendar_troubles() from public;
grant execute on function calendar_troubles() to creneau_app;
"""
DOWN = """
drop function calendar_troubles();
revoke select (read_failures, push_failing_since) on calendar_links from creneau_definer;
drop table backup_log;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
