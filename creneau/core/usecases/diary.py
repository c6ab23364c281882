"""Reading a person's diary, page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.diary import PARTS_OF, CentreState, Diary, Page, Part, find_next, sort_out
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.lifecycle import Action, possible_actions
from creneau.core.domain.people import Actor, Role, User
from creneau.core.storage import bilans, diary, policies, slack_installations, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases.bilans import get_hours

Pages = Mapping[Part, int]
"""Which page of each part is wanted, counted from 0; one that is not there any more is the last that is."""


def read(tx: Transaction, reader: User, pages: Pages, sizes: Mapping[Part, int], now: datetime) -> Diary:
    """Return what `reader` has before them; an administrator reads the whole organization's."""
    whose = None if reader.role is Role.ORG_ADMIN else reader.id
    live = diary.list_live(tx, reader.organization_id, whose)
    proposed = diary.list_proposers(tx, reader.organization_id, [booking.id for booking in live])
    sorted_out = sort_out(live, reader, proposed, now)
    parts = {
        part: _read_past(tx, reader, pages.get(part, 0), sizes[part], now)
        if part is Part.PAST
        else _cut(sorted_out[part], pages.get(part, 0), sizes[part])
        for part in PARTS_OF[reader.role]
    }
    shown = [booking for page in parts.values() for booking in page.bookings]
    next_one = find_next(live, now) if whose else None
    sides = {
        side
        for booking in [*shown, *filter(None, [next_one])]
        for side in (booking.beneficiary_id, booking.consultant_id)
    }
    bilan = (
        bilans.find_active_of_beneficiary(tx, reader.organization_id, reader.id)
        if reader.role is Role.BENEFICIARY
        else None
    )
    return Diary(
        reader,
        now,
        parts,
        users.list_of_ids(tx, reader.organization_id, sides),
        proposed,
        _actions(tx, reader, [booking for booking in shown if booking.is_live], proposed, now) if whose else {},
        next_one,
        get_hours(tx, bilan) if bilan else None,
        None if whose else _read_centre(tx, reader),
    )


def _read_centre(tx: Transaction, reader: User) -> CentreState:
    return CentreState(
        users.count_unlinked(tx, reader.organization_id),
        slack_installations.find_end_of_access(tx, reader.organization_id),
    )


def _actions(
    tx: Transaction, reader: User, shown: Sequence[Booking], proposed: Mapping[BookingId, UserId], now: datetime
) -> dict[BookingId, frozenset[Action]]:
    consultants = {booking.consultant_id for booking in shown}
    in_force = policies.list_in_force(tx, reader.organization_id, consultants)
    actor = Actor.from_user(reader)
    return {
        booking.id: possible_actions(
            booking, actor, in_force[booking.consultant_id], now, is_proposed_to=booking.id in proposed
        )
        for booking in shown
    }


def _cut(bookings: Sequence[Booking], number: int, size: int) -> Page:
    number = _within(number, len(bookings), size)
    return Page(tuple(bookings[number * size : (number + 1) * size]), len(bookings), number, size)


def _read_past(tx: Transaction, reader: User, number: int, size: int, now: datetime) -> Page:
    def read_page(number: int) -> tuple[list[Booking], int]:
        return diary.list_past(
            tx,
            reader.organization_id,
            None if reader.role is Role.ORG_ADMIN else reader.id,
            now,
            also_unrecorded=reader.role is Role.BENEFICIARY,
            limit=size,
            offset=number * size,
        )

    found, total = read_page(max(number, 0))
    last = _within(number, total, size)
    if last != number:
        found, total = read_page(last)
    return Page(tuple(found), total, last, size)


def _within(number: int, total: int, size: int) -> int:
    return max(0, min(number, (total - 1) // size))
