"""What row level security costs when a consultant's bookings are listed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

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
    return Result("rls.overhead", round(ratio, 2), "ratio", 1.15, "lower", "the same listing by a role without policies")


def _as_role(ground: Ground, role: str) -> dict[str, str]:
    """Return what to change in a conninfo so that the owner logs in and acts as a role."""
    owner = psycopg.conninfo.conninfo_to_dict(ground.owner_url)
    return {"user": str(owner["user"]), "password": str(owner["password"]), "options": f"-c role={role} -c timezone=UTC"}


def _list(ground: Ground, connection: _Connection) -> Callable[[], None]:
    organization_id = ground.consultant.organization_id
    values = {
        "organization": organization_id,
        "user": ground.consultant.id,
        "first": MONDAY,
        "last": MONDAY + timedelta(days=365),
    }

    def fetch() -> int:
        with connection.transaction():
            connection.execute("select set_config('app.organization_id', %s, true)", (str(organization_id),))
            return len(connection.execute(_LIST.encode(), values).fetchall())

    with connection.transaction():
        connection.execute("select set_config('app.organization_id', %s, true)", (str(organization_id),))
        starts = [row[0] for row in connection.execute(
            "select starts_at from session_bookings where consultant_id = %s order by starts_at", (ground.consultant.id,)
        )]
    values["last"] = starts[_LISTED]

    def listing() -> None:
        if fetch() != _LISTED:
            raise AssertionError

    return listing
