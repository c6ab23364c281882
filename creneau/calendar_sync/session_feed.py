"""The events of a feed, a thousand at a time: what many of them say alike is made once. Pure.

Each comes out to the byte as `render_vevent` makes it of `session_event` or `busy_event`.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from creneau.calendar_sync.lines import fold, instant
from creneau.calendar_sync.vevent import busy_event, busy_name, head_of, session_event, summary_of, tail_of
from creneau.core.domain.booking import reference_of
from creneau.core.domain.calendar_words import NOTHING_TOLD
from creneau.core.domain.feeds import FeedSession
from creneau.core.domain.ids import UserId
from creneau.core.i18n.reader import Reader

_ANY = UUID(int=0)
_REFERENCE = "\ue000"  # stands where the reference of each session goes; letters and digits need no escape


def render_sessions(sessions: Iterable[FeedSession], owner_id: UserId, reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as they themselves may read them."""
    tails: dict[object, tuple[str, str]] = {}
    events: list[str] = []
    head, owner = _Head(domain), owner_id.int
    for session in sessions:
        if session.told is not NOTHING_TOLD:  # each says something else
            event = session_event(session, owner_id, reader, domain, session.told)
            events.append(f"{head.of(session, session.id)}{tail_of(event)}")
            continue
        kind = (session.consultant_id.int == owner, session.meeting_format, session.meeting_location)
        if kind not in tails:
            summary = summary_of(session, owner_id, reader, _REFERENCE)
            event = replace(session_event(session, owner_id, reader, domain), summary=summary)
            before, _, after = tail_of(event).partition(_REFERENCE)
            tails[kind] = before, after
        before, after = tails[kind]
        reference = reference_of(session.id) if after else ""
        events.append(f"{head.of(session, session.id)}{before}{reference}{after}")
    return "".join(events).encode()


def render_busy(sessions: Iterable[FeedSession], owner_id: UserId, reader: Reader, domain: str) -> bytes:
    """Return the sessions of a person as others may read them."""
    events: list[str] = []
    head, tail = _Head(domain), ""
    for session in sessions:
        tail = tail or tail_of(busy_event(session, owner_id, reader, domain))
        events.append(f"{head.of(session, busy_name(session.id, owner_id))}{tail}")
    return "".join(events).encode()


class _Head:
    """The lines of `head_of`. UIDs of one domain are equally long: whether they are folded is asked once."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._is_short = fold(f"UID:{_ANY}@{domain}").count("\r\n") == 1

    def of(self, session: FeedSession, name: UUID) -> str:
        _, _, starts_at, ends_at, version, updated_at, _, _, _ = session
        if not self._is_short:
            return head_of(f"{name}@{self._domain}", version - 1, updated_at, starts_at, ends_at)
        stamp = instant(updated_at)
        return (
            f"BEGIN:VEVENT\r\nUID:{name}@{self._domain}\r\nSEQUENCE:{version - 1}\r\n"
            f"DTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\n"
            f"DTSTART:{instant(starts_at)}\r\nDTEND:{instant(ends_at)}\r\n"
        )
