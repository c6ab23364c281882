"""What a consultant's own calendar says of a session: taken down, asked about, and settled by the consultant alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import IN_CALENDAR
from creneau.core.domain.calendar_change import (
    SECOND_LOOK_AFTER,
    CalendarChange,
    CalendarQuestion,
    ChangeKind,
    Sighting,
    Watched,
)
from creneau.core.domain.errors import CalendarChangeSettled, NotAllowed, Refusal, SameTime
from creneau.core.domain.events import CalendarChangeFound, Event, SessionPutBack
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.lifecycle import Action, next_status, require_visible
from creneau.core.domain.people import Actor, Role
from creneau.core.storage import bookings, busy, users
from creneau.core.storage import calendar_changes as storage
from creneau.core.storage.database import Transaction
from creneau.core.usecases import proposing
from creneau.core.usecases.acts import Act, Change
from creneau.core.usecases.availability import Wish, explain
from creneau.core.usecases.slots import require_own


def see(
    tx: Transaction, organization_id: OrganizationId, watched: Watched, seen: Sighting, now: datetime
) -> Event | None:
    """Take down how a session stands in the calendar; return what comes of it: a question, or the end of one.

    An event as we put it, or with other words alone, settles whatever was open.
    """
    booking = bookings.lock(tx, organization_id, watched.booking_id)
    if not storage.is_watched(tx, booking, watched, now):
        return None  # it has changed since, or has another calendar: the next push, or the next look, will tell
    if seen.href != watched.href:
        storage.move_href(tx, organization_id, booking.id, seen.href)
    known = storage.find(tx, organization_id, booking.id)
    if seen.kind is None:
        storage.remove(tx, organization_id, booking.id)
        if seen.etag is None or seen.etag != watched.etag:
            # It may be our own, as the server wrote it: the next push looks before it keeps what it finds.
            storage.adopt(tx, organization_id, booking.id, seen.etag, booking.version, is_edited=True)
        return SessionPutBack(booking) if known is not None and known.asked_at is not None else None
    change = CalendarChange(booking.id, seen.kind, booking.span.starts_at, now, seen.etag, seen.span, asked_at=now)
    if known is not None and known.asked_at is not None and known.is_same(change):
        storage.save(tx, organization_id, replace(known, etag=seen.etag))
        return None
    storage.save(tx, organization_id, change)
    return CalendarChangeFound(booking, now)


def miss(tx: Transaction, organization_id: OrganizationId, watched: Watched, now: datetime) -> Event | None:
    """Take down that a session is not in the calendar; return a question when that was seen twice, some time apart."""
    booking = bookings.lock(tx, organization_id, watched.booking_id)
    if not storage.is_watched(tx, booking, watched, now):
        return None
    known = storage.find(tx, organization_id, booking.id)
    if known is None or known.kind is not ChangeKind.GONE or known.booked_at != booking.span.starts_at:
        storage.save(tx, organization_id, CalendarChange(booking.id, ChangeKind.GONE, booking.span.starts_at, now))
        return None
    if known.asked_at is not None or now - known.seen_at < SECOND_LOOK_AFTER:
        return None
    storage.save(tx, organization_id, replace(known, asked_at=now))
    return CalendarChangeFound(booking, now)


def record_told(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, now: datetime) -> None:
    """Remember that the consultant has the question about a session, where it is still open."""
    change = storage.find(tx, organization_id, booking_id)
    if change is not None:
        storage.save(tx, organization_id, replace(change, told_at=now))


def list_questions(
    tx: Transaction, organization_id: OrganizationId, asked_about: Mapping[BookingId, Booking], now: datetime
) -> dict[BookingId, CalendarQuestion]:
    """Return what consultants are asked about sessions, with why the new time cannot be asked for, if it cannot."""
    changes = storage.list_asked(tx, organization_id, asked_about)
    standing = [(change, asked_about[change.booking_id]) for change in changes]
    return {
        booking.id: CalendarQuestion(change, _refusal(tx, booking, change, now))
        for change, booking in standing
        if _still_stands(change, booking)
    }


def is_asked_about(tx: Transaction, booking: Booking) -> bool:
    """Tell whether a session's event is left as it is until its consultant has answered."""
    return booking.status in IN_CALENDAR and storage.is_open(
        tx, booking.organization_id, booking.id, booking.span.starts_at
    )


def ask_for_new_time(
    tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime, new_id: Callable[[], UUID]
) -> Change:
    """Propose to the beneficiary the time to which the consultant moved a session. It stays where it is until then.

    Raises: as `put_back`, `booking.same_time` where there is no other start, and as a proposal of that time.
    """
    booking, change = _open_change(tx, actor, booking_id)
    if change.span is None or change.span.starts_at == booking.span.starts_at:
        raise SameTime
    wish = _wish(booking, actor, change)
    next_status(booking, Action.PROPOSE, actor)
    proposed = proposing.propose(tx, booking, Act(Action.PROPOSE, actor), [wish], now, new_id)
    _let_push(tx, booking, change)
    return proposed


def put_back(tx: Transaction, actor: Actor, booking_id: BookingId) -> Booking:
    """Let the next push bring a session's event back to where the session stands.

    Raises: `booking.not_found`, `actor.not_allowed`, `calendar_change.settled`.
    """
    booking, change = _open_change(tx, actor, booking_id)
    _let_push(tx, booking, change)
    return booking


def put_all_back(tx: Transaction, actor: Actor, consultant_id: UserId, now: datetime) -> list[Booking]:
    """Let the next pushes put into a stopped calendar what vanished; return the sessions of which a question ends.

    What was asked of events that stand there otherwise is still asked, and they are left as they are.

    Raises: `actor.not_allowed`, `calendar_change.settled` (the calendar is not stopped).
    """
    require_own(tx, actor, consultant_id)
    if storage.find_suspicion(tx, actor.organization_id, consultant_id) is None:
        raise CalendarChangeSettled
    watched = storage.list_watched(tx, actor.organization_id, consultant_id, now)
    asked = {
        one.booking_id: one.change for one in watched if one.change is not None and one.change.asked_at is not None
    }
    still_asked = [id_ for id_, change in asked.items() if change.kind is not ChangeKind.GONE]
    back = [one.booking_id for one in watched if one.booking_id not in still_asked]
    storage.forget_pushed(tx, actor.organization_id, back)
    storage.forget(tx, actor.organization_id, consultant_id, but=still_asked)
    storage.trust(tx, actor.organization_id, consultant_id)
    return [bookings.get(tx, actor.organization_id, id_) for id_ in asked if id_ not in still_asked]


def _open_change(tx: Transaction, actor: Actor, booking_id: BookingId) -> tuple[Booking, CalendarChange]:
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    require_visible(booking, actor)
    if actor.user_id != booking.consultant_id and actor.role is not Role.ORG_ADMIN:
        raise NotAllowed
    change = storage.find(tx, booking.organization_id, booking.id)
    if change is None or change.asked_at is None or not _still_stands(change, booking):
        raise CalendarChangeSettled
    return booking, change


def _let_push(tx: Transaction, booking: Booking, change: CalendarChange) -> None:
    """Settle a change. Of a moved event the words are kept; one that is gone is put anew; any other becomes ours."""
    storage.remove(tx, booking.organization_id, booking.id)
    busy.remove_spans_of_booking(tx, booking.organization_id, booking.consultant_id, booking.id)
    if change.kind is ChangeKind.GONE:
        storage.forget_pushed(tx, booking.organization_id, [booking.id])
        return
    is_edited = change.kind is ChangeKind.MOVED
    version = booking.version - 1  # so that the push has something to do
    storage.adopt(tx, booking.organization_id, booking.id, change.etag, version, is_edited=is_edited)


def _still_stands(change: CalendarChange, booking: Booking) -> bool:
    return booking.status in IN_CALENDAR and booking.span.starts_at == change.booked_at


def _refusal(tx: Transaction, booking: Booking, change: CalendarChange, now: datetime) -> Refusal | None:
    if change.span is None or change.span.starts_at == booking.span.starts_at:
        return SameTime()
    consultant = Actor.from_user(users.get(tx, booking.organization_id, booking.consultant_id))
    refusals = explain(tx, booking.organization_id, _wish(booking, consultant, change), now).refusals()
    return refusals[0] if refusals else None


def _wish(booking: Booking, actor: Actor, change: CalendarChange) -> Wish:
    assert change.span is not None  # noqa: S101 - whoever calls looked
    wish = proposing.wish_for(booking, actor.user_id, change.span.starts_at)
    return replace(wish, ends_at=change.span.ends_at)
