"""Feeds: what calendar clients subscribe to, by a secret address and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from creneau.core.domain.bookable_series import BookableSeries
from creneau.core.domain.booking import SessionType, spell_reference
from creneau.core.domain.calendar_words import NOTHING_TOLD, CalendarDetail, Told, tell
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.people import Role
from creneau.core.domain.time import BookableTime, Span


class FeedKind(StrEnum):
    """`SESSIONS` for its owner, `BUSY` to show to others, `AVAILABILITY` a consultant's bookable hours."""

    SESSIONS = "sessions"
    AVAILABILITY = "availability"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """Whose feed a token opens, and which one."""

    organization_id: OrganizationId
    user_id: UserId
    kind: FeedKind


class CalendarProgram(StrEnum):
    """What fetched a feed, as far as it says so; of what it says, no more is kept."""

    APPLE = "APPLE"
    GOOGLE = "GOOGLE"
    OUTLOOK = "OUTLOOK"
    THUNDERBIRD = "THUNDERBIRD"
    EVOLUTION = "EVOLUTION"
    NEXTCLOUD = "NEXTCLOUD"
    ANDROID = "ANDROID"
    BROWSER = "BROWSER"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """The person behind a token. What the feed says is said to them, in their language."""

    organization_id: OrganizationId
    user_id: UserId
    role: Role
    locale: str
    timezone: str
    kind: FeedKind


@dataclass(frozen=True, slots=True)
class FeedFetch:
    """When a feed was last fetched, and by which program."""

    at: datetime
    program: CalendarProgram


@dataclass(frozen=True, slots=True)
class IssuedFeed:
    """A feed that has an address, since when, and its last fetch if there was one."""

    since: datetime
    fetch: FeedFetch | None


@dataclass(frozen=True, slots=True)
class StoredBody:
    """What a feed said when it was made last: of which state of things (`basis`), and the entity tag of it."""

    basis: str
    etag: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that a token opened. `changed_at` is when one of its owner's bookings changed last, None for none."""

    owner: FeedOwner
    changed_at: datetime | None
    fetch: FeedFetch | None
    stored: StoredBody | None


class FeedSession(NamedTuple):
    """As much of a session as a feed shows to its owner. A tuple of what is stored: a feed reads a thousand at once.

    `written_id` is its id as text; `is_consultant` tells which side of it the owner is on; `detail` is how much the
    centre lets be told, None for nothing.
    """

    written_id: str
    is_consultant: bool
    starts_at: datetime
    ends_at: datetime
    version: int
    updated_at: datetime
    meeting_format: str
    meeting_location: str | None
    detail: str | None = None
    other_name: str | None = None
    session_type: str | None = None

    @property
    def told(self) -> Told:
        if self.detail is None or self.session_type is None:
            return NOTHING_TOLD
        return tell(CalendarDetail(self.detail), self.other_name, SessionType(self.session_type))

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def reference(self) -> str:
        return spell_reference(bytes.fromhex(self.written_id[-8:]))


@dataclass(frozen=True, slots=True)
class ToldSeries:
    """All hours of a consultant as they recur, how often that changed since it was first told, and when."""

    series: tuple[BookableSeries, ...]
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BookableRun:
    """An unbroken run of bookable times of one rule."""

    slot_id: SlotId
    span: Span


@dataclass(frozen=True, slots=True)
class BookableHours:
    """A run as feeds tell it: `sequence` grows whenever the run that starts there changes, at `changed_at`."""

    slot_id: SlotId
    span: Span
    sequence: int
    changed_at: datetime


def merge_bookable_times(times: Iterable[BookableTime]) -> list[BookableRun]:
    """Join the times of each rule that follow on one another, in the order of their start."""
    merged: list[BookableRun] = []
    for time in sorted(times, key=lambda time: (time.slot_id, time.span.starts_at)):
        last = merged[-1] if merged else None
        if last and last.slot_id == time.slot_id and time.span.starts_at <= last.span.ends_at:
            merged[-1] = BookableRun(last.slot_id, Span(last.span.starts_at, time.span.ends_at))
        else:
            merged.append(BookableRun(time.slot_id, time.span))
    return sorted(merged, key=lambda hours: (hours.span.starts_at, hours.slot_id))


def list_changed(
    runs: Iterable[BookableRun], known: Mapping[tuple[SlotId, datetime], BookableHours]
) -> list[BookableRun]:
    """Return the runs that are not as they were told, and those told that are no more: these end where they start."""
    now = {(run.slot_id, run.span.starts_at): run for run in runs}
    changed = [run for key, run in now.items() if key not in known or known[key].span != run.span]
    gone = [
        BookableRun(told.slot_id, Span(told.span.starts_at, told.span.starts_at))
        for key, told in known.items()
        if key not in now and told.span.minutes
    ]
    return changed + gone
