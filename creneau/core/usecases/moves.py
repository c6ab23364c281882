"""Moves: a booking goes to another time and stays itself, with its id, its history and a higher version."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import BeneficiaryBusy, SameTime, SlotTaken, SlotUnavailable
from creneau.core.domain.events import BookingRescheduled
from creneau.core.domain.ids import BookingId, ReminderId, SlotId
from creneau.core.domain.lifecycle import Action, answer_deadline, is_past_deadline, next_status, require_in_time
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import Policy
from creneau.core.domain.text import clean_text
from creneau.core.domain.timetable import plan_timetable
from creneau.core.storage import bilans, bookings, moves, policies, reminders, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts, places, proposing
from creneau.core.usecases.acts import Act, Change
from creneau.core.usecases.alternatives import add_alternatives
from creneau.core.usecases.availability import Offer, Wish, choose_offer, get_consultant
from creneau.core.usecases.bilans import spend_hours
from creneau.core.usecases.cancellations import LONGEST_REASON


@dataclass(frozen=True, slots=True)
class NewTime:
    """The start a booking shall move to, of one rule and with one end where these are given, and why."""

    starts_at: datetime
    slot_id: SlotId | None = None
    reason: str | None = None
    ends_at: datetime | None = None


def reschedule(
    tx: Transaction, actor: Actor, booking_id: BookingId, new: NewTime, now: datetime, new_id: Callable[[], UUID]
) -> Change:
    """Move a booking to another time, or ask for it.

    A beneficiary's move is a request again, for the consultant to confirm. A consultant's is a proposal: the booking
    stays where it is until the beneficiary accepts. An administrator's holds at once. If the new time is not free
    the old one is kept.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `booking.same_time`,
    `text.invalid`, `bilan.hours_exhausted` where the new session is longer; with the next free times what
    `choose_offer` refuses, `slot.taken`, `beneficiary.busy`; past the deadline `booking.too_late` for a beneficiary,
    `booking.reason_required` for anybody else who gives none.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    action = Action.PROPOSE if actor.role is Role.CONSULTANT else Action.RESCHEDULE
    next_status(booking, action, actor)
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    reason = clean_text("reason", new.reason, LONGEST_REASON)
    is_late = is_past_deadline(booking, policy.reschedule_deadline, now)
    act = Act(action, actor, reason, require_in_time(actor, is_late=is_late, reason=reason))
    if new.starts_at == booking.span.starts_at and new.slot_id in (None, booking.slot_id):
        raise SameTime
    wish = replace(proposing.wish_for(booking, actor.user_id, new.starts_at, new.slot_id), ends_at=new.ends_at)
    if action is Action.PROPOSE:
        return proposing.propose(tx, booking, act, [wish], now, new_id)
    return move(tx, booking, act, wish, now, new_id)


def move(tx: Transaction, booking: Booking, act: Act, wish: Wish, now: datetime, new_id: Callable[[], UUID]) -> Change:
    """Move a booking that is locked, with its reminders. Raises: what `reschedule` says of the new time."""
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    try:
        offer = choose_offer(tx, booking.organization_id, wish, now)
        _spend_what_is_added(tx, booking, offer)
        moved = _moved(booking, act, offer, policy, now)
        if moved.status is Status.CONFIRMED:
            moved = places.with_usual_link(tx, moved)
        if not moves.move(tx, moved, offer.capacity, offer.held_until):
            busy = bookings.list_busy_of_beneficiary(
                tx, booking.organization_id, booking.beneficiary_id, moved.span, booking.id
            )
            raise BeneficiaryBusy if busy else SlotTaken
    except SlotUnavailable as refusal:
        add_alternatives(tx, booking.organization_id, refusal, wish, now)
        raise
    acts.write(tx, moved, act)
    _replan_reminders(tx, moved, policy, now, new_id)
    return Change(booking, moved, act, BookingRescheduled(moved, moved_from=booking.span.starts_at))


def _moved(booking: Booking, act: Act, offer: Offer, policy: Policy, now: datetime) -> Booking:
    status = next_status(booking, act.action, act.actor)
    confirmed_at = now if act.action is Action.ACCEPT else booking.confirmed_at
    return replace(
        booking,
        slot_id=offer.time.slot_id,
        local=offer.time.local,
        span=offer.time.span,
        status=status,
        version=booking.version + 1,
        updated_at=now,
        confirmed_at=confirmed_at if status is Status.CONFIRMED else None,
        answer_by=answer_deadline(policy, offer.time.span.starts_at, now),
    )


def _replan_reminders(
    tx: Transaction, moved: Booking, policy: Policy, now: datetime, new_id: Callable[[], UUID]
) -> None:
    """Cancel what waits for the old time and write what belongs to the new one."""
    consultant = get_consultant(tx, moved.organization_id, moved.consultant_id)
    beneficiary = users.get(tx, moved.organization_id, moved.beneficiary_id)
    reminders.cancel_of_booking(tx, moved.organization_id, moved.id, now)
    planned = plan_timetable(moved, consultant, beneficiary, policy, now)
    reminders.add(tx, moved, [reminders.NewReminder(ReminderId(new_id()), reminder) for reminder in planned], now)


def _spend_what_is_added(tx: Transaction, booking: Booking, offer: Offer) -> None:
    added = offer.time.span.minutes - booking.span.minutes
    if added > 0:
        spend_hours(tx, bilans.lock(tx, booking.organization_id, booking.bilan_id), added)
