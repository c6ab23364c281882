"""django-appointment: its pure slot functions, on naive local times, with the rows grouped by day for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import django
from django.conf import settings

from creneau.core.domain.time import Span

_ZONE = ZoneInfo("Europe/Paris")
_LENGTH = timedelta(minutes=90)
_STEP = timedelta(minutes=30)
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class _Row:
    """What the functions ask of an appointment."""

    starts: datetime
    ends: datetime

    def get_start_time(self) -> datetime:
        return self.starts

    def get_end_time(self) -> datetime:
        return self.ends

    get_start_datetime = get_start_time
    get_end_datetime = get_end_time


def prepare(sessions: list[Span], busy: list[Span], first: date, days: int) -> Callable[[], list[datetime]]:
    """Return what lists the starts of 90 minutes, every 30, Monday to Friday, 8 to 18, on the wall clock of Paris."""
    if not settings.configured:
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "appointment"],
            SECRET_KEY="-",  # noqa: S106 - nothing is signed
        )
        django.setup()
    from appointment.utils.db_helpers import calculate_slots, exclude_unavailable_slots  # noqa: PLC0415 - needs setup

    appointments, unavailable = _by_day(sessions), _by_day(busy)
    calendar = [first + timedelta(days=n) for n in range(days)]
    working = [day for day in calendar if day.weekday() <= _FRIDAY]
    long_ago = datetime(2000, 1, 1)  # noqa: DTZ001 - the functions want naive times

    def list_starts() -> list[datetime]:
        found: list[datetime] = []
        for day in working:
            opens, closes = datetime.combine(day, time(8)), datetime.combine(day, time(18))
            slots = calculate_slots(opens, closes, long_ago, _STEP, _LENGTH)
            found += exclude_unavailable_slots(
                slots, appointments.get(day, ()), unavailable.get(day, ()), _STEP, _LENGTH
            )
        return found

    return list_starts


def _by_day(spans: list[Span]) -> dict[date, list[_Row]]:
    rows: dict[date, list[_Row]] = {}
    for span in spans:
        starts, ends = (at.astimezone(_ZONE).replace(tzinfo=None) for at in (span.starts_at, span.ends_at))
        rows.setdefault(starts.date(), []).append(_Row(starts, ends))
    return rows
