"""Which reminders a session has, when they go out, and which never do.

Peers, section 2: row 18 (nothing for the old time), row 19 (one row a version, kind and recipient; too late is
skipped), row 20 (a lease that runs out is another worker's). Domain R6 and section 4.3, number 16 (quiet hours).
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creneau.bot.reminders.views import after_session
from creneau.core.domain.booking import Status
from creneau.core.domain.errors import BookingNotFound, BookingTooEarly, IllegalTransition, NotAllowed, RatingInvalid
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Role, User
from creneau.core.domain.policy import DEFAULT_POLICY, PolicyChoices
from creneau.core.domain.quiet_hours import QuietHours
from creneau.core.domain.reminders import CHASES, ReminderState, ReminderType, plan_reminders, reason_to_skip
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.reminders import ReminderService
from creneau.core.storage import policies
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock

PARIS = ZoneInfo("Europe/Paris")
TEN = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)  # Wednesday, 10:00 in Paris
LONG_BEFORE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
QUIET = QuietHours(time(20), time(8))


def person(role: Role, timezone: str = "Europe/Paris") -> User:
    id_ = UserId(UUID(int=list(Role).index(role) + 1))
    return User(id_, OrganizationId(UUID(int=9)), role, "Marie Durand", "marie@example.org", timezone, "fr", None)


def planned(starts_at: datetime, now: datetime = LONG_BEFORE, zone: str = "Europe/Paris", **policy):
    plan = plan_reminders(
        starts_at,
        person(Role.CONSULTANT),
        person(Role.BENEFICIARY, zone),
        replace(DEFAULT_POLICY, **policy),
        now,
    )
    return {reminder.type: reminder for reminder in plan}


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def at(starts_at: datetime, type_: ReminderType, **options) -> datetime:
    return planned(starts_at, **options)[type_].scheduled_time


def book(centre: Centre, starts_at: datetime = TEN):
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    )


def confirmed(centre: Centre, starts_at: datetime = TEN):
    return centre.scheduling.confirm_booking(centre.actor(centre.consultant), book(centre, starts_at).id)


def written(centre: Centre, database: Database, clock: MovableClock, booking_id):
    return ReminderService(database, clock).list_of_booking(centre.actor(centre.admin), booking_id)


def test_both_sides_are_reminded_a_day_and_an_hour_before():
    assert {type_: reminder.scheduled_time for type_, reminder in planned(TEN).items()} == {
        ReminderType.BENEFICIARY_24H: TEN - timedelta(hours=24),
        ReminderType.CONSULTANT_24H: TEN - timedelta(hours=24),
        ReminderType.BENEFICIARY_1H: TEN - timedelta(hours=1),
        ReminderType.CONSULTANT_1H: TEN - timedelta(hours=1),
    }


def test_the_policy_adds_three_days_before():
    with_three = planned(TEN, reminds_three_days_before=True)
    # Three days before Wednesday is a Sunday.
    assert at(TEN, ReminderType.BENEFICIARY_3D, reminds_three_days_before=True) == paris("2026-11-28T19:59")
    assert with_three[ReminderType.BENEFICIARY_3D].recipient_id == person(Role.BENEFICIARY).id


@pytest.mark.parametrize(
    ("session", "reminded"),
    [
        ("2026-12-02T07:30", "2026-11-30T19:59"),  # before eight: the evening before
        ("2026-12-02T20:00", "2026-12-01T19:59"),  # from eight in the evening on: a minute earlier
        ("2026-12-02T19:59", "2026-12-01T19:59"),
        ("2026-12-02T08:00", "2026-12-01T08:00"),
        ("2026-12-07T10:00", "2026-12-05T19:59"),  # a Monday: not on Sunday
        ("2026-12-08T07:00", "2026-12-05T19:59"),  # Monday at seven: not Sunday evening either
        ("2026-03-29T09:00", "2026-03-28T08:00"),  # 24 hours, not a day on the wall, when the clocks change
    ],
)
def test_a_reminder_in_quiet_hours_goes_out_in_the_last_minute_before_them(session: str, reminded: str):
    assert at(paris(session), ReminderType.BENEFICIARY_24H, now=datetime(2026, 1, 1, tzinfo=UTC)) == paris(reminded)


def test_an_early_session_is_still_reminded_an_hour_before():
    assert at(paris("2026-12-02T08:30"), ReminderType.BENEFICIARY_1H) == paris("2026-12-02T07:30")


def test_quiet_hours_are_those_of_the_recipient():
    reminders = planned(TEN, zone="America/Martinique")  # five in the morning there
    there = reminders[ReminderType.BENEFICIARY_24H].scheduled_time.astimezone(ZoneInfo("America/Martinique"))
    assert there.replace(tzinfo=None) == datetime(2026, 11, 30, 19, 59)  # noqa: DTZ001 - a wall clock
    assert reminders[ReminderType.CONSULTANT_24H].scheduled_time == TEN - timedelta(hours=24)


def test_what_was_due_before_it_was_booked_is_skipped():
    states = {type_: r.state for type_, r in planned(TEN, now=TEN - timedelta(hours=20)).items()}
    assert states == {
        ReminderType.BENEFICIARY_24H: ReminderState.SKIPPED,
        ReminderType.CONSULTANT_24H: ReminderState.SKIPPED,
        ReminderType.BENEFICIARY_1H: ReminderState.DUE,
        ReminderType.CONSULTANT_1H: ReminderState.DUE,
    }


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.sampled_from(["Europe/Paris", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
    st.times(),
    st.times(),
)
def test_a_moved_instant_is_never_quiet_and_never_on_the_wrong_side(
    instant: datetime, zone_name: str, begins: time, ends: time
):
    quiet, zone = QuietHours(begins, ends), ZoneInfo(zone_name)
    before, after = quiet.last_before(instant, zone), quiet.first_after(instant, zone)
    assert timedelta() <= instant - before < timedelta(days=3, hours=3)
    assert timedelta(hours=-1) <= after - instant < timedelta(days=3, hours=3)
    if not quiet.are_on(instant, zone):
        assert (before, after) == (instant, instant)


def test_the_default_quiet_hours_are_kept_for_every_minute_of_two_weeks():
    start = paris("2026-10-19T00:00")  # the clocks change within
    for minute in range(0, 14 * 24 * 60, 7):
        instant = start + timedelta(minutes=minute)
        for moved in (QUIET.last_before(instant, PARIS), QUIET.first_after(instant, PARIS)):
            wall = moved.astimezone(PARIS)
            assert time(8) <= wall.time() < time(20)
            assert wall.isoweekday() != 7


@pytest.mark.parametrize("status", Status)
def test_only_confirmed_sessions_are_reminded_of_and_only_completed_ones_asked_about(centre: Centre, status: Status):
    booking = replace(book(centre), status=status)
    before = {
        Status.SCHEDULED: "not_confirmed",
        Status.CONFIRMED: None,
    }.get(status, "not_live")
    assert reason_to_skip(ReminderType.BENEFICIARY_24H, booking, TEN - timedelta(hours=24)) == before
    after = None if status is Status.COMPLETED else "not_completed"
    assert reason_to_skip(ReminderType.BENEFICIARY_POST_SESSION, booking, TEN + timedelta(hours=2)) == after


def test_a_reminder_of_a_session_that_has_begun_is_too_late(centre: Centre):
    assert reason_to_skip(ReminderType.BENEFICIARY_1H, confirmed(centre), TEN) == "too_late"


def test_the_reminders_written_are_those_planned_with_the_policy(
    centre: Centre, database: Database, clock: MovableClock
):
    with database.transaction(centre.organization.id) as tx:
        choices = PolicyChoices(reminds_three_days_before=True)
        policies.save(tx, centre.organization.id, uuid4(), None, choices, clock.now())

    friday = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)
    of_booking = written(centre, database, clock, book(centre, friday).id)
    reminders = [reminder for reminder in of_booking if reminder.type not in CHASES]

    assert (reminders[0].type, reminders[0].scheduled_time) == (
        ReminderType.BENEFICIARY_3D,
        friday - timedelta(days=3),
    )
    assert len(reminders) == 5
    assert {reminder.booking_version for reminder in reminders} == {1}


def test_a_session_that_took_place_is_asked_about_when_it_is_over(
    centre: Centre, database: Database, clock: MovableClock
):
    booking = confirmed(centre)
    clock.set(TEN + timedelta(minutes=50))

    completed = centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=True)

    assert (completed.status, completed.attended, completed.completed_at) == (Status.COMPLETED, True, clock.now())
    asked = [r for r in written(centre, database, clock, booking.id) if r.state is ReminderState.DUE]
    assert [(r.type, r.scheduled_time, r.recipient_id) for r in asked] == [
        (ReminderType.BENEFICIARY_POST_SESSION, booking.span.ends_at, centre.beneficiary.id)
    ]


def test_what_is_asked_after_a_session_waits_for_the_morning(centre: Centre, database: Database, clock: MovableClock):
    booking = confirmed(centre)
    clock.set(paris("2026-12-05T21:00"))  # Saturday evening

    centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=True)

    asked = [r for r in written(centre, database, clock, booking.id) if r.state is ReminderState.DUE]
    assert [r.scheduled_time for r in asked] == [paris("2026-12-07T08:00")]


def test_nobody_is_asked_about_a_session_they_missed(centre: Centre, database: Database, clock: MovableClock):
    booking = confirmed(centre)
    clock.set(TEN)

    missed = centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=False, rating=5)

    assert (missed.status, missed.attended, missed.beneficiary_rating) == (Status.NO_SHOW, False, None)
    assert ReminderState.DUE not in {r.state for r in written(centre, database, clock, booking.id)}


def test_the_question_is_written_once_however_often_it_is_asked_for(
    centre: Centre, database: Database, clock: MovableClock
):
    booking = confirmed(centre)
    consultant = centre.actor(centre.consultant)
    with pytest.raises(IllegalTransition):
        centre.scheduling.create_post_session_reminder(consultant, booking.id)
    clock.set(TEN)
    centre.scheduling.complete_session(consultant, booking.id, attended=True)

    again = [centre.scheduling.create_post_session_reminder(consultant, booking.id) for _ in range(2)]

    found = [r for r in written(centre, database, clock, booking.id) if r.type is ReminderType.BENEFICIARY_POST_SESSION]
    assert again == found * 2
    with pytest.raises(NotAllowed):
        centre.scheduling.create_post_session_reminder(centre.actor(centre.beneficiary), booking.id)
    stranger, _ = centre.add_beneficiary()
    with pytest.raises(BookingNotFound):
        centre.scheduling.create_post_session_reminder(centre.actor(stranger), booking.id)


def test_a_session_is_over_only_from_its_start_on(centre: Centre, clock: MovableClock):
    booking = confirmed(centre)
    clock.set(TEN - timedelta(minutes=1))

    with pytest.raises(BookingTooEarly):
        centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=True)
    started = centre.scheduling.start_session(centre.actor(centre.consultant), booking.id)
    assert (started.status, started.started_at) == (Status.IN_PROGRESS, clock.now())
    with pytest.raises(BookingTooEarly):
        centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=True)


def test_a_rating_recorded_with_the_session_is_kept_with_who_recorded_it(centre: Centre, clock: MovableClock):
    booking = confirmed(centre)
    clock.set(TEN)
    consultant = centre.actor(centre.consultant)
    with pytest.raises(RatingInvalid):
        centre.scheduling.complete_session(consultant, booking.id, attended=True, rating=6)

    completed = centre.scheduling.complete_session(consultant, booking.id, True, 4, " Très utile ")  # noqa: FBT003

    assert (completed.beneficiary_rating, completed.beneficiary_feedback) == (4, "Très utile")
    assert (completed.rated_by, completed.rated_at) == (centre.consultant.id, clock.now())


def test_the_question_reads_well_in_both_languages(centre: Centre, clock: MovableClock, database: Database):
    booking = confirmed(centre)
    clock.set(TEN)
    centre.scheduling.complete_session(centre.actor(centre.consultant), booking.id, attended=True)
    files = BookingFileService(database, clock)
    file = files.get_booking_file(centre.organization.id, booking.id)

    said = {locale: after_session(replace(centre.beneficiary, locale=locale), file) for locale in ("fr", "en")}

    assert said["fr"].text == (
        "Comment s’est passé votre rendez-vous du mercredi 2 décembre 2026 à 10:00 (heure de Paris)\N{NO-BREAK SPACE}?"
    )
    assert said["en"].text == "How did your appointment on Wednesday 2 December 2026 at 10:00 (Paris time) go?"
    assert [block["type"] for block in said["fr"].blocks] == ["section", "context", "actions"]
