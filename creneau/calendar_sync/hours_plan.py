"""What has to be done for a calendar to show bookable hours, decided from what is wanted, known and listed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from creneau.calendar_sync.collection import canonical
from creneau.core.domain.hours_calendar import HoursObject
from creneau.core.domain.ids import SlotId


@dataclass(frozen=True, slots=True)
class PutHours:
    """Put a rule's hours at an href; `etag` None: nothing of ours is known there. `sequence` is what they say."""

    slot_id: SlotId
    href: str
    etag: str | None
    sequence: int


@dataclass(frozen=True, slots=True)
class AdoptEtag:
    """The server names what we put by another etag than it told us: the one to go by."""

    slot_id: SlotId
    etag: str | None


@dataclass(frozen=True, slots=True)
class RemoveHours:
    slot_id: SlotId
    href: str
    etag: str | None


HoursStep = PutHours | AdoptEtag | RemoveHours


def plan_hours(
    url: str,
    digests: Mapping[SlotId, str],
    known: Mapping[SlotId, HoursObject],
    listed: Mapping[str, str | None],
    just_put: frozenset[SlotId] = frozenset(),
) -> list[HoursStep]:
    """Return the steps that bring the calendar at `url` in line. `listed` are the etags of what stands there.

    What its owner deleted or changed there is put back: these hours are told there, not asked. What was put a moment
    ago and is listed under another etag was changed by nobody.
    """
    steps: list[HoursStep] = [
        RemoveHours(slot_id, made.href, made.etag)
        for slot_id, made in known.items()
        if slot_id not in digests or not made.href.startswith(url)
    ]
    for slot_id, digest in digests.items():
        made = known.get(slot_id)
        if made is None or not made.href.startswith(url):
            steps.append(PutHours(slot_id, f"{url}{slot_id}.ics", None, made.sequence + 1 if made else 0))
            continue
        href = canonical(made.href)
        if made.digest != digest:
            steps.append(PutHours(slot_id, made.href, made.etag, made.sequence + bool(made.digest)))
        elif href not in listed:
            steps.append(PutHours(slot_id, made.href, None, made.sequence))
        elif listed[href] is not None and listed[href] != made.etag:
            is_ours = made.etag is None or slot_id in just_put
            changed = PutHours(slot_id, made.href, made.etag, made.sequence)
            steps.append(AdoptEtag(slot_id, listed[href]) if is_ours else changed)
    return steps
