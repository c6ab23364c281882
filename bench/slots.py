"""How much listing free times costs over fetching the rows it needs."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from bench import slot_rows
from bench.ground import MONDAY, Ground, StandingClock, new_id, open_ground
from bench.ratio import Result, time_ratio
from creneau.core.services.availability import AvailabilityService

_ROWS = 250
_CONSULTANTS = 200
_PAST = 100

_Connection = psycopg.Connection[tuple[Any, ...]]


def one_consultant(rounds: int) -> Result:
    with open_ground() as ground:
        ids = [ground.consultant.id]
        slot_rows.choose_horizon(ground, _availability(ground))
        slot_rows.fill(ground, ids, _ROWS)
        slot_rows.analyze(ground)
        with psycopg.connect(ground.database.conninfo) as connection:
            fetch = _fetch(ground, connection, ids, _ONE_BY_ONE)
            ratio = time_ratio(lambda: _list(ground), fetch, rounds, calls=60)
    return Result("slots.one_consultant", round(ratio, 2), "ratio", 3.0, "lower", "fetching the same rows with psycopg")


def organization(rounds: int) -> Result:
    with open_ground() as ground:
        availability = _availability(ground)
        ids = [ground.consultant.id, *slot_rows.add_colleagues(ground, _CONSULTANTS - 1)]
        slot_rows.choose_horizon(ground, availability)
        slot_rows.fill(ground, ids, _ROWS)
        slot_rows.analyze(ground)
        with psycopg.connect(ground.database.conninfo) as connection:
            fetch = _fetch(ground, connection, ids, _GROUPED, binary=True)
            ratio = time_ratio(
                lambda: availability.list_open_times(ground.actor, slot_rows.FIRST, slot_rows.LAST),
                fetch,
                rounds,
                calls=5,
            )
    return Result(
        "slots.organization", round(ratio, 2), "ratio", 3.0, "lower", "fetching the same 50,000 rows, grouped as bytes"
    )


def history(rounds: int) -> Result:
    """The same listing before and after a hundred times the rows lie in the past."""
    with open_ground() as young, open_ground() as old:
        for ground in (young, old):
            slot_rows.choose_horizon(ground, _availability(ground))
            slot_rows.fill(ground, [ground.consultant.id], _ROWS)
        slot_rows.add_past(old, [old.consultant.id], _ROWS * _PAST)
        for ground in (young, old):
            slot_rows.analyze(ground)
        ratio = time_ratio(lambda: _list(old), lambda: _list(young), rounds, calls=60)
    return Result("slots.history", round(ratio, 2), "ratio", 1.2, "lower", "the same listing without the past")


def _availability(ground: Ground) -> AvailabilityService:
    return AvailabilityService(ground.database, StandingClock(), new_id)


def _list(ground: Ground) -> None:
    ground.scheduling.get_available_slots_for_consultant(
        ground.actor, ground.consultant.id, slot_rows.FIRST, slot_rows.LAST
    )


_WHO = (
    "select id, timezone from users where organization_id = %(organization)s and id = any(%(ids)s)",
    "select * from scheduling_policies where organization_id = %(organization)s",
    "select * from availability_slots where organization_id = %(organization)s and consultant_id = any(%(ids)s)",
    "select * from availability_exceptions where organization_id = %(organization)s and consultant_id = any(%(ids)s)",
)
_LIVE = """
  from session_bookings where organization_id = %(organization)s and consultant_id = any(%(ids)s)
    and status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS') and starts_at >= %(first)s and starts_at < %(last)s
"""
_BUSY = """
  from busy_intervals where organization_id = %(organization)s and consultant_id = any(%(ids)s)
    and ends_at > %(first)s and starts_at < %(last)s
"""
_ONE_BY_ONE = (*_WHO, f"select starts_at, ends_at, held_until {_LIVE}", f"select starts_at, ends_at {_BUSY}")
_GROUPED = (
    *_WHO,
    f"""select consultant_id, string_agg(timestamptz_send(starts_at), ''::bytea),
          string_agg(timestamptz_send(ends_at), ''::bytea), string_agg(timestamptz_send(held_until), ''::bytea)
        {_LIVE} group by consultant_id""",
    f"""select consultant_id, string_agg(timestamptz_send(starts_at), ''::bytea),
          string_agg(timestamptz_send(ends_at), ''::bytea) {_BUSY} group by consultant_id""",
)


def _fetch(
    ground: Ground, connection: _Connection, ids: Sequence[UUID], queries: Sequence[str], *, binary: bool = False
) -> Callable[[], None]:
    """Return what fetches the rows of consultants in one transaction of their organization."""
    values = {
        "organization": ground.consultant.organization_id,
        "ids": list(ids),
        "first": MONDAY - timedelta(days=1),
        "last": MONDAY + timedelta(days=slot_rows.DAYS + 1),
    }

    def fetch() -> None:
        with connection.transaction(), connection.cursor(binary=binary) as cursor:
            cursor.execute("select set_config('app.organization_id', %s, true)", (str(values["organization"]),))
            for query in queries:
                cursor.execute(query.encode(), values).fetchall()

    return fetch
