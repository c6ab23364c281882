"""Rules made many at once, changed in part, paused, and made again under the same key."""

from datetime import date, time

import pytest

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.errors import IdempotencyKeyReused, InvalidSlot, NotAllowed
from creneau.core.domain.slot_change import SlotChange
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.services.availability import AvailabilityService
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, new_id, weekly

A_WEEK_OFF = TimeOffDraft(date(2026, 12, 7), date(2026, 12, 11), "Europe/Paris")


@pytest.fixture
def availability(database: Database, clock: MovableClock) -> AvailabilityService:
    return AvailabilityService(database, clock, new_id)


def test_many_rules_are_added_at_once_or_none(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    before = availability.list_availability_slots(actor, centre.consultant.id)

    with pytest.raises(InvalidSlot):
        availability.create_availability_slots(actor, centre.consultant.id, [weekly(6), weekly(7), weekly(0)])
    assert availability.list_availability_slots(actor, centre.consultant.id) == before

    added = availability.create_availability_slots(actor, centre.consultant.id, [weekly(6), weekly(0)])
    assert [slot.day_of_week for slot in added] == [6, 0]
    assert len(availability.list_availability_slots(actor, centre.consultant.id)) == len(before) + 2


def test_the_same_rules_under_the_same_key_are_added_once(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    drafts = [weekly(6), weekly(0)]
    added = availability.create_availability_slots(actor, centre.consultant.id, drafts, "key")

    assert availability.create_availability_slots(actor, centre.consultant.id, drafts, "key") == added
    availability.delete_availability_slot(actor, added[0].id)
    again = availability.create_availability_slots(actor, centre.consultant.id, drafts, "key")
    assert [slot.id for slot in again] == [slot.id for slot in added]
    with pytest.raises(IdempotencyKeyReused):
        availability.create_availability_slots(actor, centre.consultant.id, drafts[:1], "key")
    with pytest.raises(IdempotencyKeyReused):
        availability.add_time_off(actor, centre.consultant.id, A_WEEK_OFF, "key")


def test_the_same_time_off_under_the_same_key_is_added_once(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    added = availability.add_time_off(actor, centre.consultant.id, A_WEEK_OFF, "key")

    assert availability.add_time_off(actor, centre.consultant.id, A_WEEK_OFF, "key") == added
    assert availability.list_time_off(actor, centre.consultant.id) == [added]


def test_the_same_bilan_under_the_same_key_is_opened_once_and_only_by_an_administrator(centre: Centre):
    people, pair = centre.people, (centre.beneficiary, centre.consultant, 840)
    opened = people.open_bilan(*pair, actor=centre.actor(centre.admin), idempotency_key="key")

    assert people.open_bilan(*pair, actor=centre.actor(centre.admin), idempotency_key="key") == opened
    with pytest.raises(NotAllowed):
        people.open_bilan(*pair, actor=centre.actor(centre.consultant))


def test_what_a_change_does_not_give_stays(centre: Centre, availability: AvailabilityService):
    actor, slot = centre.actor(centre.consultant), centre.slots[0]

    changed = availability.update_availability_slot(
        actor, slot.id, SlotChange(end_time=time(12), recurring_until=date(2026, 12, 31))
    )
    assert (changed.start_time, changed.end_time, changed.day_of_week) == (time(9), time(12), 1)

    endless = availability.update_availability_slot(actor, slot.id, SlotChange(recurs_forever=True))
    assert (endless.recurring_until, endless.end_time) == (None, time(12))

    once = availability.update_availability_slot(actor, slot.id, SlotChange(date_specific=date(2026, 12, 5)))
    assert (once.day_of_week, once.date_specific) == (None, date(2026, 12, 5))
    assert (once.created_at, once.updated_at) == (slot.created_at, changed.updated_at)


def test_a_paused_rule_offers_nothing_and_comes_back(centre: Centre, availability: AvailabilityService):
    actor, tuesday = centre.actor(centre.consultant), centre.slots[1]

    def starts() -> int:
        day = date(2026, 12, 1)
        return len(centre.scheduling.get_available_slots_for_consultant(actor, centre.consultant.id, day, day))

    paused = availability.update_availability_slot(actor, tuesday.id, SlotChange(is_available=False))
    assert (paused.is_available, starts()) == (False, 0)
    availability.update_availability_slot(actor, tuesday.id, SlotChange(is_available=True))
    assert starts() == 8


def test_a_draft_may_be_made_of_a_change_of_everything():
    change = SlotChange(time(8), time(9), "UTC", 0, None, 30, 2, date(2027, 1, 1), is_available=False)
    slot = SlotDraft(time(8), time(9), "UTC", 0, None, 30, 2, date(2027, 1, 1), is_available=False)

    assert change.to_draft(slot) == slot
