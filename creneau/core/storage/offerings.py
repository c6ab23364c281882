"""What consultants offer: who they are, the policies in force, their rules and exceptions, read as one text.

The text of a consultant stays the same from one booking to the next, so that what was made of it can be kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any
from uuid import UUID

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.grid import Consultant
from creneau.core.domain.ids import ExceptionId, OrganizationId, SlotId, UserId
from creneau.core.domain.policy import DEFAULT_POLICY, PolicyChoices, decide
from creneau.core.domain.time_off import ExceptionKind, TimeOff
from creneau.core.storage.policies import CHOICES, to_choices

_LARGE = 50_000  # characters: the rules of a whole organization rather than of one consultant

AS_TEXT = f"""
json_build_array(
  (select json_agg(json_build_array(id, timezone) order by id) from users
   where organization_id = %(organization_id)s and id = any(%(ids)s) and role = 'CONSULTANT' and deleted_at is null),
  (select json_agg(json_build_array(consultant_id, {", ".join(CHOICES)})) from scheduling_policies
   where organization_id = %(organization_id)s and (consultant_id is null or consultant_id = any(%(ids)s))),
  (select json_agg(json_build_array(id, consultant_id, start_time, end_time, timezone, day_of_week, date_specific,
     duration_minutes, max_concurrent_bookings, recurring_until) order by id)
   from availability_slots
   where organization_id = %(organization_id)s and consultant_id = any(%(ids)s) and deleted_at is null and is_available
     and (date_specific is null or date_specific between %(first)s and %(last)s)
     and (recurring_until is null or recurring_until >= %(first)s)),
  (select json_agg(json_build_array(id, consultant_id, kind, first_date, last_date, start_time, end_time, timezone)
     order by first_date, id)
   from availability_exceptions
   where organization_id = %(organization_id)s and consultant_id = any(%(ids)s) and deleted_at is null
     and last_date >= %(first)s::date - 1 and first_date <= %(last)s::date + 1)
)::text
"""  # noqa: S608 - names of columns
"""Rules that may offer times on the days from `first` to `last`, and exceptions that touch them or a day beside."""


@dataclass(frozen=True, slots=True)
class Offering:
    """Consultants by id, the rules they offer times by, and their exceptions."""

    consultants: tuple[Consultant, ...]
    rules: tuple[AvailabilitySlot, ...]
    time_off: tuple[TimeOff, ...]

    @property
    def has_caps(self) -> bool:
        return any(consultant.policy.has_caps for consultant in self.consultants)

    @property
    def has_groups(self) -> bool:
        return any(rule.max_concurrent_bookings > 1 for rule in self.rules)


def parse(organization_id: OrganizationId, text: str) -> Offering:
    """Return what a text says. Only whoever is a consultant now, and what is theirs, is in it."""
    return (_parse_large if len(text) > _LARGE else _parse_small)(organization_id, text)


def _parse(organization_id: OrganizationId, text: str) -> Offering:
    consultants, policies, rules, exceptions = json.loads(text)
    choices = {row[0]: _to_choices(row[1:]) for row in policies or ()}
    shared = decide(DEFAULT_POLICY, *([choices[None]] if None in choices else []))
    ids = {id_: UserId(UUID(id_)) for id_, _ in consultants or ()}
    return Offering(
        tuple(
            Consultant(ids[id_], timezone, decide(shared, choices[id_]) if id_ in choices else shared)
            for id_, timezone in consultants or ()
        ),
        tuple(_to_rule(organization_id, ids[row[1]], row) for row in rules or () if row[1] in ids),
        tuple(_to_time_off(organization_id, ids[row[1]], row) for row in exceptions or () if row[1] in ids),
    )


_parse_small = lru_cache(maxsize=1024)(_parse)
_parse_large = lru_cache(maxsize=8)(_parse)


def _to_choices(row: Sequence[Any]) -> PolicyChoices:
    values = dict(zip(CHOICES, row, strict=True))
    return to_choices(
        {**values, "quiet_from": _to_time(values["quiet_from"]), "quiet_until": _to_time(values["quiet_until"])}
    )


def _to_rule(organization_id: OrganizationId, consultant_id: UserId, row: Sequence[Any]) -> AvailabilitySlot:
    id_, _, start, end, timezone, day_of_week, date_specific, minutes, capacity, until = row
    return AvailabilitySlot(
        SlotId(UUID(id_)),
        organization_id,
        consultant_id,
        time.fromisoformat(start),
        time.fromisoformat(end),
        timezone,
        day_of_week,
        _to_date(date_specific),
        minutes,
        capacity,
        _to_date(until),
        is_available=True,
    )


def _to_time_off(organization_id: OrganizationId, consultant_id: UserId, row: Sequence[Any]) -> TimeOff:
    id_, _, kind, first, last, start, end, timezone = row
    return TimeOff(
        ExceptionId(UUID(id_)),
        organization_id,
        consultant_id,
        ExceptionKind(kind),
        date.fromisoformat(first),
        date.fromisoformat(last),
        _to_time(start),
        _to_time(end),
        timezone,
    )


def _to_time(value: str | None) -> time | None:
    return None if value is None else time.fromisoformat(value)


def _to_date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
