"""Asks the engine in the words of a test: rules, spans and people's times instead of arrays of minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import numpy as np

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.engine import Agenda, judge, to_intervals
from creneau.core.domain.grid import NO_WALL, Consultant, Grid, lay_out
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import to_minute
from creneau.core.domain.offers import to_bookable_times
from creneau.core.domain.policy import DEFAULT_POLICY, Policy
from creneau.core.domain.time import BookableTime, Span

CONSULTANT = UserId(UUID(int=2000))


@dataclass(frozen=True)
class HeldTime:
    """A session of a consultant; those of one group share slot and start."""

    span: Span
    slot_id: SlotId | None


def grid_of(
    rules: Sequence[AvailabilitySlot],
    first: date,
    last: date,
    policy: Policy = DEFAULT_POLICY,
    zone: str = "Europe/Paris",
) -> Grid:
    return lay_out(rules, [Consultant(CONSULTANT, zone, policy)], first, last)


def offered_times(
    rules: Sequence[AvailabilitySlot], first: date, last: date, policy: Policy = DEFAULT_POLICY
) -> list[BookableTime]:
    """What the rules offer, taken or not."""
    grid = grid_of(rules, first, last, policy)
    return to_bookable_times(grid, grid.capacity)


def bookable_times(
    offers: Sequence[BookableTime],
    held: Sequence[HeldTime],
    busy: Sequence[Span],
    now: datetime,
    horizon_ends_at: datetime,
) -> list[BookableTime]:
    """What of some offers can be booked by somebody who is busy at times."""
    rules = {offer.slot_id: rule_of(offer) for offer in offers}
    order = list(rules)
    number = np.array([order.index(offer.slot_id) for offer in offers], np.int64)
    grid = Grid(
        list(rules.values()),
        number,
        np.zeros(len(offers), np.int64),
        np.array([to_minute(offer.span.starts_at) for offer in offers], np.int64),
        np.array([offer.span.minutes for offer in offers], np.int64),
        np.array([offer.seats_left for offer in offers], np.int64),
        np.array([offer.local.day.toordinal() for offer in offers], np.int64),
        np.full(len(offers), NO_WALL, np.int64),
        np.ones(len(offers), np.bool_),
    )
    agenda = replace(
        Agenda.bare(1),
        now=to_minute(now),
        horizon=np.array([to_minute(horizon_ends_at)]),
        held=to_intervals([booking.span for booking in held]),
        sessions=to_intervals([booking.span for booking in held]),
        beneficiary=to_intervals(busy),
        seats_taken=seats_taken(order, held),
    )
    can_book, seats = judge(grid, agenda)
    return to_bookable_times(grid, seats, can_book)


def seats_taken(order: Sequence[SlotId], held: Sequence[HeldTime]) -> dict[tuple[int, int], int]:
    taken: dict[tuple[int, int], int] = {}
    for booking in held:
        if booking.slot_id in order:
            key = (order.index(booking.slot_id), to_minute(booking.span.starts_at))
            taken[key] = taken.get(key, 0) + 1
    return taken


def rule_of(offer: BookableTime) -> AvailabilitySlot:
    return AvailabilitySlot(
        offer.slot_id,
        OrganizationId(UUID(int=1000)),
        offer.consultant_id,
        offer.local.start,
        offer.local.end,
        offer.local.timezone,
        None,
        offer.local.day,
        offer.span.minutes,
        offer.seats_left,
        None,
        is_available=True,
    )
