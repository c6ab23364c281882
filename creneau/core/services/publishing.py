"""What services tell of what happened, without knowing what follows."""

from typing import Protocol

from creneau.core.domain.events import Event
from creneau.core.storage.database import Transaction


class Publish(Protocol):
    """Writes what follows from an event into the event's own transaction."""

    def __call__(self, tx: Transaction, event: Event) -> None: ...
