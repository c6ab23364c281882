"""The events of a feed, a thousand at a time: what many of them say alike is made once. Pure.

Each comes out to the byte as `render_vevent` makes it, which is what the same session is on a calendar server.
"""

from collections.abc import Iterable
from uuid import UUID

from creneau.calendar_sync.vevent import head_of, location_of, summary_of, tail_of, uid_of_busy
from creneau.core.domain.booking import MeetingFormat
from creneau.core.domain.feeds import FeedSession
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.i18n.reader import Reader

_REFERENCE = "\ue000"  # stands where the reference of each session goes; letters and digits need no escape


def render_sessions(sessions: Iterable[FeedSession], reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as they themselves may read them."""
    events: list[str] = []
    known: dict[object, tuple[str, str]] = {}
    for session in sessions:
        name, is_consultant, starts_at, ends_at, version, updated_at, meeting_format, place, detail, _, _ = session
        kind = (is_consultant, meeting_format, place)
        if detail is not None:  # each says something else
            before, after = _tail(session, session.reference, reader), ""
        elif kind in known:
            before, after = known[kind]
        else:
            before, _, after = _tail(session, _REFERENCE, reader).partition(_REFERENCE)
            known[kind] = before, after
        reference = session.reference if after else ""
        head = head_of(f"{name}@{domain}", version - 1, updated_at, starts_at, ends_at)
        events.append(f"{head}{before}{reference}{after}")
    return "".join(events).encode()


def _tail(session: FeedSession, reference: str, reader: Reader) -> str:
    summary = summary_of(reader, reference, session.told, is_consultant=session.is_consultant)
    return tail_of(summary, location_of(MeetingFormat(session.meeting_format), session.meeting_location, reader))


def render_busy(sessions: Iterable[FeedSession], owner_id: UserId, reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as others may read them: that they have no time then.

    The UID is not that of the session: see `uid_of_busy`.
    """
    tail = tail_of(reader.text("Busy"))
    events: list[str] = []
    for session in sessions:
        uid = uid_of_busy(BookingId(UUID(session.written_id)), owner_id, domain)
        head = head_of(uid, session.version - 1, session.updated_at, session.starts_at, session.ends_at)
        events.append(head + tail)
    return "".join(events).encode()
