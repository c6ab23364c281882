"""What a push has to do, decided from what the database says alone. Pure."""

from dataclasses import dataclass

from creneau.core.domain.calendar import CalendarLink, CalendarSession, PushedObject, is_in_calendar


@dataclass(frozen=True, slots=True)
class Create:
    """Put an object at an href that is free, or that holds what an earlier attempt of ours put there."""

    href: str
    ics: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """Put an object over the one that is there. `keeps_words`: look first for what the consultant wrote into it."""

    href: str
    etag: str | None
    ics: bytes
    keeps_words: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """Take an object out, and from `leaves_href` the copy that a move may have left there."""

    href: str
    etag: str | None
    leaves_href: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The calendar is as it should be, for all we know."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Take an object that nobody wants any more out of the calendar before, on the same server."""

    href: str
    etag: str | None
    leaves_href: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Put an object at an href, and take it out of the places on the same server where it stood before.

    The first of them is where it stands for sure, unless a move was under way. `etag` is of the only one there is.
    """

    leaves: tuple[str, ...]
    etag: str | None
    href: str
    ics: bytes
    keeps_words: bool = False


Step = Create | Update | Remove | Clear | Move | Nothing


def plan_push(session: CalendarSession, link: CalendarLink, ics: bytes) -> Step:
    """Return the one step that brings a calendar in line with a booking. `ics` is the session as it should read.

    An object in a calendar that was linked before leaves it, where that is on the same server. On another server it is
    no longer ours to touch: the link's credentials are not for it.
    """
    booking, pushed = session.booking, session.pushed
    if session.is_refused:
        return Nothing()
    if pushed is not None and not pushed.href.startswith(link.origin):
        pushed = None
    if pushed is not None and (pushed.leaves_href or not pushed.href.startswith(link.calendar_url)):
        return _plan_move(session, pushed, link, ics)
    if not is_in_calendar(booking):
        return Remove(pushed.href, pushed.etag) if pushed else Nothing()
    if session.is_asked_about:
        return Nothing()
    if pushed is None:
        return Create(href_of(session, link), ics)
    if pushed.pushed_version == 0:
        return Update(pushed.href, None, ics, keeps_words=True) if pushed.is_edited else Create(pushed.href, ics)
    if pushed.pushed_version < booking.version or pushed.detail is not session.detail:
        return Update(pushed.href, pushed.etag, ics, pushed.is_edited)
    return Nothing()


def href_of(session: CalendarSession, link: CalendarLink, suffix: str = "") -> str:
    return f"{link.calendar_url}{session.booking.id}{suffix}.ics"


def _plan_move(session: CalendarSession, pushed: PushedObject, link: CalendarLink, ics: bytes) -> Step:
    """Whoever died in a move left an object at either of two places, or at both."""
    if not is_in_calendar(session.booking):
        is_here = pushed.href.startswith(link.calendar_url)
        return (Remove if is_here else Clear)(pushed.href, pushed.etag, pushed.leaves_href)
    places = [place for place in (pushed.leaves_href, pushed.href) if place]
    href = next((place for place in places if place.startswith(link.calendar_url)), href_of(session, link))
    leaves = tuple(place for place in places if place != href)
    is_edited = pushed.is_edited or len(places) > 1
    return Move(leaves, None if is_edited else pushed.etag, href, ics, is_edited)
