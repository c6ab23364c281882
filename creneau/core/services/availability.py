"""AvailabilityService: what consultants and administrators decide about offered time, and everybody's times at once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.ids import BookingId, ExceptionId, SlotId, UserId
from creneau.core.domain.offers import OpenTimes
from creneau.core.domain.people import Actor
from creneau.core.domain.policy import Policy, PolicyChoices
from creneau.core.domain.time_off import TimeOff, TimeOffDraft
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit, policies, slots, time_off
from creneau.core.usecases.availability import list_open_times

_TWO_WEEKS = timedelta(days=14)
_A_YEAR = timedelta(days=366)


class AvailabilityService:
    """Every method raises `core.domain.errors.Refusal` for a no. Sessions that are booked outlast any change here."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def list_availability_slots(self, actor: Actor, consultant_id: UserId) -> list[AvailabilitySlot]:
        with self._database.transaction(actor.organization_id) as tx:
            return slots.list_slots(tx, actor, consultant_id)

    def update_availability_slot(self, actor: Actor, slot_id: SlotId, draft: SlotDraft) -> AvailabilitySlot:
        """Put another rule in the place of one; `preview_slot_change` tells which sessions it leaves outside."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            slot = slots.update_slot(tx, actor, slot_id, draft, now)
            self._record(tx, actor, "updated", "availability_slot", slot_id, now)
            return slot

    def delete_availability_slot(self, actor: Actor, slot_id: SlotId) -> None:
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            slots.delete_slot(tx, actor, slot_id, now)
            self._record(tx, actor, "deleted", "availability_slot", slot_id, now)

    def preview_slot_change(self, actor: Actor, slot_id: SlotId, draft: SlotDraft | None) -> list[BookingId]:
        """List the coming sessions that a rule would not offer any more once changed, or (None) taken away."""
        with self._database.transaction(actor.organization_id) as tx:
            return slots.list_left_outside(tx, actor, slot_id, draft, self._clock.now())

    def add_time_off(self, actor: Actor, consultant_id: UserId, draft: TimeOffDraft) -> TimeOff:
        """Take time away from a consultant's rules, give days other hours, or work on a public holiday."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            added = time_off.add_time_off(tx, actor, consultant_id, draft, self._new_id(), now)
            self._record(tx, actor, "created", "time_off", added.id, now)
            return added

    def remove_time_off(self, actor: Actor, exception_id: ExceptionId) -> None:
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            time_off.remove_time_off(tx, actor, exception_id, now)
            self._record(tx, actor, "deleted", "time_off", exception_id, now)

    def list_time_off(
        self, actor: Actor, consultant_id: UserId, date_from: date | None = None, date_to: date | None = None
    ) -> list[TimeOff]:
        """List the exceptions of the days from one to another, the coming year unless said otherwise."""
        first = date_from or self._clock.now().date()
        last = date_to or min(first, date.max - _A_YEAR) + _A_YEAR
        with self._database.transaction(actor.organization_id) as tx:
            return time_off.list_time_off(tx, actor, consultant_id, first, last)

    def set_policy(self, actor: Actor, consultant_id: UserId | None, choices: PolicyChoices) -> Policy:
        """Replace what the organization chose (None), or one consultant, and return what is then in force."""
        now = self._clock.now()
        policy_id = self._new_id()
        with self._database.transaction(actor.organization_id) as tx:
            policy = policies.set_policy(tx, actor, consultant_id, choices, policy_id, now)
            self._record(tx, actor, "updated", "policy", consultant_id or actor.organization_id, now)
            return policy

    def list_open_times(self, actor: Actor, date_from: date | None = None, date_to: date | None = None) -> OpenTimes:
        """List the times of all consultants that can be booked, two weeks from today unless said otherwise."""
        now = self._clock.now()
        first = date_from or now.date()
        last = date_to or min(first, date.max - _TWO_WEEKS) + _TWO_WEEKS
        with self._database.transaction(actor.organization_id) as tx:
            return list_open_times(tx, actor.organization_id, first, last, now)

    def _record(
        self, tx: Transaction, actor: Actor, action: str, subject: str, subject_id: UUID, now: datetime
    ) -> None:
        audit.record(tx, actor, action, subject, subject_id, now, self._new_id)
