"""The table of moves walked through the service on real Postgres: what is refused leaves every row as it was.

Peers, section 2: row 25 (each state, action and role that is not listed is refused), row 26 (wrong role, stranger).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import psycopg
import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import IllegalTransition, NotAllowed, Refusal
from creneau.core.domain.ids import ProposalId
from creneau.core.domain.lifecycle import MOVES, Action
from creneau.core.domain.people import Actor, Role
from creneau.core.services.scheduling import SchedulingService
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, plain

TEN = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)  # Wednesday, 10:00 in Paris
FREE = TEN + timedelta(days=1)
USERS = {Role.BENEFICIARY: "beneficiary", Role.CONSULTANT: "consultant", Role.ORG_ADMIN: "admin"}

ACTS: dict[Action, Callable[[SchedulingService, Actor, Booking], object]] = {
    Action.CONFIRM: lambda s, actor, b: s.confirm_booking(actor, b.id),
    Action.DECLINE: lambda s, actor, b: s.decline_booking(actor, b.id),
    Action.CANCEL: lambda s, actor, b: s.cancel_booking(actor, b.id, "Imprévu"),
    Action.PROPOSE: lambda s, actor, b: s.propose_times(actor, b.id, [FREE]),
    Action.ACCEPT: lambda s, actor, b: s.accept_proposal(actor, b.id, ProposalId(uuid4())),
    Action.REFUSE: lambda s, actor, b: s.refuse_proposals(actor, b.id),
    Action.START: lambda s, actor, b: s.start_session(actor, b.id),
    Action.COMPLETE: lambda s, actor, b: s.complete_session(actor, b.id, attended=True),
    Action.NO_SHOW: lambda s, actor, b: s.complete_session(actor, b.id, attended=False),
    Action.RESCHEDULE: lambda s, actor, b: s.reschedule_booking(actor, b.id, FREE, reason="Imprévu"),
}


def reach(centre: Centre, clock: MovableClock, status: Status) -> Booking:
    """Bring a booking to a state by what people do."""
    scheduling, consultant = centre.scheduling, centre.actor(centre.consultant)
    booking = scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, TEN)
    )
    if status is Status.CANCELLED:
        return scheduling.decline_booking(consultant, booking.id)
    if status is not Status.SCHEDULED:
        booking = scheduling.confirm_booking(consultant, booking.id)
    if status in (Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW):
        clock.set(TEN)
    if status is Status.IN_PROGRESS:
        booking = scheduling.start_session(consultant, booking.id)
    if status in (Status.COMPLETED, Status.NO_SHOW):
        booking = scheduling.complete_session(consultant, booking.id, attended=status is Status.COMPLETED)
    return booking


def rows(urls: Urls, booking: Booking) -> list[object]:
    """All that the database knows of a booking."""
    with psycopg.connect(plain(urls.owner)) as connection:
        return [
            connection.execute(f"select * from {table} where {key} = %s order by {order}", (booking.id,)).fetchall()  # noqa: S608
            for table, key, order in (
                ("session_bookings", "id", "id"),
                ("booking_history", "booking_id", "version"),
                ("session_reminders", "session_booking_id", "id"),
                ("booking_proposals", "booking_id", "id"),
            )
        ]


@pytest.mark.parametrize("status", Status)
def test_every_cell_that_is_not_in_the_table_is_refused_and_changes_nothing(
    centre: Centre, clock: MovableClock, worker_urls: Urls, status: Status
):
    booking = reach(centre, clock, status)
    before, events = rows(worker_urls, booking), len(centre.published.events)
    walked = 0
    for action, role in product(ACTS, Role):
        wanted = Action.PROPOSE if (action, role) == (Action.RESCHEDULE, Role.CONSULTANT) else action
        if (status, wanted, role) in MOVES:
            continue
        with pytest.raises((IllegalTransition, NotAllowed)):
            ACTS[action](centre.scheduling, centre.actor(getattr(centre, USERS[role])), booking)
        assert rows(worker_urls, booking) == before, (action, role)
        walked += 1
    assert walked >= 12
    assert len(centre.published.events) == events


def test_a_stranger_finds_nothing_to_act_on_whatever_the_action(centre: Centre, other_centre: Centre):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, TEN)
    )
    stranger, _ = centre.add_beneficiary()
    for act in ACTS.values():
        for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
            with pytest.raises(Refusal) as refusal:
                act(centre.scheduling, actor, booking)
            assert refusal.value.code == "booking.not_found"
    assert centre.scheduling.get_booking(centre.actor(centre.admin), booking.id) == booking


def test_only_an_active_bilan_of_one_s_own_is_valid_for_booking(centre: Centre, other_centre: Centre):
    valid = centre.scheduling.validate_bilan_for_booking(centre.actor(centre.beneficiary), centre.bilan.id)
    assert (valid, valid.phase) == (centre.bilan, centre.bilan.phase)
    for actor in (other_centre.actor(other_centre.admin), centre.actor(centre.add_beneficiary()[0])):
        with pytest.raises(Refusal) as refusal:
            centre.scheduling.validate_bilan_for_booking(actor, centre.bilan.id)
        assert refusal.value.code == "bilan.not_found"
    centre.people.close_bilan(centre.organization.id, centre.bilan.id)
    with pytest.raises(Refusal) as refusal:
        centre.scheduling.validate_bilan_for_booking(centre.actor(centre.beneficiary), centre.bilan.id)
    assert refusal.value.code == "bilan.not_active"
