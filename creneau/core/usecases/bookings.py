"""Bookings: asking for a session, and every move of its life."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from creneau.core.domain.availability import HORIZON, has_seat, horizon_ends_at, matching_offers, require_within_horizon
from creneau.core.domain.bilan import Bilan, require_active
from creneau.core.domain.booking import Booking, MeetingFormat, SessionType, Status
from creneau.core.domain.errors import (
    BeneficiaryBusy,
    BilanNotFound,
    SlotInThePast,
    SlotTaken,
    SlotUnavailable,
)
from creneau.core.domain.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingCreated,
    BookingDeclined,
    Event,
)
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, ReminderId, SlotId, UserId
from creneau.core.domain.lifecycle import Action, cancellation_code, next_status
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.reminders import plan_reminders
from creneau.core.domain.text import clean_link, clean_text
from creneau.core.domain.time import BookableTime
from creneau.core.storage import bilans, bookings, reminders
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import Listing, get_consultant, list_bookable, list_offers_around

_ALTERNATIVES = 3
_SEARCH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A session asked for. The start is an instant; which rule offers it, and its end, the core finds out."""

    bilan_id: BilanId
    consultant_id: UserId
    starts_at: datetime
    slot_id: SlotId | None = None
    ends_at: datetime | None = None
    meeting_format: MeetingFormat = MeetingFormat.VIDEO
    session_type: SessionType | None = None
    meeting_location: str | None = None
    meeting_link: str | None = None


def book(
    tx: Transaction, actor: Actor, request: BookingRequest, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Booking, Event]:
    """Hold a time for a beneficiary, with its reminders, until the consultant answers.

    Raises: `bilan.not_found`, `bilan.not_active`, `user.not_found`, `text.invalid`, and with the next free times
    `slot.taken`, `slot.past`, `slot.horizon`, `slot.outside_rules`, `beneficiary.busy`.
    """
    bilan = _bilan_for(tx, actor, request.bilan_id)
    require_active(bilan)
    consultant = get_consultant(tx, actor.organization_id, request.consultant_id)
    try:
        require_within_horizon(request.starts_at, now, horizon_ends_at(now, consultant.timezone))
        around = list_offers_around(tx, actor.organization_id, consultant.id, request.starts_at)
        offers = matching_offers(around, request.starts_at, request.slot_id, request.ends_at)
        offer = _prefer_free(tx, actor.organization_id, offers)
        booking = _hold(tx, bilan, request, offer, now, new_id)
    except SlotUnavailable as refusal:
        refusal.alternatives = _next_free_times(tx, consultant, bilan.beneficiary_id, request.starts_at, now)
        raise
    bookings.add_history(tx, booking, "REQUEST", actor.user_id, before=None)
    return booking, BookingCreated(booking)


def confirm(tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime) -> tuple[Booking, Event]:
    """Accept a request, as its consultant.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `slot.past` once it has begun.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    status = next_status(booking, Action.CONFIRM, actor)
    if booking.span.starts_at <= now:
        raise SlotInThePast
    confirmed = replace(booking, status=status, version=booking.version + 1, updated_at=now, confirmed_at=now)
    bookings.save(tx, confirmed)
    bookings.add_history(tx, confirmed, Action.CONFIRM, actor.user_id, booking.status)
    return confirmed, BookingConfirmed(confirmed)


def decline(
    tx: Transaction, actor: Actor, booking_id: BookingId, reason: str | None, now: datetime
) -> tuple[Booking, Event]:
    """Refuse a request, as its consultant: its time is free again.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `text.invalid`.
    """
    declined = _end(tx, actor, booking_id, Action.DECLINE, reason, now)
    return declined, BookingDeclined(declined)


def cancel(
    tx: Transaction, actor: Actor, booking_id: BookingId, reason: str | None, now: datetime
) -> tuple[Booking, Event]:
    """Cancel a session, as either side: its time is free again and its reminders will not be sent.

    Raises: `booking.not_found`, `booking.illegal_transition`, `text.invalid`.
    """
    cancelled = _end(tx, actor, booking_id, Action.CANCEL, reason, now)
    return cancelled, BookingCancelled(cancelled)


def _hold(
    tx: Transaction,
    bilan: Bilan,
    request: BookingRequest,
    offer: BookableTime,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Booking:
    session_type = request.session_type or (
        SessionType.FOLLOW_UP if bookings.has_any(tx, bilan.organization_id, bilan.id) else SessionType.INITIAL_MEETING
    )
    booking = Booking(
        id=BookingId(new_id()),
        organization_id=bilan.organization_id,
        bilan_id=bilan.id,
        consultant_id=request.consultant_id,
        beneficiary_id=bilan.beneficiary_id,
        slot_id=offer.slot_id,
        local=offer.local,
        span=offer.span,
        session_type=session_type,
        meeting_format=request.meeting_format,
        meeting_location=clean_text("meeting_location", request.meeting_location, 255),
        meeting_link=clean_link("meeting_link", request.meeting_link, 500),
        status=Status.SCHEDULED,
        version=1,
        created_at=now,
        updated_at=now,
    )
    planned = [
        bookings.NewReminder(ReminderId(new_id()), reminder) for reminder in plan_reminders(booking.span.starts_at, now)
    ]
    if not bookings.add(tx, booking, bilan.phase, offer.seats_left, planned):
        busy = bookings.list_busy_of_beneficiary(tx, bilan.organization_id, bilan.beneficiary_id, booking.span)
        raise BeneficiaryBusy if busy else SlotTaken
    return booking


def _prefer_free(tx: Transaction, organization_id: OrganizationId, offers: list[BookableTime]) -> BookableTime:
    """Two rules may offer one start with different lengths: take the first that is free. The insert decides."""
    if len(offers) == 1:
        return offers[0]
    longest = max(offers, key=lambda offer: offer.span.ends_at)
    held = bookings.list_held(tx, organization_id, longest.consultant_id, longest.span)
    return next((offer for offer in offers if has_seat(offer, held)), offers[0])


def _end(
    tx: Transaction, actor: Actor, booking_id: BookingId, action: Action, reason: str | None, now: datetime
) -> Booking:
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    ended = replace(
        booking,
        status=next_status(booking, action, actor),
        version=booking.version + 1,
        updated_at=now,
        cancelled_at=now,
        cancelled_by=actor.user_id,
        cancellation_code=cancellation_code(action, actor),
        cancellation_reason=clean_text("cancellation_reason", reason, 500),
    )
    bookings.save(tx, ended)
    bookings.add_history(tx, ended, action, actor.user_id, booking.status)
    reminders.cancel_of_booking(tx, actor.organization_id, booking.id, now)
    return ended


def _bilan_for(tx: Transaction, actor: Actor, bilan_id: BilanId) -> Bilan:
    bilan = bilans.get(tx, actor.organization_id, bilan_id)
    if actor.role is not Role.ORG_ADMIN and actor.user_id not in (bilan.beneficiary_id, bilan.consultant_id):
        raise BilanNotFound
    return bilan


def _next_free_times(
    tx: Transaction, consultant: User, beneficiary_id: UserId, wanted: datetime, now: datetime
) -> tuple[BookableTime, ...]:
    first = wanted.date() if now < wanted < now + HORIZON else now.date()
    listing = Listing(consultant.id, first, first + _SEARCH, beneficiary_id)
    return tuple(list_bookable(tx, consultant.organization_id, listing, now)[:_ALTERNATIVES])
