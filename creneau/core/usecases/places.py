"""Places: where a session is, said by its consultant for one session, or once for all that they confirm."""

from dataclasses import replace
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.events import SessionPlaced
from creneau.core.domain.ids import BookingId
from creneau.core.domain.meeting_place import MeetingPlace, lacks_link, placed
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings, preferences, pushed_objects
from creneau.core.storage.database import Transaction
from creneau.core.usecases.acts import Change


def set_place(tx: Transaction, actor: Actor, booking_id: BookingId, place: MeetingPlace, now: datetime) -> Change:
    """Say where a session is, in place of what was said before.

    The version does not grow: no time changes, and the reminders tell the place as it is when they go out. What stands
    in the consultant's calendar is of an older one from now on: the next push has something to do.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition` once it is over, `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    changed = placed(booking, actor, place, now)
    bookings.save(tx, changed)
    pushed_objects.make_old(tx, changed)
    return Change(booking, changed, None, SessionPlaced(changed))


def with_usual_link(tx: Transaction, booking: Booking) -> Booking:
    """Return a booking that is being agreed on, with its consultant's own video room where it has no place yet."""
    if not lacks_link(booking):
        return booking
    chosen = preferences.get(tx, booking.organization_id, booking.consultant_id)
    return replace(booking, meeting_link=chosen.video_link)
