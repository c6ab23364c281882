"""The events of a feed, a thousand at a time: what many of them say alike is made once. Pure.

Each comes out to the byte as `render_vevent` makes it of `session_event` or `busy_event`.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid5

from creneau.calendar_sync.vevent import busy_event, head_of, session_event, summary_of, tail_of, uid_of
from creneau.core.domain.feeds import FeedSession
from creneau.core.domain.ids import UserId
from creneau.core.i18n.reader import Reader

_REFERENCE = "\ue000"  # stands where the reference of each session goes; letters and digits need no escape


def render_sessions(sessions: Iterable[FeedSession], owner_id: UserId, reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as they themselves may read them."""
    tails: dict[object, tuple[str, str]] = {}
    events: list[str] = []
    for session in sessions:
        kind = (session.consultant_id == owner_id, session.meeting_format, session.meeting_location)
        if kind not in tails:
            summary = summary_of(session, owner_id, reader, _REFERENCE)
            event = replace(session_event(session, owner_id, reader, domain), summary=summary)
            before, _, after = tail_of(event).partition(_REFERENCE)
            tails[kind] = before, after
        before, after = tails[kind]
        events.append(head_of(uid_of(session.id, domain), session.version - 1, session.updated_at, session.span))
        events.append(f"{before}{session.reference}{after}" if after else before)
    return "".join(events).encode()


def render_busy(sessions: Iterable[FeedSession], reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as others may read them."""
    events: list[str] = []
    tail = ""
    for session in sessions:
        tail = tail or tail_of(busy_event(session, reader, domain))
        uid = f"{uuid5(session.id, 'busy')}@{domain}"
        events.append(head_of(uid, session.version - 1, session.updated_at, session.span))
        events.append(tail)
    return "".join(events).encode()
