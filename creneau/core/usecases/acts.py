"""Acts on bookings: the row as an act leaves it, and all that is recorded of it when everything else is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from creneau.core.domain.analytics import SessionNumbers, changed_days
from creneau.core.domain.audit import AuditLine
from creneau.core.domain.booking import Booking
from creneau.core.domain.events import Event
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.jobs import Job
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.people import Actor
from creneau.core.domain.proposal import ProposalState
from creneau.core.storage import acts, analytics, bookings, proposals
from creneau.core.storage.acts import Record
from creneau.core.storage.database import Transaction
from creneau.core.usecases import audit

_CLOSES_PROPOSALS_AS = {Action.REFUSE: ProposalState.REFUSED}


@dataclass(frozen=True, slots=True)
class Act:
    """What is done, by whom and why. No actor: the clock."""

    action: Action
    actor: Actor | None
    reason: str | None = None
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A booking before an act (None: there was none) and after it, and what is told of it.

    No act: nothing that the history of a booking keeps, such as a rating.
    """

    before: Booking | None
    after: Booking
    act: Act | None
    event: Event


def write(tx: Transaction, after: Booking, act: Act) -> None:
    """Save a booking as an act leaves it, and end the proposals that it overtakes.

    Its version must have grown; its time is written by `usecases.moves`. `conclude` records the act.
    """
    bookings.save(tx, after)
    state = _CLOSES_PROPOSALS_AS.get(act.action, ProposalState.SUPERSEDED)
    proposals.close_open(tx, after.organization_id, after.id, state, after.updated_at)


def conclude(
    tx: Transaction, actor: Actor | None, done: str, change: Change, job: Job | None, new_id: Callable[[], UUID]
) -> Booking:
    """Record a change: history, the numbers of its days, the audit line (`done`, in the past tense), what follows.

    Comes after all that may wait for other bookings: the rows of the days are locked until commit.

    Raises: `request.repeated`, as `usecases.audit` has it.
    """
    before, after = change.before, change.after
    audit.require_first(tx, actor, after.updated_at)
    days = list(changed_days(before, after).items())
    for day, numbers in days[:-1]:
        analytics.add_to_day(tx, after.organization_id, after.consultant_id, day, numbers, after.updated_at)
    acts.record(tx, to_record(actor, done, change, days[-1] if days else None, job, new_id))
    if before is not None and before.local.day != after.local.day:
        analytics.remove_empty(tx, after.organization_id, after.consultant_id)
    return after


def to_record(
    actor: Actor | None,
    done: str,
    change: Change,
    numbers: tuple[date, SessionNumbers] | None,
    job: Job | None,
    new_id: Callable[[], UUID],
) -> Record:
    """Return what is recorded of a change, with what it adds to the numbers of one day."""
    after = change.after
    line = AuditLine(new_id(), after.updated_at, actor.user_id if actor else None, done, "booking", after.id)
    return Record(after, line, _to_entry(change), numbers, job)


def _to_entry(change: Change) -> HistoryEntry | None:
    before, after, act = change.before, change.after, change.act
    if act is None:
        return None
    return HistoryEntry(
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
