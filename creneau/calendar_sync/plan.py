"""What a push has to do, decided from what the database says alone. Pure."""

from dataclasses import dataclass

from creneau.core.domain.calendar import CalendarLink, CalendarSession, is_in_calendar


@dataclass(frozen=True, slots=True)
class Create:
    """Put an object at an href that is free, or that holds what an earlier attempt of ours put there."""

    href: str
    ics: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """Put an object over the one that is there. `keeps_words`: what the consultant wrote into it stays."""

    href: str
    etag: str | None
    ics: bytes
    keeps_words: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    href: str
    etag: str | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The calendar is as it should be, for all we know."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Take an object that nobody wants any more out of the calendar before, on the same server."""

    href: str
    etag: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """Take an object out of the calendar before, on the same server, and put it at an href of the new one."""

    old_href: str
    old_etag: str | None
    href: str
    ics: bytes
    keeps_words: bool = False


Step = Create | Update | Remove | Clear | Move | Nothing


def plan_push(session: CalendarSession, link: CalendarLink, ics: bytes) -> Step:
    """Return the one step that brings a calendar in line with a booking. `ics` is the session as it should read.

    An object in a calendar that was linked before leaves it, where that is on the same server: removed first, because
    some servers want a UID once in all calendars of an account. On another server it is no longer ours to touch: the
    link's credentials are not for it.
    """
    booking, pushed = session.booking, session.pushed
    if pushed is not None and not pushed.href.startswith(link.calendar_url):
        if pushed.href.startswith(link.origin):
            href = f"{link.calendar_url}{booking.id}.ics"
            move = Move(pushed.href, pushed.etag, href, ics, pushed.is_edited)
            return move if is_in_calendar(booking) else Clear(pushed.href, pushed.etag)
        pushed = None
    if not is_in_calendar(booking):
        return Remove(pushed.href, pushed.etag) if pushed else Nothing()
    if session.is_asked_about:
        return Nothing()
    if pushed is None:
        return Create(f"{link.calendar_url}{booking.id}.ics", ics)
    if pushed.pushed_version == 0:
        return Update(pushed.href, None, ics, keeps_words=True) if pushed.is_edited else Create(pushed.href, ics)
    if pushed.pushed_version < booking.version or pushed.detail is not session.detail:
        return Update(pushed.href, pushed.etag, ics, pushed.is_edited)
    return Nothing()
