"""Busy time read from a consultant's own calendars: it closes what it overlaps, for as long as it stands there."""

from datetime import UTC, date, datetime, timedelta

import pytest

from creneau.core.domain.busy import BusyObject, BusyReading
from creneau.core.domain.explanation import Reason
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.time import Span
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.busy import BusyService
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, new_id

TUESDAY = date(2026, 12, 1)
NINE = datetime(2026, 12, 1, 8, tzinfo=UTC)  # 9:00 in Paris
HOME, WORK = "https://dav.example/home/", "https://dav.example/work/"


@pytest.fixture
def busy(database: Database, clock: MovableClock) -> BusyService:
    return BusyService(database, clock)


def lesson(hour: int, etag: str = '"1"', href: str = "lesson.ics") -> BusyObject:
    """An object of one UID that blocks one hour."""
    starts_at = NINE + timedelta(hours=hour)
    return BusyObject(href, etag, href.removesuffix(".ics"), (Span(starts_at, starts_at + timedelta(hours=1)),))


def record(busy: BusyService, centre: Centre, reading: BusyReading, source: str = HOME) -> None:
    busy.record_busy(centre.organization.id, centre.consultant.id, source, reading)


def closed_hours(centre: Centre) -> list[int]:
    """Return which of the eight hours of the day are not offered, counted from nine o'clock."""
    free = centre.scheduling.get_available_slots_for_consultant(
        centre.actor(centre.beneficiary), centre.consultant.id, TUESDAY, TUESDAY
    )
    offered = {(time.span.starts_at - NINE) // timedelta(hours=1) for time in free}
    return sorted(set(range(8)) - offered)


def known(busy: BusyService, centre: Centre, source: str = HOME) -> dict[str, str | None]:
    return busy.list_known_objects(centre.organization.id, centre.consultant.id, source)


def test_what_was_read_closes_what_it_overlaps(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((lesson(1), lesson(4, href="walk.ics"))))

    assert closed_hours(centre) == [1, 4]
    assert known(busy, centre) == {"lesson.ics": '"1"', "walk.ics": '"1"'}
    why = centre.scheduling.explain_slot(
        centre.actor(centre.beneficiary), centre.consultant.id, NINE + timedelta(hours=1)
    )
    assert why.reasons == (Reason.BUSY_ELSEWHERE,)


def test_a_changed_object_replaces_itself_and_nothing_else(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((lesson(1), lesson(4, href="walk.ics"))))
    record(busy, centre, BusyReading((lesson(2, etag='"2"'),)))

    assert closed_hours(centre) == [2, 4]
    assert known(busy, centre)["lesson.ics"] == '"2"'


def test_an_object_that_is_gone_closes_nothing_any_more(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((lesson(1), lesson(4, href="walk.ics"))))
    record(busy, centre, BusyReading((), gone=("lesson.ics", "never-heard-of.ics")))

    assert closed_hours(centre) == [4]


def test_a_whole_listing_forgets_what_is_not_in_it(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((lesson(1), lesson(4, href="walk.ics"))))
    record(busy, centre, BusyReading((lesson(4, href="walk.ics"),), is_whole=True))

    assert closed_hours(centre) == [4]


def test_calendars_of_one_consultant_are_kept_apart(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((lesson(1),)))
    record(busy, centre, BusyReading((lesson(4),)), WORK)
    record(busy, centre, BusyReading((), is_whole=True), WORK)
    assert closed_hours(centre) == [1]

    busy.forget_calendar(centre.organization.id, centre.consultant.id, HOME)
    assert closed_hours(centre) == []


def test_a_transparent_object_is_known_and_closes_nothing(busy: BusyService, centre: Centre):
    record(busy, centre, BusyReading((BusyObject("holiday.ics", None, "holiday", ()),)))

    assert closed_hours(centre) == []
    assert known(busy, centre) == {"holiday.ics": None}


def test_an_empty_calendar_grows_old_like_any_other(
    busy: BusyService, centre: Centre, database: Database, clock: MovableClock
):
    AvailabilityService(database, clock, new_id).set_policy(
        centre.actor(centre.consultant), centre.consultant.id, PolicyChoices(busy_max_age_minutes=60)
    )
    assert closed_hours(centre) == []  # no calendar was ever read: there is none

    record(busy, centre, BusyReading(()))
    assert closed_hours(centre) == []
    clock.move(minutes=61)
    assert closed_hours(centre) == list(range(8))
    record(busy, centre, BusyReading(()))
    assert closed_hours(centre) == []


def test_what_began_the_day_before_still_closes_the_morning(busy: BusyService, centre: Centre):
    journey = BusyObject("journey.ics", None, "journey", (Span(NINE - timedelta(hours=20), NINE + timedelta(hours=2)),))
    record(busy, centre, BusyReading((journey,)))

    assert closed_hours(centre) == [0, 1]
