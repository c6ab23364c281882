"""What was chosen in the booking modal, as the core's arguments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from creneau.bot.booking.views import DAY_BLOCK, FORMAT_BLOCK, time_block
from creneau.bot.ids import BOOK_DAY, BOOK_FORMAT, BOOK_TIME, read_time_value
from creneau.core.domain.booking import MeetingFormat
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.usecases.bookings import BookingRequest


class StaleTimes(Exception):
    """The form was sent before the times of the newly chosen day had been drawn: they are still another day's."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose times the modal shows, on which bilan. Rights are checked again by the core."""

    bilan_id: BilanId
    consultant_id: UserId


def read_shown(view: Mapping[str, Any]) -> Shown:
    metadata = json.loads(view["private_metadata"])
    return Shown(BilanId(UUID(metadata["bilan"])), UserId(UUID(metadata["consultant"])))


def read_day(view: Mapping[str, Any]) -> date:
    return date.fromisoformat(_chosen(view, DAY_BLOCK, BOOK_DAY))


def read_request(view: Mapping[str, Any]) -> BookingRequest:
    """Raises: StaleTimes, UnreadableValue."""
    shown = read_shown(view)
    block = time_block(read_day(view))
    if block not in view["state"]["values"]:
        raise StaleTimes
    slot_id, starts_at = read_time_value(_chosen(view, block, BOOK_TIME))
    return BookingRequest(
        shown.bilan_id,
        shown.consultant_id,
        starts_at,
        slot_id,
        meeting_format=MeetingFormat(_chosen(view, FORMAT_BLOCK, BOOK_FORMAT)),
    )


def _chosen(view: Mapping[str, Any], block_id: str, action_id: str) -> str:
    value: str = view["state"]["values"][block_id][action_id]["selected_option"]["value"]
    return value
