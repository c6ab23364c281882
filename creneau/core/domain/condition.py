"""The condition of an installation, as the doctor reads it: facts, and no judgement."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class DatabaseCondition:
    """`role` is who the service acts as, `login` who logged in; `open_tables` let one tenant see another's rows."""

    version: int
    """The major version of Postgres."""
    revision: str | None
    """The newest migration that was applied; None without a schema."""
    role: str
    is_role_privileged: bool
    """The role is a superuser, passes by row level security, or owns a table."""
    login: str
    is_login_privileged: bool
    open_tables: tuple[str, ...]
    clock_ahead: timedelta
    """How far Postgres' clock is ahead of this machine's; behind when negative."""


@dataclass(frozen=True, slots=True)
class CalendarCondition:
    """How many calendars are linked, and to how many of them reading or writing failed the last time."""

    linked: int
    unread: int
    unwritten: int


@dataclass(frozen=True, slots=True)
class BackupCondition:
    """As of when the newest backup is, and when this database was last restored from one; None: never."""

    taken_at: datetime | None
    restored_at: datetime | None
