"""What listing reads, for one consultant or for all of an organization, in a fixed number of statements.

The rows of held and busy time come as bytes, one row a consultant: fetching fifty thousand of them one by one would
cost more than all that is done with them. Comparisons are of plain timestamps, because row level security keeps range
operators from using an index; live bookings are read from their covering index alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import tuple_row

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.engine import LANE, NEVER, Intervals
from creneau.core.domain.grid import Consultant
from creneau.core.domain.ids import BookingId, ExceptionId, OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import IntArray
from creneau.core.domain.policy import DEFAULT_POLICY, PolicyChoices, decide
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import ExceptionKind, TimeOff
from creneau.core.storage.database import Transaction, driver_connection
from creneau.core.storage.policies import CHOICES

_LIVE = "status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')"
_MINUTE = 60_000_000
_POSTGRES_EPOCH = 15_778_080  # 2000-01-01, where Postgres counts its microseconds from, in minutes since 1970

_CONSULTANTS = """
select id, timezone from users
where organization_id = %s and role = 'CONSULTANT' and deleted_at is null and (%s::uuid is null or id = %s) order by id
"""
_POLICIES = f"""
select consultant_id, {", ".join(CHOICES)} from scheduling_policies
where organization_id = %s and (consultant_id is null or consultant_id = any(%s))
"""  # noqa: S608 - names of fields
_RULES = """
select id, organization_id, consultant_id, start_time, end_time, timezone, day_of_week, date_specific,
  duration_minutes, max_concurrent_bookings, recurring_until, is_available
from availability_slots
where organization_id = %s and consultant_id = any(%s) and deleted_at is null and is_available
  and (date_specific is null or date_specific between %s and %s)
  and (recurring_until is null or recurring_until >= %s)
order by id
"""
_TIME_OFF = """
select id, organization_id, consultant_id, kind, first_date, last_date, start_time, end_time, timezone
from availability_exceptions
where organization_id = %s and consultant_id = any(%s) and deleted_at is null and last_date >= %s and first_date <= %s
order by first_date, id
"""
_HELD = f"""
select consultant_id, string_agg(timestamptz_send(starts_at), ''::bytea),
  string_agg(timestamptz_send(ends_at), ''::bytea), string_agg(timestamptz_send(held_until), ''::bytea)
from (
  select consultant_id, starts_at, ends_at, held_until from session_bookings
  where organization_id = %s and consultant_id = any(%s) and {_LIVE}
    and starts_at > %s and starts_at < %s and held_until > %s {{moving}}
  union all
  select consultant_id, starts_at, ends_at, held_until from slot_holds
  where organization_id = %s and consultant_id = any(%s) and expires_at > %s and user_id <> all(%s)
    and starts_at < %s and held_until > %s
) as held
group by consultant_id
"""  # noqa: S608 - made of the constants above
_BUSY = """
select consultant_id, string_agg(timestamptz_send(starts_at), ''::bytea),
  string_agg(timestamptz_send(ends_at), ''::bytea)
from busy_intervals
where organization_id = %s and consultant_id = any(%s) and ends_at > %s and starts_at < %s
group by consultant_id
"""
_SEATS = f"""
select availability_slot_id, starts_at, count(*) from (
  select availability_slot_id, starts_at from session_bookings
  where organization_id = %s and availability_slot_id = any(%s) and consultant_id = any(%s) and {_LIVE}
    and starts_at >= %s and starts_at < %s and not upper_inf(seats) {{moving}}
  union all
  select availability_slot_id, starts_at from slot_holds
  where organization_id = %s and availability_slot_id = any(%s) and expires_at > %s and user_id <> all(%s)
) as seats
group by availability_slot_id, starts_at
"""  # noqa: S608 - made of the constants above
_OVER = """
select consultant_id, string_agg(timestamptz_send(starts_at), ''::bytea) from session_bookings
where organization_id = %s and consultant_id = any(%s) and status in ('COMPLETED', 'NO_SHOW')
  and starts_at >= %s and starts_at < %s
group by consultant_id
"""
_READ_AT = """
select consultant_id, min(read_at) from (
  select consultant_id, max(read_at) as read_at from busy_intervals
  where organization_id = %s and consultant_id = any(%s) and ends_at > %s group by consultant_id, source) as sources
group by consultant_id
"""
_LONGEST_HELD = timedelta(hours=12)  # longest session and longest buffer: bounds the index range of an overlap
_MOVING = "and id <> %s"

_decide = lru_cache(maxsize=1024)(decide)


@dataclass(frozen=True, slots=True)
class Aside:
    """What does not count for whoever asks: the booking to be moved, holds that are over by now, and their own."""

    now: datetime
    moving: BookingId | None = None
    holders: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Live sessions and holds as they stand, and with the buffer after each."""

    sessions: Intervals
    held: Intervals


def list_consultants(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId | None = None
) -> list[Consultant]:
    """Return all consultants of an organization, or one, with the policy in force; nothing for who is none."""
    found = _rows(tx, _CONSULTANTS, (organization_id, consultant_id, consultant_id))
    ids = [row[0] for row in found]
    choices = {row[0]: PolicyChoices(*row[1:]) for row in _rows(tx, _POLICIES, (organization_id, ids))}
    levels = [choices[None]] if None in choices else []
    shared = _decide(DEFAULT_POLICY, *levels)
    return [
        Consultant(UserId(id_), timezone, _decide(shared, choices[id_]) if id_ in choices else shared)
        for id_, timezone in found
    ]


def list_rules(
    tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], first: date, last: date
) -> list[AvailabilitySlot]:
    """Return consultants' available rules that may offer times on the days from `first` to `last`."""
    rows = _rows(tx, _RULES, (organization_id, list(ids), first, last, first))
    return [AvailabilitySlot(*row) for row in rows]


def list_time_off(
    tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], first: date, last: date
) -> list[TimeOff]:
    """Return consultants' exceptions that touch the days from `first` to `last`, in the order of their days."""
    return [
        TimeOff(ExceptionId(row[0]), OrganizationId(row[1]), UserId(row[2]), ExceptionKind(row[3]), *row[4:])
        for row in _rows(tx, _TIME_OFF, (organization_id, list(ids), first, last))
    ]


def read_held(
    tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], span: Span, aside: Aside
) -> Held:
    """Return what live bookings and others' holds take of a span."""
    values = [
        organization_id,
        list(ids),
        span.starts_at - _LONGEST_HELD,
        span.ends_at,
        span.starts_at,
        *([aside.moving] if aside.moving else []),
        organization_id,
        list(ids),
        aside.now,
        list(aside.holders),
        span.ends_at,
        span.starts_at,
    ]
    rows = _rows(tx, _HELD.format(moving=_MOVING if aside.moving else ""), values)
    starts, ends, held_until = (_in_lanes(rows, ids, column) for column in (1, 2, 3))
    return Held(Intervals(starts, ends), Intervals(starts, held_until))


def read_busy(tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], span: Span) -> Intervals:
    """Return what consultants' own calendars hold of a span."""
    rows = _rows(tx, _BUSY, (organization_id, list(ids), span.starts_at, span.ends_at))
    return Intervals(_in_lanes(rows, ids, 1), _in_lanes(rows, ids, 2, round_up=_MINUTE - 1))


def read_seats(
    tx: Transaction, organization_id: OrganizationId, groups: Sequence[AvailabilitySlot], span: Span, aside: Aside
) -> dict[tuple[SlotId, datetime], int]:
    """Return how many seats of which groups are taken or held by others, by rule and start."""
    rules = [rule.id for rule in groups]
    values = [
        organization_id,
        rules,
        sorted({rule.consultant_id for rule in groups}),
        span.starts_at,
        span.ends_at,
        *([aside.moving] if aside.moving else []),
        organization_id,
        rules,
        aside.now,
        list(aside.holders),
    ]
    rows = _rows(tx, _SEATS.format(moving=_MOVING if aside.moving else ""), values)
    return {(SlotId(slot_id), starts_at): seats for slot_id, starts_at, seats in rows}


def read_over(tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], span: Span) -> IntArray:
    """Return the starts of sessions that are over within a span: they count towards caps."""
    return _in_lanes(_rows(tx, _OVER, (organization_id, list(ids), span.starts_at, span.ends_at)), ids, 1)


def read_oldest_reading(
    tx: Transaction, organization_id: OrganizationId, ids: Sequence[UserId], now: datetime
) -> dict[UserId, datetime]:
    """Return when the calendar of each consultant was last read: of several, the one that was read least lately."""
    return {UserId(id_): read_at for id_, read_at in _rows(tx, _READ_AT, (organization_id, list(ids), now))}


def lock_consultant(tx: Transaction, consultant_id: UserId) -> None:
    """Let bookings of one consultant pass one after the other until this transaction ends: a cap is counted."""
    driver_connection(tx).execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", (str(consultant_id),))


def _rows(tx: Transaction, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    connection: psycopg.Connection[Any] = driver_connection(tx)
    with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def _in_lanes(rows: Sequence[tuple[Any, ...]], ids: Sequence[UserId], column: int, round_up: int = 0) -> IntArray:
    """Turn a column of bytes into whole minutes, each in its consultant's lane."""
    if not rows:
        return np.empty(0, np.int64)
    values = np.frombuffer(b"".join(row[column] for row in rows), ">i8").astype(np.int64)
    minutes = ((values + round_up) // _MINUTE + _POSTGRES_EPOCH).clip(0, NEVER)
    if len(ids) == 1:
        return minutes
    places = {id_: lane for lane, id_ in enumerate(ids)}
    lanes = np.repeat([places[row[0]] for row in rows], [len(row[column]) // 8 for row in rows])
    laned: IntArray = lanes * LANE + minutes
    return laned
