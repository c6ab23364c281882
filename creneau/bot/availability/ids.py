"""The names that Slack sends back from the availability modal, and the ids that ride in its menus."""

from enum import StrEnum
from uuid import UUID

from creneau.bot.ids import UnreadableValue
from creneau.core.domain.ids import ExceptionId, SlotId

AVAILABILITY_COMMAND = "/availability"
AVAILABILITY_OPEN = "availability_open"
HOURS_ADD = "hours_add"
HOURS_MENU = "hours_menu"
HOURS_REPEAT = "hours_repeat"
HOURS_VIEW = "hours"
TIME_OFF_ADD = "time_off_add"
TIME_OFF_KIND = "time_off_kind"
TIME_OFF_REMOVE = "time_off_remove"
TIME_OFF_VIEW = "time_off"
CONFIRM_VIEW = "availability_confirm"

_VERSION = "v1"


class HoursAct(StrEnum):
    """What the menu beside a window offers."""

    CHANGE = "change"
    PAUSE = "pause"
    RESUME = "resume"
    DELETE = "delete"


def hours_value(act: HoursAct, slot_id: SlotId) -> str:
    return f"{_VERSION}|{act}|{slot_id}"


def read_hours_value(value: str) -> tuple[HoursAct, SlotId]:
    """Raises: UnreadableValue."""
    try:
        version, act, slot_id = value.split("|")
        if version == _VERSION:
            return HoursAct(act), SlotId(UUID(slot_id))
    except ValueError as error:
        raise UnreadableValue(value) from error
    raise UnreadableValue(value)


def time_off_value(exception_id: ExceptionId) -> str:
    return f"{_VERSION}|{exception_id}"


def read_time_off_value(value: str) -> ExceptionId:
    """Raises: UnreadableValue."""
    version, _, exception_id = value.partition("|")
    try:
        if version == _VERSION:
            return ExceptionId(UUID(exception_id))
    except ValueError as error:
        raise UnreadableValue(value) from error
    raise UnreadableValue(value)
