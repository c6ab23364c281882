"""Busy time: what stands in a consultant's own calendars, as it was read there. It closes slots and nothing else."""

from dataclasses import dataclass

from creneau.core.domain.time import Span


@dataclass(frozen=True, slots=True)
class BusyObject:
    """One object of a calendar: where it stands, as of which etag, and what it blocks; nothing if it is transparent."""

    href: str
    etag: str | None
    uid: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What a reading of one calendar brought: objects that are new or changed, and addresses that are gone.

    `is_whole`: everything was listed, so that whatever is not in `objects` is gone.
    """

    objects: tuple[BusyObject, ...]
    gone: tuple[str, ...] = ()
    is_whole: bool = False
