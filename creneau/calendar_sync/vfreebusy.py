"""When somebody is busy, as one VFREEBUSY (RFC 5545 section 3.6.4): spans, and no word on what fills them. Pure."""

from collections.abc import Iterable
from datetime import datetime

from creneau.calendar_sync.lines import fold, instant
from creneau.core.domain.time import Span


def render_vfreebusy(uid: str, window: Span, busy: Iterable[Span], modified_at: datetime) -> bytes:
    """Return the busy spans of a window, joined where they touch. They name nobody: there is no ORGANIZER."""
    stamp = instant(modified_at)
    lines = [
        "BEGIN:VFREEBUSY\r\n",
        fold(f"UID:{uid}"),
        f"DTSTAMP:{stamp}\r\nDTSTART:{instant(window.starts_at)}\r\nDTEND:{instant(window.ends_at)}\r\n",
        *(f"FREEBUSY;FBTYPE=BUSY:{instant(span.starts_at)}/{instant(span.ends_at)}\r\n" for span in join_spans(busy)),
        "END:VFREEBUSY\r\n",
    ]
    return "".join(lines).encode()


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Return what spans cover, in order, without overlaps and without seams."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.starts_at):
        last = joined[-1] if joined else None
        if last is not None and span.starts_at <= last.ends_at:
            joined[-1] = Span(last.starts_at, max(last.ends_at, span.ends_at))
        else:
            joined.append(span)
    return joined
