"""What a rule may be: drafts that are accepted, and refused with their code."""

from dataclasses import replace
from datetime import UTC, date, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from creneau.core.domain.availability import SlotDraft, validate_draft
from creneau.core.domain.errors import InvalidSlot, InvalidTimeRange, Refusal, UnknownZone

GOOD = SlotDraft(time(9), time(12), "Europe/Paris", day_of_week=1, duration_minutes=60)


@pytest.mark.parametrize(
    "draft",
    [
        GOOD,
        replace(GOOD, day_of_week=0),
        replace(GOOD, day_of_week=6),
        replace(GOOD, day_of_week=None, date_specific=date(2026, 12, 2)),
        replace(GOOD, duration_minutes=5),
        replace(GOOD, duration_minutes=180),
        replace(GOOD, start_time=time(0), end_time=time(8), duration_minutes=480),
        replace(GOOD, max_concurrent_bookings=100),
        replace(GOOD, end_time=time(23, 59)),
        replace(GOOD, timezone="Australia/Lord_Howe"),
    ],
)
def test_a_good_draft_is_accepted(draft: SlotDraft):
    validate_draft(draft)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"start_time": time(12)}, InvalidTimeRange),
        ({"start_time": time(13)}, InvalidTimeRange),
        ({"start_time": time(9, 0, 30)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=UTC)}, InvalidTimeRange),
        ({"end_time": time(12, tzinfo=UTC)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=UTC), "end_time": time(12, tzinfo=UTC)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=timezone(timedelta(hours=1)))}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=ZoneInfo("Europe/Paris"))}, InvalidTimeRange),
        ({"timezone": "Mars/Phobos"}, UnknownZone),
        ({"timezone": "../../etc/passwd"}, UnknownZone),
        ({"timezone": "/etc/localtime"}, UnknownZone),
        ({"timezone": "Europe"}, UnknownZone),
        ({"timezone": ""}, UnknownZone),
        ({"timezone": "Europe/Paris\0"}, UnknownZone),
        ({"timezone": "\ud800"}, UnknownZone),
        ({"timezone": "x" * 5000}, UnknownZone),
        ({"timezone": "right/Europe/Paris"}, UnknownZone),
        ({"timezone": "localtime"}, UnknownZone),
        ({"timezone": "Factory"}, UnknownZone),
        ({"duration_minutes": 0}, InvalidSlot),
        ({"duration_minutes": -60}, InvalidSlot),
        ({"duration_minutes": 4}, InvalidSlot),
        ({"duration_minutes": 181}, InvalidSlot),
        ({"duration_minutes": 481, "start_time": time(0), "end_time": time(23)}, InvalidSlot),
        ({"duration_minutes": 10**12}, InvalidSlot),
        ({"max_concurrent_bookings": 0}, InvalidSlot),
        ({"max_concurrent_bookings": -1}, InvalidSlot),
        ({"max_concurrent_bookings": 101}, InvalidSlot),
        ({"day_of_week": 7}, InvalidSlot),
        ({"day_of_week": -1}, InvalidSlot),
        ({"day_of_week": None}, InvalidSlot),
        ({"date_specific": date(2026, 12, 2)}, InvalidSlot),
    ],
)
def test_a_bad_draft_is_refused_with_its_code(change: dict[str, object], refusal: type[Refusal]):
    with pytest.raises(refusal):
        validate_draft(replace(GOOD, **change))
