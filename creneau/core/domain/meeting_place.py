"""Where a session takes place: the link of a video meeting, or an address or a number to call."""

from dataclasses import dataclass, replace
from datetime import datetime

from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.errors import IllegalTransition, NotAllowed
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.text import clean_link, clean_text

LONGEST_LINK = 500
LONGEST_LOCATION = 255


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    link: str | None = None
    """https only."""
    location: str | None = None


def clean_place(place: MeetingPlace) -> MeetingPlace:
    """Raises: `text.invalid`, `link.invalid`, whose `field` is `meeting_link` or `meeting_location`."""
    return MeetingPlace(
        clean_link("meeting_link", place.link, LONGEST_LINK),
        clean_text("meeting_location", place.location, LONGEST_LOCATION),
    )


def can_place(booking: Booking, actor: Actor) -> bool:
    """Tell whether an actor may say where: the session's consultant and the administrators, until it is over."""
    is_theirs = actor.role is Role.ORG_ADMIN or actor.user_id == booking.consultant_id
    return booking.is_live and is_theirs


def require_placeable(booking: Booking, actor: Actor) -> None:
    """Raise `booking.not_found`, `actor.not_allowed`, or `booking.illegal_transition` once the session is over."""
    require_visible(booking, actor)
    if not can_place(booking, actor):
        raise NotAllowed if booking.is_live else IllegalTransition(status=booking.status, action="PLACE")


def placed(booking: Booking, actor: Actor, place: MeetingPlace, now: datetime) -> Booking:
    """Return a booking as its place is told anew; what is left empty is not known any more.

    Raises: as `require_placeable`; `text.invalid`, `link.invalid`.
    """
    require_placeable(booking, actor)
    cleaned = clean_place(place)
    return replace(booking, meeting_link=cleaned.link, meeting_location=cleaned.location, updated_at=now)


def lacks_link(booking: Booking) -> bool:
    """Tell whether a session is by video and nobody knows yet where."""
    return booking.meeting_format is MeetingFormat.VIDEO and not booking.meeting_link and not booking.meeting_location
