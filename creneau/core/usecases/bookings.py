"""Bookings: asking for a session. What becomes of it then is in `requests`, `moves`, `sessions`, `cancellations`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creneau.core.domain.analytics import changed_days
from creneau.core.domain.bilan import Bilan, count_hours, require_active, require_hours
from creneau.core.domain.booking import Booking, MeetingFormat, SessionType, Status
from creneau.core.domain.errors import BeneficiaryBusy, SlotTaken, SlotUnavailable
from creneau.core.domain.events import BookingCreated, Event
from creneau.core.domain.ids import BilanId, BookingId, ReminderId, SlotId, UserId
from creneau.core.domain.jobs import Job
from creneau.core.domain.lifecycle import Action, answer_deadline
from creneau.core.domain.meeting_place import MeetingPlace, clean_place
from creneau.core.domain.people import Actor, require_consultant, require_there
from creneau.core.domain.timetable import plan_timetable
from creneau.core.storage import bilans, bookings, new_bookings, reminders
from creneau.core.storage.acts import Record
from creneau.core.storage.database import Transaction
from creneau.core.usecases import audit
from creneau.core.usecases.acts import Act, Change, to_record
from creneau.core.usecases.alternatives import add_alternatives
from creneau.core.usecases.availability import Offer, Wish, choose_offer
from creneau.core.usecases.bilans import require_part


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
    tx: Transaction,
    actor: Actor,
    request: BookingRequest,
    now: datetime,
    new_id: Callable[[], UUID],
    follow: Callable[[Event], Job | None],
) -> Booking:
    """Hold a time for a beneficiary, with its reminders and all that is recorded of it, until the consultant answers.

    Raises: `bilan.not_found`, `bilan.not_active`, `bilan.hours_exhausted`, `user.not_found`, `text.invalid`,
    `request.repeated` as `usecases.audit` has it, and with the next free times what `choose_offer` refuses,
    `slot.taken` and `beneficiary.busy`.
    """
    sides = bilans.lock_with_sides(tx, actor.organization_id, request.bilan_id, request.consultant_id)
    bilan = validate_bilan(sides.bilan, actor)
    consultant, beneficiary = require_consultant(sides.consultant), require_there(sides.beneficiary)
    wish = Wish(
        consultant.id,
        request.starts_at,
        bilan.beneficiary_id,
        request.slot_id,
        request.ends_at,
        asker_id=actor.user_id,
        bilan_id=bilan.id,
    )
    try:
        offer = choose_offer(tx, actor.organization_id, wish, now)
        assert offer.use is not None  # noqa: S101 - the wish names a bilan
        require_hours(count_hours(bilan, offer.use.minutes), offer.time.span.minutes)
        usual = SessionType.FOLLOW_UP if offer.use.has_sessions else SessionType.INITIAL_MEETING
        booking = _draw_up(bilan, request, request.session_type or usual, offer, now, BookingId(new_id()))
        planned = [
            reminders.NewReminder(ReminderId(new_id()), reminder)
            for reminder in plan_timetable(booking, consultant, beneficiary, offer.policy, now)
        ]
        change = Change(None, booking, Act(Action.REQUEST, actor), BookingCreated(booking))
        audit.require_first(tx, actor, now)
        [numbers] = changed_days(None, booking).items()
        record = to_record(actor, "requested", change, numbers, follow(change.event), new_id)
        _hold(tx, record, bilan, offer, planned)
    except SlotUnavailable as refusal:
        add_alternatives(tx, actor.organization_id, refusal, wish, now)
        raise
    return booking


def validate_bilan(bilan: Bilan, actor: Actor) -> Bilan:
    """Return a bilan on which the actor may book. Raises: `bilan.not_found`, `bilan.not_active`."""
    require_part(bilan, actor)
    require_active(bilan)
    return bilan


def _draw_up(
    bilan: Bilan, request: BookingRequest, session_type: SessionType, offer: Offer, now: datetime, booking_id: BookingId
) -> Booking:
    place = clean_place(MeetingPlace(request.meeting_link, request.meeting_location))
    return Booking(
        id=booking_id,
        organization_id=bilan.organization_id,
        bilan_id=bilan.id,
        consultant_id=request.consultant_id,
        beneficiary_id=bilan.beneficiary_id,
        slot_id=offer.time.slot_id,
        local=offer.time.local,
        span=offer.time.span,
        session_type=session_type,
        meeting_format=request.meeting_format,
        meeting_location=place.location,
        meeting_link=place.link,
        status=Status.SCHEDULED,
        version=1,
        created_at=now,
        updated_at=now,
        answer_by=answer_deadline(offer.policy, offer.time.span.starts_at, now),
    )


def _hold(
    tx: Transaction, record: Record, bilan: Bilan, offer: Offer, planned: Sequence[reminders.NewReminder]
) -> None:
    """Raises: `slot.taken`, `beneficiary.busy`."""
    if not new_bookings.add(tx, record, bilan.phase, offer.capacity, planned, offer.held_until):
        span = record.booking.span
        busy = bookings.list_busy_of_beneficiary(tx, bilan.organization_id, bilan.beneficiary_id, span)
        raise BeneficiaryBusy if busy else SlotTaken
