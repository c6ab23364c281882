"""What was entered in the windows of an answer, as the core's arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from creneau.bot import inputs
from creneau.bot.answering.ids import OWN_DAY_BLOCK, OWN_TIME_BLOCK, REASON_BLOCK, TIMES_BLOCK
from creneau.bot.ids import read_time_value, reading
from creneau.core.domain.availability import resolve_local
from creneau.core.i18n.reader import Reader


@dataclass(frozen=True, slots=True)
class Proposed:
    """The starts chosen from the list, and the one entered by hand."""

    listed: tuple[datetime, ...]
    own: datetime | None
    has_list: bool

    @property
    def starts(self) -> list[datetime]:
        return [*self.listed, *([self.own] if self.own else [])]

    def field_of(self, starts_at: datetime | None) -> str:
        """Return the block that a start was entered in."""
        is_own = self.own is not None and (not self.listed or starts_at == self.own)
        return OWN_DAY_BLOCK if is_own or not self.has_list else TIMES_BLOCK


def read_reason(view: Mapping[str, Any]) -> str | None:
    return inputs.typed(view, REASON_BLOCK)


def has_half_a_time(view: Mapping[str, Any]) -> bool:
    """Whether a day was entered without a time, or a time without a day."""
    return (inputs.picked(view, OWN_DAY_BLOCK) is None) != (inputs.picked(view, OWN_TIME_BLOCK) is None)


@reading()
def read_proposed(view: Mapping[str, Any], reader: Reader) -> Proposed:
    """Raises: UnreadableValue, `time.does_not_exist` for a time that the clocks jump over."""
    listed = tuple(read_time_value(value)[1] for value in inputs.all_chosen(view, TIMES_BLOCK))
    day, wall = inputs.picked(view, OWN_DAY_BLOCK), inputs.picked(view, OWN_TIME_BLOCK)
    has_list = TIMES_BLOCK in view["state"]["values"]
    if day is None or wall is None:
        return Proposed(listed, None, has_list)
    own = resolve_local(date.fromisoformat(day), time.fromisoformat(wall), reader.timezone)
    return Proposed(listed, own, has_list)
