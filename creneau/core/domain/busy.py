"""Busy time: what stands in a consultant's own calendars, as it was read there. It closes slots and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from creneau.core.domain.time import Span


@dataclass(frozen=True, slots=True)
class BusyObject:
    """One object of a calendar: where it stands, as of which etag, and what it blocks; nothing if it is transparent.

    `recurrence` holds the times of what recurs, to be expanded further. `is_doubtful`: not all of it could be read.
    """

    href: str
    etag: str | None
    uid: str
    spans: tuple[Span, ...]
    recurrence: bytes | None = None
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far a calendar was read: where the next delta begins, when everything was last listed, what days mean.

    `chosen_at` is since when it counts: what was read of it before it was chosen anew is not for it any more.
    """

    token: str | None = None
    whole_at: datetime | None = None
    zone: str | None = None
    expanded_until: datetime | None = None
    chosen_at: datetime | None = None


NOT_READ = ReadingProgress()


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What a reading of one calendar brought: objects that are new or changed, and addresses that are gone.

    `is_whole`: everything was read, so that whatever is not in `objects` is gone. Without `progress` what is known of
    it stays.
    """

    objects: tuple[BusyObject, ...]
    gone: tuple[str, ...] = ()
    is_whole: bool = False
    progress: ReadingProgress | None = None
