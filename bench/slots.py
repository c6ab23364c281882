"""How much listing a consultant's free times costs over fetching the rows it needs."""

from datetime import timedelta

import psycopg

from bench.ground import MONDAY, Ground, add_bookings, open_ground
from bench.ratio import Result, time_ratio

_DAYS = 42
_BOOKINGS = 150


def one_consultant(rounds: int) -> Result:
    with open_ground() as ground:
        add_bookings(ground, _BOOKINGS)
        with psycopg.connect(ground.database.conninfo) as connection:
            ratio = time_ratio(lambda: _list(ground), lambda: _fetch(ground, connection), rounds)
    return Result("slots.one_consultant", round(ratio, 2), "ratio", 3.0, "lower", "fetching the same rows with psycopg")


def _list(ground: Ground) -> None:
    first = MONDAY.date()
    ground.scheduling.get_available_slots_for_consultant(
        ground.actor, ground.consultant.id, first, first + timedelta(days=_DAYS)
    )


def _fetch(ground: Ground, connection: psycopg.Connection[tuple[object, ...]]) -> None:
    ids = (ground.consultant.organization_id, ground.consultant.id)
    with connection.transaction():
        connection.execute("select set_config('app.organization_id', %s, true)", (str(ids[0]),))
        connection.execute(
            "select * from availability_slots where organization_id = %s and consultant_id = %s", ids
        ).fetchall()
        connection.execute(
            """select starts_at, held_until, availability_slot_id from session_bookings
               where organization_id = %s and consultant_id = %s and starts_at >= %s""",
            (*ids, MONDAY),
        ).fetchall()
