"""What services ask when something happened, without knowing what follows from it."""

from typing import Protocol

from creneau.core.domain.events import Event
from creneau.core.domain.jobs import Job


class Follow(Protocol):
    """Says which job follows from an event; None: nothing does. It is written in the event's own transaction."""

    def __call__(self, event: Event) -> Job | None: ...


def follow_nothing(event: Event) -> Job | None:  # noqa: ARG001 - as `Follow` names it
    """Nothing follows: where nobody is there to do it."""
    return None
