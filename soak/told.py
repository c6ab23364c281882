"""What people were told of what they asked for: that it is done, that it is refused, or nothing that says which."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was answered with a yes: the booking's version that came of it, and where the session stood then."""

    booking_id: str
    action: str
    version: int
    starts_at: datetime
    proposal_id: str | None = None
    """Which of the times proposed was taken."""


@dataclass(slots=True)
class Told:
    """Of all people at once. Actions are named as the history names them."""

    booked: dict[str, str] = field(default_factory=dict)
    """Bookings made, by the key of their request."""
    refused: set[str] = field(default_factory=set)
    acts: list[Done] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an act on a booking was asked for without an answer: one was lost, or Slack gives none to a click."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_act(self, action: str, booking: Mapping[str, Any], proposal_id: str | None = None) -> None:
        """Remember a yes, with the booking as it was answered."""
        at = datetime.fromisoformat(booking["starts_at"])
        with self.lock:
            self.acts.append(Done(booking["id"], action, booking["version"], at, proposal_id))

    def doubt(self, booking_id: str, action: str, times: int = 1) -> None:
        """Remember that an act may have been done, so many times at most."""
        with self.lock:
            self.unknown[booking_id, action] += times

    def __str__(self) -> str:
        return (
            f"{len(self.booked)} bookings, {len(self.refused)} refusals, {len(self.acts)} acts, "
            f"{self.unknown.total()} unknown"
        )
