"""Rows for the benchmarks of listing, made by plain SQL: sessions and busy time of one consultant, or of many."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg

from bench.ground import MONDAY, Ground, new_id
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService

DAYS = 60
FIRST = MONDAY.date()
LAST = FIRST + timedelta(days=DAYS)

_SESSIONS = """
insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id, scheduled_date,
  scheduled_start_time, scheduled_end_time, duration_minutes, timezone, starts_at, ends_at, held_until, session_type,
  meeting_format, bilan_phase_at_booking, status, created_at, updated_at)
select %(organization)s, gen_random_uuid(), %(bilan)s, c.id, %(beneficiary)s, at::date, at::time, at::time, 60,
  'Europe/Paris', at, at + interval '1 hour', at + interval '1 hour', 'FOLLOW_UP', 'VIDEO', 'PRELIMINARY', %(status)s,
  now(), now()
from unnest(%(consultants)s::uuid[]) as c (id), unnest(%(starts)s::timestamptz[]) as at
"""
_BUSY = """
insert into busy_intervals (organization_id, consultant_id, source, uid, starts_at, ends_at)
select %(organization)s, c.id, 'calendar', gen_random_uuid()::text, at, at + interval '45 minutes'
from unnest(%(consultants)s::uuid[]) as c (id), unnest(%(starts)s::timestamptz[]) as at
"""


def fill(ground: Ground, consultants: Sequence[UUID], rows: int) -> None:
    """Give each consultant so many sessions and hours of busy time, half and half, in the coming 60 days."""
    hours = [at for at in _working_hours(FIRST + timedelta(days=1), LAST - timedelta(days=1)) if at.hour % 3]
    _insert(ground, consultants, hours[: rows // 2], hours[-(rows // 2) :], "CONFIRMED")


def add_past(ground: Ground, consultants: Sequence[UUID], rows: int) -> None:
    """Give each consultant so many sessions and hours of busy time that are over, half and half."""
    hours = _working_hours(FIRST - timedelta(days=rows // 12 + 30), FIRST - timedelta(days=1))
    _insert(ground, consultants, hours[: rows // 2], hours[: rows // 2], "COMPLETED")


def add_sessions(ground: Ground, consultant: UUID, first: date, rows: int) -> None:
    """Give a consultant so many confirmed sessions from a day on."""
    hours = _working_hours(first, first + timedelta(days=rows // 7 + 14))
    _insert(ground, [consultant], hours[:rows], [], "CONFIRMED")


def choose_horizon(ground: Ground, availability: AvailabilityService) -> None:
    """Let times be booked 60 days ahead."""
    actor = Actor(ground.consultant.organization_id, ground.consultant.id, Role.ORG_ADMIN)
    availability.set_policy(actor, None, PolicyChoices(horizon_days=DAYS))


def add_colleagues(ground: Ground, count: int) -> list[UUID]:
    """Add consultants with the week of the first."""
    ids = [new_id() for _ in range(count)]
    with as_tenant(ground) as connection:
        connection.execute(
            """insert into users (organization_id, id, role, name, email, timezone, locale)
               select %s, id, 'CONSULTANT', 'C', id || '@example.org', 'Europe/Paris', 'fr' from unnest(%s) as id""",
            (ground.consultant.organization_id, ids),
        )
        connection.execute(
            """insert into availability_slots (organization_id, id, consultant_id, day_of_week, start_time, end_time,
                 duration_minutes, timezone)
               select %s, gen_random_uuid(), id, day, '08:00', '18:00', 60, 'Europe/Paris'
               from unnest(%s) as id, generate_series(1, 5) as day""",
            (ground.consultant.organization_id, ids),
        )
    return ids


def analyze(ground: Ground) -> None:
    with psycopg.connect(ground.owner_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _insert(
    ground: Ground, consultants: Sequence[UUID], sessions: list[datetime], busy: list[datetime], status: str
) -> None:
    values = {
        "organization": ground.consultant.organization_id,
        "bilan": ground.bilan.id,
        "consultants": list(consultants),
        "status": status,
    }
    with as_tenant(ground) as connection:
        # A person at once with every consultant, which is refused: a beneficiary for each.
        people = {consultant: new_id() for consultant in consultants}
        connection.execute(
            """insert into users (organization_id, id, role, name, email, timezone, locale)
               select %s, id, 'BENEFICIARY', 'B', id || '@example.org', 'Europe/Paris', 'fr' from unnest(%s) as id""",
            (ground.consultant.organization_id, list(people.values())),
        )
        for consultant in consultants:
            connection.execute(
                _SESSIONS,
                {**values, "consultants": [consultant], "starts": sessions, "beneficiary": people[consultant]},
            )
        connection.execute(_BUSY, {**values, "starts": busy})


def _working_hours(first: date, last: date) -> list[datetime]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    midnight = MONDAY.replace(hour=0)
    return [
        midnight + (day - FIRST) + timedelta(hours=hour)
        for day in days
        if day.weekday() < 5  # Monday to Friday
        for hour in range(7, 17)
    ]


def as_tenant(ground: Ground) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(ground.database.conninfo)
    connection.execute("select set_config('app.organization_id', %s, false)", (str(ground.consultant.organization_id),))
    return connection
