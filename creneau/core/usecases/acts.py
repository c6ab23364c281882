"""What every act on a booking ends with: the row, the end of proposals, history, the numbers of the day."""

from dataclasses import dataclass

from creneau.core.domain.booking import Booking
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.people import Actor
from creneau.core.domain.proposal import ProposalState
from creneau.core.storage import bookings, history, proposals
from creneau.core.storage.database import Transaction
from creneau.core.usecases import analytics

_CLOSES_PROPOSALS_AS = {Action.REFUSE: ProposalState.REFUSED}


@dataclass(frozen=True, slots=True)
class Act:
    """What is done, by whom and why. No actor: the clock."""

    action: Action
    actor: Actor | None
    reason: str | None = None
    is_override: bool = False


def write(tx: Transaction, before: Booking, after: Booking, act: Act) -> None:
    """Save a booking as an act leaves it. Its version must have grown; its time is written by `usecases.moves`."""
    bookings.save(tx, after)
    state = _CLOSES_PROPOSALS_AS.get(act.action, ProposalState.SUPERSEDED)
    proposals.close_open(tx, after.organization_id, after.id, state, after.updated_at)
    append(tx, before, after, act)


def append(tx: Transaction, before: Booking | None, after: Booking, act: Act) -> None:
    """Append an act to the history of a booking, and add it to the numbers of its day.

    Comes after all that may wait for other bookings: see `usecases.analytics`.
    """
    entry = HistoryEntry(
        version=after.version,
        action=act.action,
        status_before=before.status if before else None,
        status_after=after.status,
        actor_id=act.actor.user_id if act.actor else None,
        reason=act.reason,
        at=after.updated_at,
        starts_at=after.span.starts_at,
        is_override=act.is_override,
    )
    history.add(tx, after.organization_id, after.id, entry)
    analytics.add_change(tx, before, after)
