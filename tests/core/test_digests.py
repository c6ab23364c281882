"""Daily digests: when they are due, to whom, and no more than one a person and day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from creneau.core.domain.diary import Diary, Part
from creneau.core.domain.errors import InvalidPreferences, UnknownZone
from creneau.core.domain.people import Role
from creneau.core.domain.preferences import DigestLease, Preferences, next_digest
from creneau.core.services.digests import DigestService
from creneau.core.services.preferences import PreferencesService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id

MONDAY_AT_EIGHT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # in Paris
TUESDAY_AT_EIGHT = MONDAY_AT_EIGHT + timedelta(days=1)
A_MINUTE = timedelta(minutes=1)
WANTED = Preferences(wants_digest=True)


class Mornings:
    """A centre whose consultant may want a digest."""

    def __init__(self, database: Database, centre: Centre, clock: MovableClock) -> None:
        self.centre = centre
        self.clock = clock
        self.digests = DigestService(database, clock)
        self._preferences = PreferencesService(database, clock, new_id)
        self.consultant = centre.actor(centre.consultant)
        clock.set(MONDAY_AT_EIGHT - timedelta(hours=10))

    def want(self, preferences: Preferences = WANTED, timezone: str = "Europe/Paris") -> None:
        self._preferences.set_preferences(self.consultant, "fr", timezone, preferences)

    def book(self, day: date, hour: int = 10) -> None:
        starts_at = datetime.combine(day, time(hour), tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
        request = BookingRequest(self.centre.bilan.id, self.centre.consultant.id, starts_at)
        booking = self.centre.scheduling.create_session_booking(self.centre.actor(self.centre.beneficiary), request)
        self.centre.scheduling.confirm_booking(self.consultant, booking.id)

    def claim(self) -> list[DigestLease]:
        """The leases of this centre: the database is shared with other tests."""
        return [lease for lease in self.digests.claim_due() if lease.organization_id == self.centre.organization.id]

    def wake(self, at: datetime) -> list[Diary]:
        """Let a morning come: what would be sent then, and is recorded as sent."""
        self.clock.set(at)
        sent = []
        for lease in self.claim():
            diary = self.digests.find_due(lease)
            if diary is not None:
                self.digests.record_sent(lease)
                sent.append(diary)
        return sent


@pytest.fixture
def mornings(database: Database, centre: Centre, clock: MovableClock) -> Mornings:
    return Mornings(database, centre, clock)


def test_a_consultant_who_wants_a_digest_gets_one_a_day_with_sessions_at_their_time(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 12, 1))

    assert mornings.wake(TUESDAY_AT_EIGHT - A_MINUTE) == []
    (diary,) = mornings.wake(TUESDAY_AT_EIGHT)
    assert diary.parts[Part.TODAY].total == 1
    assert mornings.wake(TUESDAY_AT_EIGHT + A_MINUTE) == []


def test_nobody_gets_one_who_did_not_ask(mornings: Mornings):
    mornings.book(date(2026, 12, 1))

    assert mornings.wake(TUESDAY_AT_EIGHT) == []


def test_a_quiet_day_sends_nothing_and_the_next_one_is_not_forgotten(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 12, 2))

    assert mornings.wake(MONDAY_AT_EIGHT) == []
    assert mornings.wake(TUESDAY_AT_EIGHT) == []
    assert len(mornings.wake(TUESDAY_AT_EIGHT + timedelta(days=1))) == 1


def test_an_open_request_is_worth_a_message(mornings: Mornings):
    mornings.want()
    request = BookingRequest(
        mornings.centre.bilan.id, mornings.centre.consultant.id, MONDAY_AT_EIGHT + timedelta(days=3, hours=2)
    )
    mornings.centre.scheduling.create_session_booking(mornings.centre.actor(mornings.centre.beneficiary), request)

    (diary,) = mornings.wake(MONDAY_AT_EIGHT)

    assert (diary.parts[Part.TODAY].total, diary.parts[Part.TO_ANSWER].total) == (0, 1)


def test_a_worker_that_was_down_catches_up_until_noon_and_not_later(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 12, 1), hour=15)
    mornings.book(date(2026, 12, 2), hour=15)
    mornings.wake(MONDAY_AT_EIGHT)

    assert len(mornings.wake(TUESDAY_AT_EIGHT + timedelta(hours=4) - A_MINUTE)) == 1
    assert mornings.wake(TUESDAY_AT_EIGHT + timedelta(days=1, hours=4)) == []


def test_the_morning_is_the_consultants_own(mornings: Mornings):
    mornings.want(timezone="Indian/Reunion")  # three hours ahead of Paris
    mornings.book(date(2026, 11, 30))

    assert len(mornings.wake(MONDAY_AT_EIGHT - timedelta(hours=3))) == 1


def test_two_workers_never_both_get_it_and_a_dead_one_frees_it(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 11, 30))
    mornings.clock.set(MONDAY_AT_EIGHT)
    (first,) = mornings.claim()
    assert mornings.claim() == []

    mornings.clock.set(MONDAY_AT_EIGHT + timedelta(minutes=3))
    (second,) = mornings.claim()

    assert mornings.digests.find_due(first) is None, "its lease has run out"
    assert mornings.digests.find_due(second) is not None


def test_another_time_chosen_after_todays_was_sent_is_for_tomorrow(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 11, 30))
    mornings.book(date(2026, 12, 1))
    assert len(mornings.wake(MONDAY_AT_EIGHT)) == 1

    mornings.want(Preferences(wants_digest=True, digest_at=time(9)))

    assert mornings.wake(MONDAY_AT_EIGHT + timedelta(hours=1)) == []
    assert mornings.wake(TUESDAY_AT_EIGHT) == []
    assert len(mornings.wake(TUESDAY_AT_EIGHT + timedelta(hours=1))) == 1


def test_who_does_not_want_it_any_more_gets_none(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 11, 30))

    mornings.want(Preferences(wants_digest=False))

    assert mornings.wake(MONDAY_AT_EIGHT) == []


def test_a_digest_that_could_not_be_sent_is_tried_again(mornings: Mornings):
    mornings.want()
    mornings.book(date(2026, 11, 30))
    mornings.clock.set(MONDAY_AT_EIGHT)
    (lease,) = mornings.claim()
    mornings.digests.record_postponed(lease, "ratelimited", timedelta(seconds=50))

    assert mornings.wake(MONDAY_AT_EIGHT + timedelta(seconds=49)) == []
    assert len(mornings.wake(MONDAY_AT_EIGHT + timedelta(seconds=50))) == 1


def test_only_consultants_are_sent_one(mornings: Mornings):
    centre = mornings.centre
    mornings._preferences.set_preferences(centre.actor(centre.beneficiary), "fr", "Europe/Paris", WANTED)
    mornings.book(date(2026, 11, 30))

    assert centre.beneficiary.role is Role.BENEFICIARY
    assert mornings.wake(MONDAY_AT_EIGHT) == []


def test_a_time_that_the_clocks_jump_over_leaves_the_day_out():
    at_half_past_two = Preferences(wants_digest=True, digest_at=time(2, 30))
    saturday = datetime(2027, 3, 27, 12, tzinfo=UTC)

    planned = next_digest(at_half_past_two, "Europe/Paris", saturday, None)

    assert planned == (date(2027, 3, 29), datetime(2027, 3, 29, 0, 30, tzinfo=UTC))


def test_preferences_that_cannot_be_are_refused(mornings: Mornings):
    with pytest.raises(InvalidPreferences):
        mornings.want(Preferences(wants_digest=True, digest_at=time(12)))
    with pytest.raises(UnknownZone):
        mornings.want(timezone="Europe/Nowhere")
    with pytest.raises(InvalidPreferences):
        mornings._preferences.set_preferences(mornings.consultant, "de", "Europe/Paris", WANTED)
