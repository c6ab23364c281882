"""AvailabilityService: what consultants and administrators decide about offered time, and everybody's times at once."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.events import CalendarPushWanted
from creneau.core.domain.ids import BookingId, ExceptionId, SlotId, UserId
from creneau.core.domain.offers import OpenTimes
from creneau.core.domain.people import Actor
from creneau.core.domain.policy import Policy, PolicyChoices, PolicyInForce
from creneau.core.domain.slot_change import SlotChange
from creneau.core.domain.time_off import OtherHours, TimeOff, TimeOffDraft
from creneau.core.holidays import Holiday
from creneau.core.services.following import Follow, follow_nothing
from creneau.core.storage import calendar_links, feeds, jobs
from creneau.core.storage import policies as storage
from creneau.core.storage import slots as slot_storage
from creneau.core.storage import time_off as time_off_storage
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit, hours_calendars, idempotency, policies, slots, time_off
from creneau.core.usecases.availability import list_open_times

_TWO_WEEKS = timedelta(days=14)
_A_YEAR = timedelta(days=366)


class AvailabilityService:
    """Every method raises `core.domain.errors.Refusal` for a no. Sessions that are booked outlast any change here."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: Callable[[], UUID],
        follow: Follow = follow_nothing,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._follow = follow

    def list_availability_slots(self, actor: Actor, consultant_id: UserId) -> list[AvailabilitySlot]:
        with self._database.transaction(actor.organization_id) as tx:
            return slots.list_slots(tx, actor, consultant_id)

    def create_availability_slots(
        self, actor: Actor, consultant_id: UserId, drafts: Sequence[SlotDraft], idempotency_key: str | None = None
    ) -> list[AvailabilitySlot]:
        """Add rules to a consultant's week, all of them or none."""
        now = self._clock.now()
        request = slots.to_request(consultant_id, drafts)
        with self._database.transaction(actor.organization_id) as tx:
            earlier = idempotency.find_earlier(tx, actor, idempotency_key, "availability_slots", request, now)
            if earlier is not None:
                return slot_storage.list_made(tx, actor.organization_id, earlier)
            added = slots.add_slots(tx, actor, consultant_id, drafts, self._new_id)
            idempotency.keep(tx, actor, idempotency_key, [slot.id for slot in added])
            for slot in added:
                self._record(tx, actor, "created", "availability_slot", slot.id, now)
            self._tell(tx, actor, consultant_id, now)
            return added

    def update_availability_slot(
        self, actor: Actor, slot_id: SlotId, change: SlotDraft | SlotChange
    ) -> AvailabilitySlot:
        """Put another rule in the place of one, or change what is given.

        `preview_slot_change` tells which sessions it leaves outside.
        """
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            slot = slots.update_slot(tx, actor, slot_id, change, now)
            self._record(tx, actor, "updated", "availability_slot", slot_id, now)
            self._tell(tx, actor, slot.consultant_id, now)
            return slot

    def delete_availability_slot(self, actor: Actor, slot_id: SlotId) -> None:
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            slot = slots.delete_slot(tx, actor, slot_id, now)
            self._record(tx, actor, "deleted", "availability_slot", slot_id, now)
            self._tell(tx, actor, slot.consultant_id, now)

    def preview_slot_change(
        self, actor: Actor, slot_id: SlotId, change: SlotDraft | SlotChange | None
    ) -> list[BookingId]:
        """List the coming sessions that a rule would not offer any more once changed, or (None) taken away."""
        with self._database.transaction(actor.organization_id) as tx:
            return slots.list_left_outside(tx, actor, slot_id, change, self._clock.now())

    def add_time_off(
        self, actor: Actor, consultant_id: UserId, draft: TimeOffDraft, idempotency_key: str | None = None
    ) -> TimeOff:
        """Take time away from a consultant's rules, give days other hours, or work on a public holiday."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            request = {"consultant_id": consultant_id, **asdict(draft)}
            earlier = idempotency.find_earlier(tx, actor, idempotency_key, "time_off", request, now)
            if earlier is not None:
                return time_off_storage.get_made(tx, actor.organization_id, earlier[0])
            added = time_off.add_time_off(tx, actor, consultant_id, draft, self._new_id(), now)
            idempotency.keep(tx, actor, idempotency_key, [added.id])
            self._record(tx, actor, "created", "time_off", added.id, now)
            self._tell(tx, actor, consultant_id, now)
            return added

    def preview_time_off(self, actor: Actor, consultant_id: UserId, draft: TimeOffDraft) -> list[BookingId]:
        """List the coming sessions that an exception would leave outside; none of them is touched by it."""
        with self._database.transaction(actor.organization_id) as tx:
            left = time_off.list_left_outside(tx, actor, consultant_id, draft, self._clock.now())
            return [booking.id for booking in left]

    def preview_other_hours(self, actor: Actor, consultant_id: UserId, hours: OtherHours) -> list[BookingId]:
        """List the coming sessions of a day that its new hours would leave outside."""
        with self._database.transaction(actor.organization_id) as tx:
            left = time_off.list_outside_other_hours(tx, actor, consultant_id, hours, self._clock.now())
            return [booking.id for booking in left]

    def set_other_hours(self, actor: Actor, consultant_id: UserId, hours: OtherHours) -> TimeOff:
        """Give one day hours of its own in place of the week's, all of it or nothing."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            closed, opened = time_off.set_other_hours(tx, actor, consultant_id, hours, self._new_id, now)
            self._record(tx, actor, "created", "time_off", closed.id, now)
            for slot in opened:
                self._record(tx, actor, "created", "availability_slot", slot.id, now)
            self._tell(tx, actor, consultant_id, now)
            return closed

    def list_holidays(self, actor: Actor, consultant_id: UserId, days_ahead: int, locale: str) -> list[Holiday]:
        """List the public holidays from today on that close a consultant's week, or would if they were not worked."""
        first = self._clock.now().date()
        with self._database.transaction(actor.organization_id) as tx:
            last = first + timedelta(days=days_ahead)
            return time_off.list_holidays(tx, actor, consultant_id, first, last, locale)

    def remove_time_off(self, actor: Actor, exception_id: ExceptionId) -> None:
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            removed = time_off.remove_time_off(tx, actor, exception_id, now)
            self._record(tx, actor, "deleted", "time_off", exception_id, now)
            self._tell(tx, actor, removed.consultant_id, now)

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
            told = storage.get_of_organization(tx, actor.organization_id).calendar_detail
            policy = policies.set_policy(tx, actor, consultant_id, choices, policy_id, now)
            if consultant_id is None and policy.calendar_detail is not told:
                self._tell_anew(tx, actor, now)
            self._record(tx, actor, "updated", "policy", consultant_id or actor.organization_id, now)
            self._tell(tx, actor, consultant_id, now)
            return policy

    def get_policy(self, actor: Actor, consultant_id: UserId | None) -> PolicyInForce:
        """Return what the organization chose (None), or one consultant, and what is in force."""
        with self._database.transaction(actor.organization_id) as tx:
            return policies.get_policy(tx, actor, consultant_id)

    def list_open_times(self, actor: Actor, date_from: date | None = None, date_to: date | None = None) -> OpenTimes:
        """List the times of all consultants that can be booked, two weeks from today unless said otherwise."""
        now = self._clock.now()
        first = date_from or now.date()
        last = date_to or min(first, date.max - _TWO_WEEKS) + _TWO_WEEKS
        with self._database.transaction(actor.organization_id) as tx:
            return list_open_times(tx, actor.organization_id, first, last, now, actor.user_id)

    def _tell(self, tx: Transaction, actor: Actor, consultant_id: UserId | None, now: datetime) -> None:
        """Let hours that are shown in calendars follow: the consultant's, or (None) those of the organization."""
        for changed in hours_calendars.list_changed(tx, actor.organization_id, consultant_id, now):
            jobs.add(tx, self._follow(changed))

    def _tell_anew(self, tx: Transaction, actor: Actor, now: datetime) -> None:
        """Let what stands in calendars and feeds say what it may say from now on."""
        feeds.forget_bodies(tx, actor.organization_id)
        for consultant_id in calendar_links.list_linked(tx, actor.organization_id):
            jobs.add(tx, self._follow(CalendarPushWanted(actor.organization_id, consultant_id, now)))

    def _record(
        self, tx: Transaction, actor: Actor, action: str, subject: str, subject_id: UUID, now: datetime
    ) -> None:
        audit.record(tx, actor, action, subject, subject_id, now, self._new_id)
