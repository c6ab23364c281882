"""The history of all bookings as the database has it: what was done with each, in order, and what it was meanwhile."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Row = Mapping[str, Any]

_MEANWHILE = timedelta(minutes=30)
"""How many minutes of the service may pass between a transaction's look at the clock and its commit."""


@dataclass(frozen=True, slots=True)
class State:
    """What an act made of a booking, up to and without `until`."""

    action: str
    status: str
    starts_at: datetime
    since: datetime
    until: datetime | None

    def may_be_at(self, at: datetime) -> bool:
        """Tell whether somebody who looked at a time may have seen this."""
        return self.since <= at + _MEANWHILE and (self.until is None or self.until >= at - _MEANWHILE)

    def may_be_before_start(self, at: datetime) -> bool:
        return at < self.starts_at + _MEANWHILE


class History:
    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = sorted(rows, key=lambda one: one["version"])
        self._acts: dict[Any, list[Row]] = defaultdict(list)
        for act in self.rows:
            self._acts[act["booking_id"]].append(act)

    def __iter__(self) -> Iterator[tuple[Any, list[Row]]]:
        """Yield each booking's id with all that was done with it."""
        return iter(self._acts.items())

    def acts(self, booking_id: object) -> list[Row]:
        return self._acts.get(booking_id, [])

    def states(self, booking_id: object, at: datetime) -> list[State]:
        """List what a booking may have been for whoever looked at a time."""
        acts = self.acts(booking_id)
        followed = [*(act["at"] for act in acts[1:]), None]
        states = (
            State(act["action"], act["status_after"], act["starts_at"], act["at"], until)
            for act, until in zip(acts, followed, strict=True)
        )
        return [state for state in states if state.may_be_at(at)]

    def starts_at(self, booking_id: object, version: int) -> datetime:
        """Return where the session stood after the act that made a version."""
        start: datetime = next(act["starts_at"] for act in self.acts(booking_id) if act["version"] == version)
        return start
