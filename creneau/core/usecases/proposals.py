"""Proposals: a beneficiary's answer to the times a consultant offered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import ProposalNotFound
from creneau.core.domain.events import ProposalsRefused
from creneau.core.domain.ids import BookingId, ProposalId, UserId
from creneau.core.domain.lifecycle import Action, answer_deadline, next_status, require_visible
from creneau.core.domain.people import Actor
from creneau.core.domain.proposal import Proposal, ProposalState
from creneau.core.domain.reminders import CONSULTANT_CHASES
from creneau.core.storage import bookings, holds, policies, proposals
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts, chasing
from creneau.core.usecases.acts import Act, Change
from creneau.core.usecases.availability import Wish, explain
from creneau.core.usecases.moves import move
from creneau.core.usecases.proposing import wish_for


def accept(
    tx: Transaction,
    actor: Actor,
    booking_id: BookingId,
    proposal_id: ProposalId,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Change:
    """Move a booking to a proposed time, which both sides have then agreed on: it is confirmed.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `proposal.not_found`, and as a
    move does when the time is no longer free; the proposal stays open then, and the old time kept.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    next_status(booking, Action.ACCEPT, actor)
    proposal = next((found for found in _open_ones(tx, booking) if found.id == proposal_id), None)
    if proposal is None:
        raise ProposalNotFound
    proposals.accept(tx, proposal, now)
    return move(tx, booking, Act(Action.ACCEPT, actor), _wish(booking, actor.user_id, proposal), now, new_id)


def refuse(tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime, new_id: Callable[[], UUID]) -> Change:
    """Refuse all times that are proposed: the booking stays as it is; a request waits for its answer anew.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `proposal.not_found` when none
    is open.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    status = next_status(booking, Action.REFUSE, actor)
    if not _open_ones(tx, booking):
        raise ProposalNotFound
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    refused = replace(
        booking,
        status=status,
        version=booking.version + 1,
        updated_at=now,
        answer_by=answer_deadline(policy, booking.span.starts_at, now),
    )
    act = Act(Action.REFUSE, actor)
    acts.write(tx, refused, act)
    if refused.status is Status.SCHEDULED:
        chasing.ask_again(tx, refused, refused.consultant_id, CONSULTANT_CHASES, policy, now, new_id)
    else:
        chasing.stop(tx, refused, now)
    return Change(booking, refused, act, ProposalsRefused(refused))


def list_of_booking(tx: Transaction, actor: Actor, booking_id: BookingId) -> list[Proposal]:
    """Return all times ever proposed for a booking. Raises: `booking.not_found`."""
    booking = bookings.get(tx, actor.organization_id, booking_id)
    require_visible(booking, actor)
    return proposals.list_of_booking(tx, booking.organization_id, booking.id)


def list_gone(tx: Transaction, booking: Booking, offered: Sequence[Proposal], now: datetime) -> frozenset[ProposalId]:
    """Return which of the times proposed for a booking could not be accepted now.

    One that somebody merely has in hand is not among them: it may be free again in a moment.
    """
    return frozenset(proposal.id for proposal in offered if _is_gone(tx, booking, proposal, now))


def _is_gone(tx: Transaction, booking: Booking, proposal: Proposal, now: datetime) -> bool:
    wish = _wish(booking, booking.beneficiary_id, proposal)
    if explain(tx, booking.organization_id, wish, now).is_bookable:
        return False
    return not holds.is_held(tx, booking.organization_id, booking.consultant_id, proposal.span, now)


def _wish(booking: Booking, asker_id: UserId, proposal: Proposal) -> Wish:
    wish = wish_for(booking, asker_id, proposal.span.starts_at, proposal.slot_id)
    return replace(wish, ends_at=proposal.span.ends_at)


def _open_ones(tx: Transaction, booking: Booking) -> list[Proposal]:
    known = proposals.list_of_booking(tx, booking.organization_id, booking.id)
    return [proposal for proposal in known if proposal.state is ProposalState.OPEN]
