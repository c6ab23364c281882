"""Queries on the condition of an installation: Postgres' own catalogs, and what is told of no tenant in particular."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text

from creneau.core.domain.condition import BackupCondition, CalendarCondition, DatabaseCondition
from creneau.core.domain.ids import OrganizationId
from creneau.core.storage.database import Transaction

_REVISION = text("select version_num from alembic_version")
_HAS_REVISION = text("select to_regclass('public.alembic_version') is not null")
_ROLES = text("""
  select current_setting('server_version_num')::integer / 10000 as version, current_user as role, session_user as login,
    bool_or(rolname = current_user and (rolsuper or rolbypassrls))
      or exists (select from pg_tables where schemaname = 'public' and tableowner = current_user) as is_role_privileged,
    bool_or(rolname = session_user and (rolsuper or rolbypassrls)) as is_login_privileged
  from pg_roles where rolname in (current_user, session_user)
""")
_OPEN_TABLES = text("""
  select c.relname from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    and not (c.relrowsecurity and c.relforcerowsecurity)
    and (c.relname = 'organizations' or exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))
  order by c.relname
""")
_CLOCK = text("select clock_timestamp()")
_CALENDARS = text("select linked, unread, unwritten from calendar_troubles()")
_BACKUPS = text(
    "select max(taken_at) as taken_at, max(at) filter (where kind = 'RESTORE') as restored_at from backup_log"
)
_INSTALLED = text("select organization_id from list_sealed_secrets() where place = 'BOT' order by organization_id")


def read_database(tx: Transaction, now: Callable[[], datetime]) -> DatabaseCondition:
    """Read what Postgres says of itself; `now` is this machine's clock. Needs no tenant, and no schema."""
    before = now()
    theirs: datetime = tx.execute(_CLOCK).scalar_one()
    ours = before + (now() - before) / 2
    roles = tx.execute(_ROLES).one()
    return DatabaseCondition(
        roles.version,
        tx.scalar(_REVISION) if tx.scalar(_HAS_REVISION) else None,
        roles.role,
        roles.is_role_privileged,
        roles.login,
        roles.is_login_privileged,
        tuple(tx.scalars(_OPEN_TABLES)),
        theirs - ours,
    )


def read_calendars(tx: Transaction) -> CalendarCondition:
    """Count linked calendars and their troubles, of every organization. Needs no tenant."""
    row = tx.execute(_CALENDARS).one()
    return CalendarCondition(row.linked, row.unread, row.unwritten)


def read_backups(tx: Transaction) -> BackupCondition:
    row = tx.execute(_BACKUPS).one()
    return BackupCondition(row.taken_at, row.restored_at)


def list_installed(tx: Transaction) -> list[OrganizationId]:
    """List the ids of the organizations that have a Slack token. Needs no tenant."""
    return [OrganizationId(id_) for id_ in tx.scalars(_INSTALLED)]
