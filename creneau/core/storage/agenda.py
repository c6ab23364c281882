"""What listing reads, in one statement for one consultant, or in a fixed number for all of an organization.

The rows of held and busy time come as bytes, one row a consultant: fetching fifty thousand of them one by one would
cost more than all that is done with them. Comparisons are of plain timestamps, because row level security keeps range
operators from using an index; live bookings are read from their covering index alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np

from creneau.core.domain.engine import LANE, NEVER, Intervals
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import IntArray
from creneau.core.domain.time import Span
from creneau.core.storage import bilans, driver, offerings
from creneau.core.storage.bilans import Use
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Row, Statement
from creneau.core.storage.offerings import Offering

_LIVE = "status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')"
_MINUTE = 60_000_000
_POSTGRES_EPOCH = 15_778_080  # 2000-01-01, where Postgres counts its microseconds from, in minutes since 1970
_LONGEST_HELD = timedelta(hours=12)  # longest session and longest buffer: bounds the index range of an overlap


def _bytes(*columns: str) -> str:
    return ", ".join(f"string_agg(timestamptz_send({column}), ''::bytea) as {column}" for column in columns)


_OTHERS_HOLDS = """
organization_id = %(organization_id)s and consultant_id = any(%(ids)s) and expires_at > %(now)s
  and user_id <> all(%(holders)s)
"""
_LIVE_BOOKINGS = f"""
organization_id = %(organization_id)s and consultant_id = any(%(ids)s) and {_LIVE}
  and (%(moving)s::uuid is null or id <> %(moving)s)
"""
_HELD = f"""
select consultant_id, {_bytes("starts_at", "ends_at", "held_until")}
from (
  select consultant_id, starts_at, ends_at, held_until from session_bookings
  where {_LIVE_BOOKINGS} and starts_at > %(earliest)s and starts_at < %(until)s and held_until > %(since)s
  union all
  select consultant_id, starts_at, ends_at, held_until from slot_holds
  where {_OTHERS_HOLDS} and starts_at < %(until)s and held_until > %(since)s
) as held
group by consultant_id
"""  # noqa: S608 - made of the constants above
_BUSY = f"""
select consultant_id, {_bytes("starts_at", "ends_at")}
from busy_intervals
where organization_id = %(organization_id)s and consultant_id = any(%(ids)s)
  and ends_at > %(since)s and starts_at < %(until)s
group by consultant_id
"""  # noqa: S608 - made of the constants above
# The UID of an event of ours begins with its booking's id. Only a move reads it: the index does not have it.
_BUSY_BUT_MOVING = _BUSY.replace("group by", "and not starts_with(uid, %(moving)s::uuid::text) group by")
_OF_BENEFICIARY = f"""
select {_bytes("starts_at", "ends_at")}
from session_bookings
where organization_id = %(organization_id)s and beneficiary_id = %(beneficiary_id)s and {_LIVE}
  and (%(moving)s::uuid is null or id <> %(moving)s)
  and starts_at > %(earliest)s and starts_at < %(until)s and held_until > %(since)s
"""  # noqa: S608 - made of the constants above
_SEATS = f"""
select availability_slot_id, (extract(epoch from starts_at) / 60)::bigint as minute, count(*)
from (
  select availability_slot_id, starts_at from session_bookings
  where {_LIVE_BOOKINGS} and starts_at >= %(since)s and starts_at < %(until)s and not upper_inf(seats)
  union all
  select availability_slot_id, starts_at from slot_holds where {_OTHERS_HOLDS}
) as seats
group by availability_slot_id, starts_at
"""  # noqa: S608 - made of the constants above
_OVER = f"""
select consultant_id, {_bytes("starts_at")} from session_bookings
where organization_id = %(organization_id)s and consultant_id = any(%(ids)s) and status in ('COMPLETED', 'NO_SHOW')
  and starts_at >= %(since)s and starts_at < %(until)s
group by consultant_id
"""  # noqa: S608 - made of the constants above
_READ_AT = Statement("""
select consultant_id, min(coalesce(read_at, chosen_at)) from busy_calendars
where organization_id = %(organization_id)s and consultant_id = any(%(ids)s)
group by consultant_id
""")
_CONSULTANTS = Statement("""
select id from users
where organization_id = %(organization_id)s and role = 'CONSULTANT' and deleted_at is null order by id
""")
_LOCK = Statement("select pg_advisory_xact_lock(hashtextextended(%(consultant_id)s, 1))")


def _all_of_one(busy: str, over: str, seats: str) -> Statement:
    """Each part has one row or none, so that all of them together are one row.

    The one consultant is compared, not sought in an array: in PostgreSQL 18 that halves the scan of held time.
    """
    query = f"""
select {offerings.AS_TEXT}, held.consultant_id, held.starts_at, held.ends_at, held.held_until,
  busy.starts_at, busy.ends_at, own.starts_at, own.ends_at, over.starts_at,
  ({seats}),
  (select min(coalesce(read_at, chosen_at)) from busy_calendars
   where organization_id = %(organization_id)s and consultant_id = any(%(ids)s)),
  used.minutes, used.has_sessions
from (select) as nothing
left join ({_HELD}) as held on true
left join ({busy}) as busy on true
left join ({_OF_BENEFICIARY}) as own on true
left join ({over}) as over on true
left join ({bilans.USE}) as used on true
"""  # noqa: S608 - made of the constants above
    return Statement(query.replace("= any(%(ids)s)", "= %(consultant_id)s"))


_SEATS_AS_TEXT = f"""
select json_agg(json_build_array(availability_slot_id, minute, count))::text from ({_SEATS}) as seats
"""  # noqa: S608 - made of the constants above
_ALL_OF_ONE, _ALL_OF_ONE_BUT_MOVING = (_all_of_one(busy, _OVER, _SEATS_AS_TEXT) for busy in (_BUSY, _BUSY_BUT_MOVING))
_USUAL_OF_ONE, _USUAL_OF_ONE_BUT_MOVING = (
    _all_of_one(busy, "select null::bytea as starts_at", "null::text") for busy in (_BUSY, _BUSY_BUT_MOVING)
)
"""Without what only caps and groups ask for: most consultants have neither, and it is a fifth of the statement."""
_READ_HELD, _READ_BUSY, _READ_OVER, _READ_SEATS = map(Statement, (_HELD, _BUSY, _OVER, _SEATS))
_READ_OFFERINGS = Statement(f"select {offerings.AS_TEXT}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to read: the time a span holds, and the rules of the days from `first` to `last`.

    Where sessions are counted, for a cap or a group, they are read of the longer span `counted`.

    What does not count for whoever asks: the booking to be moved, holds that are over by now, and their own.
    """

    organization_id: OrganizationId
    span: Span
    first: date
    last: date
    now: datetime
    counted: Span
    beneficiary_id: UserId | None = None
    moving: BookingId | None = None
    holders: tuple[UserId, ...] = ()
    bilan_id: BilanId | None = None
    """Whose use is read along."""

    def values(self, ids: Sequence[UserId], span: Span) -> dict[str, object]:
        return {
            "organization_id": self.organization_id,
            "ids": list(ids),
            "first": self.first,
            "last": self.last,
            "since": span.starts_at,
            "until": span.ends_at,
            "earliest": span.starts_at - _LONGEST_HELD,
            "now": self.now,
            "beneficiary_id": self.beneficiary_id,
            "moving": self.moving,
            "holders": list(self.holders),
            "bilan_id": self.bilan_id,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read, held time in the lanes of `offering.consultants`.

    `sessions` are live sessions and holds as they stand, `held` the same with the buffer after each, `over` the starts
    of sessions that are over, `seats` those that groups hold, by rule and minute since 1970, and `read_at` when each
    consultant's own calendar was last read, or else chosen: of several, the least lately.
    """

    offering: Offering
    sessions: Intervals
    held: Intervals
    busy: Intervals
    beneficiary: Intervals
    over: IntArray
    seats: Mapping[tuple[SlotId, int], int]
    read_at: Mapping[UserId, datetime]
    use: Use | None = None
    """Of the bilan that was asked about."""


def read_one(tx: Transaction, asked: Asked, consultant_id: UserId) -> Reading | None:
    """Read everything of one consultant in one statement, with caps or groups in two; None for somebody who is none."""
    usual, whole = (
        (_USUAL_OF_ONE, _ALL_OF_ONE) if asked.moving is None else (_USUAL_OF_ONE_BUT_MOVING, _ALL_OF_ONE_BUT_MOVING)
    )
    own = {"consultant_id": consultant_id}
    row = driver.fetch_one(tx, usual, asked.values([consultant_id], asked.span) | own)
    assert row is not None  # noqa: S101 - `nothing` has a row
    offering = offerings.parse(asked.organization_id, row[0])
    if not offering.consultants:
        return None
    if offering.has_caps or offering.has_groups:
        row = driver.fetch_one(tx, whole, asked.values([consultant_id], asked.counted) | own)
        assert row is not None  # noqa: S101 - as above
        offering = offerings.parse(asked.organization_id, row[0])
    starts, ends, held_until = (_to_minutes(row[column]) for column in (2, 3, 4))
    return Reading(
        offering,
        Intervals(starts, ends),
        Intervals(starts, held_until),
        Intervals(_to_minutes(row[5]), _to_minutes(row[6], round_up=_MINUTE - 1)),
        Intervals(_to_minutes(row[7]), _to_minutes(row[8], round_up=_MINUTE - 1)),
        _to_minutes(row[9]),
        {(SlotId(UUID(rule)), minute): count for rule, minute, count in json.loads(row[10])} if row[10] else {},
        {} if row[11] is None else {consultant_id: row[11]},
        Use(int(row[12]), bool(row[13])) if asked.bilan_id else None,
    )


def read_all(tx: Transaction, asked: Asked) -> Reading:
    """Read everything of all consultants of an organization, in a number of statements that does not grow with them."""
    ids = [UserId(id_) for (id_,) in driver.fetch_all(tx, _CONSULTANTS, {"organization_id": asked.organization_id})]
    text = driver.fetch_one(tx, _READ_OFFERINGS, asked.values(ids, asked.span))
    offering = offerings.parse(asked.organization_id, text[0] if text else "[]")
    values = asked.values(ids, asked.counted if offering.has_caps or offering.has_groups else asked.span)
    lanes = {consultant.id: lane for lane, consultant in enumerate(offering.consultants)}
    held, busy, over = (driver.fetch_all(tx, query, values) for query in (_READ_HELD, _READ_BUSY, _READ_OVER))
    starts, ends, held_until = (_in_lanes(held, lanes, column) for column in (1, 2, 3))
    seats = driver.fetch_all(tx, _READ_SEATS, values) if offering.has_groups else []
    return Reading(
        offering,
        Intervals(starts, ends),
        Intervals(starts, held_until),
        Intervals(_in_lanes(busy, lanes, 1), _in_lanes(busy, lanes, 2, round_up=_MINUTE - 1)),
        Intervals(),
        _in_lanes(over, lanes, 1),
        {(SlotId(rule), minute): count for rule, minute, count in seats},
        {UserId(id_): read_at for id_, read_at in driver.fetch_all(tx, _READ_AT, values)},
    )


def lock_consultant(tx: Transaction, consultant_id: UserId) -> None:
    """Let bookings of one consultant pass one after the other until this transaction ends: a cap is counted."""
    driver.run(tx, _LOCK, {"consultant_id": str(consultant_id)})


def _to_minutes(values: bytes | None, round_up: int = 0) -> IntArray:
    """Turn instants as Postgres sends them into whole minutes since 1970."""
    if not values:
        return _NONE
    numbers = np.frombuffer(values, ">i8").astype(np.int64)
    minutes: IntArray = (numbers + round_up) // _MINUTE + _POSTGRES_EPOCH
    return np.minimum(np.maximum(minutes, 0), NEVER)  # numpy's own `clip` asks the type for its bounds first


def _in_lanes(rows: Sequence[Row], lanes: Mapping[UserId, int], column: int, round_up: int = 0) -> IntArray:
    """Turn a column of instants into whole minutes, each in its consultant's lane."""
    minutes = _to_minutes(b"".join(row[column] for row in rows), round_up)
    own = np.repeat([lanes[row[0]] for row in rows], [len(row[column]) // 8 for row in rows]) if rows else _NONE
    laned: IntArray = own * LANE + minutes
    return laned


_NONE = np.empty(0, np.int64)
