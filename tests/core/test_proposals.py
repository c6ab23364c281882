"""Other times: proposed by the consultant, not held, checked when accepted.

Peers, section 2: row 2 (a yes is checked again), row 5 (what is not held hides nothing), row 25 (stale answers).
"""

from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import Status
from creneau.core.domain.errors import (
    BookingNotFound,
    IllegalTransition,
    InvalidProposal,
    NotAllowed,
    ProposalNotFound,
    SameTime,
    SlotInThePast,
    SlotOutsideRules,
    SlotTaken,
)
from creneau.core.domain.events import BookingRescheduled, ProposalsRefused, TimesProposed
from creneau.core.domain.proposal import ProposalState
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock

TEN = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)  # Wednesday, 10:00 in Paris
ELEVEN, NOON, ONE = (TEN + timedelta(hours=n) for n in (1, 2, 3))


def book(centre: Centre, starts_at: datetime = TEN):
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    )


def propose(centre: Centre, booking_id, *starts: datetime, who: str = "consultant"):
    return centre.scheduling.propose_times(centre.actor(getattr(centre, who)), booking_id, starts)


def proposals(centre: Centre, booking_id):
    return centre.scheduling.list_proposals(centre.actor(centre.beneficiary), booking_id)


def states(centre: Centre, booking_id) -> list[ProposalState]:
    return [proposal.state for proposal in proposals(centre, booking_id)]


def accept(centre: Centre, booking_id, number: int = 0, who: str = "beneficiary"):
    proposal = proposals(centre, booking_id)[number]
    return centre.scheduling.accept_proposal(centre.actor(getattr(centre, who)), booking_id, proposal.id)


def stands(centre: Centre, booking_id):
    return centre.scheduling.get_booking(centre.actor(centre.admin), booking_id)


def take(centre: Centre, starts_at: datetime):
    other, bilan = centre.add_beneficiary()
    return centre.scheduling.create_session_booking(
        centre.actor(other), BookingRequest(bilan.id, centre.consultant.id, starts_at)
    )


def test_up_to_three_times_are_proposed_and_the_request_stays_where_it_is(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.move(hours=1)

    proposed = propose(centre, booking.id, NOON, ELEVEN, ONE)

    assert (proposed.status, proposed.span, proposed.version) == (Status.SCHEDULED, booking.span, 2)
    assert proposed.answer_by == clock.now() + timedelta(hours=48)
    assert isinstance(centre.published.events[-1], TimesProposed)
    assert [(p.round, p.span.starts_at, p.state, p.proposed_by) for p in proposals(centre, booking.id)] == [
        (1, ELEVEN, ProposalState.OPEN, centre.consultant.id),
        (1, NOON, ProposalState.OPEN, centre.consultant.id),
        (1, ONE, ProposalState.OPEN, centre.consultant.id),
    ]


def test_an_accepted_time_is_where_the_booking_stands_confirmed(centre: Centre, clock: MovableClock):
    booking = book(centre)
    propose(centre, booking.id, ELEVEN, NOON)

    accepted = accept(centre, booking.id, 1)

    assert (accepted.id, accepted.status, accepted.version) == (booking.id, Status.CONFIRMED, 3)
    assert (accepted.span.starts_at, accepted.confirmed_at) == (NOON, clock.now())
    assert states(centre, booking.id) == [ProposalState.SUPERSEDED, ProposalState.ACCEPTED]
    assert isinstance(centre.published.events[-1], BookingRescheduled)


def test_refused_times_leave_the_booking_as_it_is(centre: Centre):
    booking = centre.scheduling.confirm_booking(centre.actor(centre.consultant), book(centre).id)
    propose(centre, booking.id, ELEVEN, NOON)

    refused = centre.scheduling.refuse_proposals(centre.actor(centre.beneficiary), booking.id)

    assert (refused.span, refused.status) == (booking.span, Status.CONFIRMED)
    assert states(centre, booking.id) == [ProposalState.REFUSED] * 2
    assert isinstance(centre.published.events[-1], ProposalsRefused)
    with pytest.raises(ProposalNotFound):
        centre.scheduling.refuse_proposals(centre.actor(centre.beneficiary), booking.id)
    with pytest.raises(ProposalNotFound):
        accept(centre, booking.id)


def test_a_proposed_time_is_not_held_and_is_checked_when_it_is_accepted(centre: Centre):
    booking = book(centre)
    proposed = propose(centre, booking.id, ELEVEN, NOON)
    take(centre, ELEVEN)

    with pytest.raises(SlotTaken) as refusal:
        accept(centre, booking.id)

    assert refusal.value.alternatives
    assert stands(centre, booking.id) == proposed
    assert states(centre, booking.id) == [ProposalState.OPEN] * 2
    assert accept(centre, booking.id, 1).span.starts_at == NOON


def test_a_time_that_is_taken_or_not_offered_is_not_proposed(centre: Centre):
    booking = book(centre)
    take(centre, ELEVEN)

    with pytest.raises(SlotTaken):
        propose(centre, booking.id, ELEVEN)
    with pytest.raises(SlotOutsideRules):
        propose(centre, booking.id, NOON, ONE + timedelta(minutes=5))
    assert stands(centre, booking.id) == booking
    assert proposals(centre, booking.id) == []


@pytest.mark.parametrize("starts", [(), (ELEVEN, ELEVEN), (ELEVEN, NOON, ONE, ONE + timedelta(hours=1))])
def test_one_to_three_different_times_are_proposed(centre: Centre, starts: tuple[datetime, ...]):
    booking = book(centre)
    with pytest.raises(InvalidProposal):
        propose(centre, booking.id, *starts)


def test_the_booking_s_own_time_is_not_proposed(centre: Centre):
    booking = book(centre)
    with pytest.raises(SameTime):
        propose(centre, booking.id, ELEVEN, TEN)


def test_new_proposals_take_the_place_of_those_before(centre: Centre):
    booking = book(centre)
    propose(centre, booking.id, ELEVEN)
    propose(centre, booking.id, NOON)

    assert [(p.round, p.state) for p in proposals(centre, booking.id)] == [
        (1, ProposalState.SUPERSEDED),
        (2, ProposalState.OPEN),
    ]
    with pytest.raises(ProposalNotFound):
        accept(centre, booking.id, 0)


@pytest.mark.parametrize("act", ["confirm", "decline", "cancel", "move"])
def test_whatever_else_is_done_closes_what_is_proposed(centre: Centre, act: str):
    booking = book(centre)
    propose(centre, booking.id, ELEVEN)
    scheduling, beneficiary = centre.scheduling, centre.actor(centre.beneficiary)
    {
        "confirm": lambda: scheduling.confirm_booking(centre.actor(centre.consultant), booking.id),
        "decline": lambda: scheduling.decline_booking(centre.actor(centre.consultant), booking.id),
        "cancel": lambda: scheduling.cancel_booking(beneficiary, booking.id),
        "move": lambda: scheduling.reschedule_booking(beneficiary, booking.id, NOON),
    }[act]()

    assert states(centre, booking.id) == [ProposalState.SUPERSEDED]
    with pytest.raises((ProposalNotFound, IllegalTransition)):
        accept(centre, booking.id)


def test_a_proposed_time_that_has_passed_is_not_accepted(centre: Centre, clock: MovableClock):
    booking = book(centre, TEN + timedelta(days=1))
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)
    propose(centre, booking.id, TEN)
    clock.set(TEN)

    with pytest.raises(SlotInThePast):
        accept(centre, booking.id)


def test_the_beneficiary_answers_and_nobody_else_and_the_beneficiary_does_not_propose(centre: Centre):
    booking = book(centre)
    propose(centre, booking.id, ELEVEN)

    for who in ("consultant", "admin"):
        with pytest.raises(NotAllowed):
            accept(centre, booking.id, who=who)
        with pytest.raises(NotAllowed):
            centre.scheduling.refuse_proposals(centre.actor(getattr(centre, who)), booking.id)
    with pytest.raises(NotAllowed):
        propose(centre, booking.id, NOON, who="beneficiary")


def test_a_proposal_of_another_booking_is_not_found(centre: Centre, other_centre: Centre):
    first, second = book(centre), book(centre, ELEVEN)
    propose(centre, second.id, NOON)
    proposal = proposals(centre, second.id)[0]

    with pytest.raises(ProposalNotFound):
        centre.scheduling.accept_proposal(centre.actor(centre.beneficiary), first.id, proposal.id)
    stranger, _ = centre.add_beneficiary()
    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            centre.scheduling.list_proposals(actor, second.id)
        with pytest.raises(BookingNotFound):
            centre.scheduling.accept_proposal(actor, second.id, proposal.id)
