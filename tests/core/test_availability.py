"""Rules and held time into bookable times. Pure: no database, no clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from creneau.core.domain.availability import horizon_ends_at, resolve_local
from creneau.core.domain.errors import LocalTimeDoesNotExist, UnknownZone
from creneau.core.domain.ids import SlotId
from creneau.core.domain.time import Span
from tests.core.asking import HeldTime, bookable_times, offered_times
from tests.core.rules import A_DAY, LONG_AGO, MONDAY, bookable, hold, slot, starts

# Rules


@pytest.mark.parametrize(
    ("day_of_week", "day"),
    [(0, date(2026, 11, 29)), (1, date(2026, 11, 30)), (3, date(2026, 12, 2)), (6, date(2026, 12, 5))],
)
def test_days_are_counted_from_sunday(day_of_week: int, day: date):
    offers = offered_times([slot(day_of_week, duration=180)], date(2026, 11, 29), date(2026, 12, 5))

    assert [offer.local.day for offer in offers] == [day]


def test_a_weekly_rule_is_offered_every_week():
    offers = offered_times([slot(1, "09:00", "10:00")], date(2026, 11, 30), date(2026, 12, 14))

    assert starts(offers) == ["2026-11-30 09:00", "2026-12-07 09:00", "2026-12-14 09:00"]


def test_a_rule_is_offered_up_to_its_last_day_and_no_further():
    rule = replace(slot(1, "09:00", "10:00"), recurring_until=date(2026, 12, 7))

    assert starts(offered_times([rule], date(2026, 11, 30), date(2026, 12, 31))) == [
        "2026-11-30 09:00",
        "2026-12-07 09:00",
    ]


def test_a_rule_of_one_day_is_offered_on_that_day_alone():
    rule = slot(on=date(2026, 12, 2), start="14:00", end="16:00")

    assert starts(offered_times([rule], date(2026, 11, 1), date(2027, 1, 31))) == [
        "2026-12-02 14:00",
        "2026-12-02 15:00",
    ]


def test_a_rule_that_is_switched_off_offers_nothing():
    assert offered_times([replace(slot(), is_available=False)], MONDAY, MONDAY) == []


def test_a_rule_of_a_zone_that_no_longer_exists_offers_nothing():
    assert offered_times([replace(slot(), timezone="Mars/Phobos")], MONDAY, MONDAY) == []


def test_days_that_run_backwards_offer_nothing():
    assert offered_times([slot()], MONDAY, MONDAY - A_DAY) == []


def test_several_windows_of_a_day_are_offered_in_the_order_of_their_start():
    afternoon, morning = slot(1, "14:00", "16:00", number=1), slot(1, "09:00", "11:00", number=2)

    offers = offered_times([afternoon, morning], MONDAY, MONDAY)

    assert [f"{offer.local.start:%H:%M}" for offer in offers] == ["09:00", "10:00", "14:00", "15:00"]


def test_equal_starts_are_offered_in_the_order_of_their_rules_whichever_comes_first():
    one, two = slot(number=1), slot(number=2)

    there, back = offered_times([one, two], MONDAY, MONDAY), offered_times([two, one], MONDAY, MONDAY)

    assert there == back
    assert [offer.slot_id.int for offer in there[:2]] == [1, 2]


def test_rules_of_several_zones_are_offered_in_the_order_of_their_instants():
    offers = offered_times(
        [slot(1, "09:00", "10:00", zone="America/New_York"), slot(1, "09:00", "10:00", number=2, zone="Asia/Tokyo")],
        MONDAY,
        MONDAY,
    )

    assert [offer.local.timezone for offer in offers] == ["Asia/Tokyo", "America/New_York"]


def test_what_is_left_of_a_window_and_too_short_for_a_session_is_not_offered():
    offers = offered_times([slot(1, "09:00", "11:30", 60)], MONDAY, MONDAY)

    assert starts(offers) == ["2026-11-30 09:00", "2026-11-30 10:00"]


@pytest.mark.parametrize(
    ("start", "end", "duration", "expected"),
    [
        ("00:00", "23:59", 480, ["00:00", "08:00"]),
        ("21:00", "23:59", 60, ["21:00", "22:00"]),
        ("23:00", "23:59", 59, ["23:00"]),
        ("23:50", "23:59", 5, ["23:50"]),
        ("23:59", "23:59:59", 5, []),
        ("22:30", "23:59:59.999999", 30, ["22:30", "23:00"]),
    ],
)
def test_windows_near_midnight_end(start: str, end: str, duration: int, expected: list[str]):
    offers = offered_times([slot(1, start, end, duration)], MONDAY, MONDAY)

    assert [f"{offer.local.start:%H:%M}" for offer in offers] == expected


def test_an_offer_carries_its_wall_clock_its_instants_and_its_seats():
    [offer] = offered_times([slot(1, "09:00", "10:30", 90, capacity=4)], MONDAY, MONDAY)

    assert offer.span == Span(datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC))
    assert (offer.local.start, offer.local.end, offer.local.timezone) == (time(9), time(10, 30), "Europe/Paris")
    assert offer.seats_left == 4


# Held time


def test_a_booked_session_is_no_longer_bookable_and_its_neighbours_are():
    offers = offered_times([slot()], MONDAY, MONDAY)

    assert bookable(offers, [hold(offers[1])]) == [offers[0], offers[2]]


def test_a_group_loses_a_seat_a_booking_and_closes_when_it_is_full():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    seats = [
        [time.seats_left for time in bookable(offers, [hold(offers[0])] * taken) if time.span == offers[0].span]
        for taken in range(5)
    ]

    assert seats == [[3], [2], [1], [], []]


def test_a_session_of_another_rule_closes_a_group_at_once():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    assert bookable(offers, [hold(offers[0], slot_id=SlotId(UUID(int=99)))]) == offers[1:]


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(minutes=-1), timedelta(minutes=59)])
def test_whatever_overlaps_closes_even_by_a_minute(later: timedelta):
    [offer] = offered_times([slot(1, "10:00", "11:00", capacity=3)], MONDAY, MONDAY)

    assert bookable([offer], [hold(offer, later)]) == []


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(hours=-1)])
def test_back_to_back_does_not_overlap(later: timedelta):
    [offer] = offered_times([slot(1, "10:00", "11:00")], MONDAY, MONDAY)

    assert bookable([offer], [hold(offer, later)], [hold(offer, later).span]) == [offer]


def test_a_booking_without_a_rule_closes_what_it_overlaps():
    [offer] = offered_times([slot(1, "10:00", "11:00")], MONDAY, MONDAY)

    assert bookable([offer], [HeldTime(offer.span, None)]) == []


def test_a_person_who_is_busy_is_offered_nothing_then_even_in_a_group():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    assert bookable(offers, busy=[offers[1].span]) == [offers[0], offers[2]]


# Horizon


def test_a_session_is_bookable_after_now_and_before_the_horizon():
    offers = offered_times([slot(1, "09:00", "13:00")], MONDAY, MONDAY)

    times = bookable_times(offers, [], [], now=offers[0].span.starts_at, horizon_ends_at=offers[3].span.starts_at)

    assert times == offers[1:3]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Paris", datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2027, 1, 11, 23, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 11, 30, 23, 30, tzinfo=UTC), datetime(2027, 1, 12, 23, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 4, 12, 22, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 30, 2, tzinfo=UTC), datetime(2027, 1, 11, 5, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 3, 12, 12, tzinfo=UTC), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # no midnight
    ],
)
def test_the_horizon_ends_with_the_last_day_on_the_wall_clock(zone: str, now: datetime, expected: datetime):
    assert horizon_ends_at(now, zone) == expected


def test_a_horizon_in_an_unknown_zone_is_refused():
    with pytest.raises(UnknownZone):
        horizon_ends_at(LONG_AGO, "Mars/Phobos")


# Finding


def test_a_start_on_the_wall_is_resolved_once_or_refused():
    assert resolve_local(date(2026, 10, 25), time(2, 30), "Europe/Paris") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with pytest.raises(LocalTimeDoesNotExist):
        resolve_local(date(2026, 3, 29), time(2, 30), "Europe/Paris")
    with pytest.raises(UnknownZone):
        resolve_local(date(2026, 3, 29), time(2, 30), "Mars/Phobos")
