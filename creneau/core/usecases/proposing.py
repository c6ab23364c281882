"""Proposing: a consultant offers other times for a booking.

A proposed time is not held: somebody else may take it meanwhile. It is checked when it is proposed, and again, by
the database itself, when it is accepted.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import SameTime, SlotUnavailable
from creneau.core.domain.events import TimesProposed
from creneau.core.domain.ids import BookingId, ProposalId, SlotId, UserId
from creneau.core.domain.lifecycle import Action, answer_deadline, next_status
from creneau.core.domain.people import Actor
from creneau.core.domain.proposal import Proposal, ProposalState, require_proposable
from creneau.core.domain.reminders import BENEFICIARY_CHASES
from creneau.core.storage import bookings, policies, proposals
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts, chasing
from creneau.core.usecases.acts import Act, Change
from creneau.core.usecases.alternatives import add_alternatives
from creneau.core.usecases.availability import Offer, Wish, choose_offer


def propose_times(
    tx: Transaction,
    actor: Actor,
    booking_id: BookingId,
    starts: Sequence[datetime],
    now: datetime,
    new_id: Callable[[], UUID],
) -> Change:
    """Offer one to three other times, in place of those offered before; the booking stays where it is meanwhile.

    No deadline stands in the way: the beneficiary may refuse.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `proposal.invalid`,
    `booking.same_time`, and with the next free times what `choose_offer` refuses.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    next_status(booking, Action.PROPOSE, actor)
    require_proposable(starts)
    if booking.span.starts_at in starts:
        raise SameTime
    wishes = [wish_for(booking, actor.user_id, starts_at) for starts_at in sorted(starts)]
    return propose(tx, booking, Act(Action.PROPOSE, actor), wishes, now, new_id)


def propose(
    tx: Transaction, booking: Booking, act: Act, wishes: Sequence[Wish], now: datetime, new_id: Callable[[], UUID]
) -> Change:
    """Offer other times for a booking that is locked. A request gets time for its answer anew."""
    offers = [_choose(tx, booking, wish, now) for wish in wishes]
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    proposed = replace(
        booking,
        status=next_status(booking, act.action, act.actor),
        version=booking.version + 1,
        updated_at=now,
        answer_by=answer_deadline(policy, booking.span.starts_at, now),
    )
    acts.write(tx, proposed, act)
    round_ = proposals.last_round(tx, booking.organization_id, booking.id) + 1
    chasing.ask_again(tx, proposed, proposed.beneficiary_id, BENEFICIARY_CHASES, policy, now, new_id)
    proposals.add(tx, [_to_proposal(proposed, act, round_, offer, ProposalId(new_id())) for offer in offers])
    return Change(booking, proposed, act, TimesProposed(proposed))


def wish_for(booking: Booking, asker_id: UserId, starts_at: datetime, slot_id: SlotId | None = None) -> Wish:
    """Return what a booking would leave its own time for."""
    return Wish(booking.consultant_id, starts_at, booking.beneficiary_id, slot_id, moving=booking.id, asker_id=asker_id)


def _choose(tx: Transaction, booking: Booking, wish: Wish, now: datetime) -> Offer:
    try:
        return choose_offer(tx, booking.organization_id, wish, now)
    except SlotUnavailable as refusal:
        add_alternatives(tx, booking.organization_id, refusal, wish, now)
        raise


def _to_proposal(booking: Booking, act: Act, round_: int, offer: Offer, proposal_id: ProposalId) -> Proposal:
    return Proposal(
        id=proposal_id,
        organization_id=booking.organization_id,
        booking_id=booking.id,
        round=round_,
        proposed_by=act.actor.user_id if act.actor else booking.consultant_id,
        slot_id=offer.time.slot_id,
        local=offer.time.local,
        span=offer.time.span,
        state=ProposalState.OPEN,
        created_at=booking.updated_at,
    )
