"""What was chosen in the booking form so far, and the core's arguments made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from creneau.bot.booking import ids
from creneau.bot.chooser import DAY_BLOCK, TIME_BLOCKS, StaleTimes, time_block
from creneau.bot.ids import BOOK_DAY, BOOK_FORMAT, BOOK_TIME, read_time_value, reading
from creneau.core.domain.booking import MeetingFormat, SessionType
from creneau.core.domain.hold import HoldRequest
from creneau.core.domain.ids import BilanId, SlotId, UserId
from creneau.core.usecases.bookings import BookingRequest


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in a form. Rights are checked again by the core, whatever stands here."""

    bilan_id: BilanId | None = None
    consultant_id: UserId | None = None
    first: date | None = None
    """The day that the page of days begins with."""
    minutes: int | None = None
    day: date | None = None
    day_block: str = DAY_BLOCK
    time_block: str = ""
    """The blocks as they are drawn now."""
    time: tuple[SlotId, datetime] | None = None
    meeting_format: MeetingFormat = MeetingFormat.VIDEO
    session_type: SessionType | None = None
    place: str | None = None
    """Where: an address, or a number to call."""
    link: str | None = None


def metadata(bilan_id: BilanId, consultant_id: UserId, first: date) -> str:
    """Return what a view carries with it: ids, and the page of days."""
    return json.dumps({"bilan": str(bilan_id), "consultant": str(consultant_id), "first": first.isoformat()})


def lot_of(bilan_id: BilanId, minutes: int | None) -> str:
    """Tell the times of one bilan and length from others, where there is a choice of these."""
    return f"-{minutes or ''}-{bilan_id.hex[-8:]}"


@reading()
def read_form(view: Mapping[str, Any], pressed: Mapping[str, Any] | None = None) -> Form:
    """Read a form, with the button that was pressed in it. Raises: UnreadableValue."""
    shown = json.loads(view["private_metadata"] or "{}")
    minutes_block, day_block = _find_block(view, ids.MINUTES_BLOCK), _find_block(view, DAY_BLOCK)
    bilan, minutes, day = (
        _chosen(view, *field)
        for field in (
            (ids.BILAN_BLOCK, ids.BOOK_BILAN),
            (minutes_block, ids.BOOK_MINUTES),
            (day_block, BOOK_DAY),
        )
    )
    kind, meeting_format = (
        _chosen(view, ids.KIND_BLOCK, ids.BOOK_KIND),
        _chosen(view, ids.FORMAT_BLOCK, BOOK_FORMAT),
    )
    turned_to = pressed["value"] if pressed and pressed["action_id"] in (ids.BOOK_EARLIER, ids.BOOK_LATER) else None
    form = Form(
        bilan_id=BilanId(UUID(bilan or shown["bilan"])),
        consultant_id=UserId(UUID(shown["consultant"])) if "consultant" in shown else None,
        first=date.fromisoformat(turned_to or shown["first"]) if turned_to or "first" in shown else None,
        minutes=int(minutes) if minutes else None,
        day=date.fromisoformat(day) if day and not turned_to else None,
        day_block=day_block or DAY_BLOCK,
        time_block=find_time_block(view),
        meeting_format=MeetingFormat(meeting_format) if meeting_format else MeetingFormat.VIDEO,
        session_type=SessionType(kind) if kind else None,
        place=_typed(view, ids.PLACE_BLOCK) or _typed(view, ids.PHONE_BLOCK),
        link=_typed(view, ids.LINK_BLOCK),
    )
    return replace(form, time=None if turned_to else _read_time(view, form))


def read_request(form: Form) -> BookingRequest:
    """Raises: StaleTimes."""
    if form.bilan_id is None or form.consultant_id is None or form.time is None:
        raise StaleTimes
    slot_id, starts_at = form.time
    return BookingRequest(
        form.bilan_id,
        form.consultant_id,
        starts_at,
        slot_id,
        meeting_format=form.meeting_format,
        session_type=form.session_type,
        meeting_location=form.place,
        meeting_link=form.link,
    )


def read_hold(form: Form, view_id: str) -> HoldRequest | None:
    """Return what is to be held for a form, None while no time is chosen."""
    if form.bilan_id is None or form.consultant_id is None or form.time is None:
        return None
    slot_id, starts_at = form.time
    return HoldRequest(form.bilan_id, form.consultant_id, starts_at, slot_id, reference=view_id)


def find_time_block(view: Mapping[str, Any]) -> str:
    """Return the block of the times that a view shows, nothing where it shows none."""
    return _find_block(view, TIME_BLOCKS)


def drawn_again(block_id: str) -> str:
    """Return the id under which a field forgets what stands in it."""
    return block_id.removesuffix(ids.AGAIN) if block_id.endswith(ids.AGAIN) else block_id + ids.AGAIN


def _read_time(view: Mapping[str, Any], form: Form) -> tuple[SlotId, datetime] | None:
    """Return the chosen time if it is one of the times of the day, length and bilan that are chosen by now."""
    chosen = _chosen(view, form.time_block, BOOK_TIME)
    if chosen is None or form.day is None or form.bilan_id is None:
        return None
    known = (time_block(form.day), time_block(form.day, lot_of(form.bilan_id, form.minutes)))
    return read_time_value(chosen) if form.time_block.removesuffix(ids.AGAIN) in known else None


def _find_block(view: Mapping[str, Any], prefix: str) -> str:
    return next((block["block_id"] for block in view["blocks"] if block["block_id"].startswith(prefix)), "")


def _chosen(view: Mapping[str, Any], block_id: str, action_id: str) -> str | None:
    element = view["state"]["values"].get(block_id, {}).get(action_id, {})
    option = element.get("selected_option")
    return option["value"] if option else None


def _typed(view: Mapping[str, Any], block_id: str) -> str | None:
    value: str | None = view["state"]["values"].get(block_id, {}).get(ids.BOOK_PLACE, {}).get("value")
    return value
