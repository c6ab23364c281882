"""What row level security costs when a consultant's bookings are listed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import slot_rows
from bench.ground import MONDAY, Ground, open_ground
from bench.ratio import Result, time_ratio

_CONSULTANTS = 200
_ROWS = 250
_LISTED = 50

_UNRESTRICTED_ROLE = "bench_unrestricted"

# As `storage.bookings.list_of_user` sends it.
_LIST = """
select * from session_bookings
where organization_id = %(organization)s and (consultant_id = %(user)s or beneficiary_id = %(user)s)
  and starts_at >= %(first)s and starts_at < %(last)s
  and status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW')
order by starts_at, id
"""

_Connection = psycopg.Connection[tuple[Any, ...]]


def overhead(rounds: int) -> Result:
    """The same statement and the same `set_config`, by the runtime role and by one that policies do not bind."""
    with open_ground() as ground:
        slot_rows.fill(ground, [ground.consultant.id, *slot_rows.add_colleagues(ground, _CONSULTANTS - 1)], _ROWS)
        slot_rows.analyze(ground)
        with psycopg.connect(ground.owner_url) as owner:
            owner.execute(f"create role {_UNRESTRICTED_ROLE} bypassrls".encode())
            owner.execute(f"grant select on session_bookings to {_UNRESTRICTED_ROLE}".encode())
        unrestricted = make_conninfo(ground.database.conninfo, **_as_role(ground, _UNRESTRICTED_ROLE))
        with psycopg.connect(ground.database.conninfo) as bound, psycopg.connect(unrestricted) as free:
            ratio = time_ratio(_list(ground, bound), _list(ground, free), rounds, calls=1000)
    return Result(
        "rls.overhead", round(ratio, 2), "ratio", 1.15, "lower", "the same listing by a role without policies"
    )


def _as_role(ground: Ground, role: str) -> dict[str, str]:
    """Return what to change in a conninfo so that the owner logs in and acts as a role."""
    owner = conninfo_to_dict(ground.owner_url)
    options = f"-c role={role} -c timezone=UTC"
    return {"user": str(owner["user"]), "password": str(owner["password"]), "options": options}


def _list(ground: Ground, connection: _Connection) -> Callable[[], None]:
    """Return what lists a consultant's first fifty bookings in a transaction of their organization."""
    values = {
        "organization": ground.consultant.organization_id,
        "user": ground.consultant.id,
        "first": MONDAY,
        "last": _end_of_fifty(ground),
    }

    def fetch() -> None:
        with connection.transaction():
            connection.execute("select set_config('app.organization_id', %s, true)", (str(values["organization"]),))
            found = connection.execute(_LIST.encode(), values).fetchall()
        if len(found) != _LISTED:
            raise AssertionError(f"{len(found)} bookings listed instead of {_LISTED}")

    return fetch


def _end_of_fifty(ground: Ground) -> datetime:
    """Return the start of the first booking that is not listed any more."""
    with psycopg.connect(ground.owner_url) as owner:
        row = owner.execute(
            "select starts_at from session_bookings where consultant_id = %s order by starts_at offset %s limit 1",
            (ground.consultant.id, _LISTED),
        ).fetchone()
    assert row is not None  # noqa: S101 - the ground was filled with more
    ends_at: datetime = row[0]
    return ends_at
