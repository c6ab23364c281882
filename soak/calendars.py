"""The consultants' calendars beside the bookings: each session agreed on stands there once, and nothing else does."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from caldav.davclient import DAVClient

from creneau.app.wiring import UID_DOMAIN
from creneau.demo.sample import PASSWORD
from creneau.demo.stage import Stage
from soak.history import Row

_IN_CALENDAR = ("CONFIRMED", "IN_PROGRESS", "COMPLETED")


def check_calendars(stage: Stage, bookings: Sequence[Row]) -> Iterator[str]:
    for login, user in ((name, user) for cast in stage.casts for name, user in cast.users.items()):
        if login not in stage.calendar_urls:
            continue
        there = _read_calendar(stage, login)
        wanted = {
            f"{one['id']}@{UID_DOMAIN}": one["starts_at"]
            for one in bookings
            if one["consultant_id"] == user.id and one["status"] in _IN_CALENDAR
        }
        for uid in wanted.keys() - there.keys():
            yield f"calendar of {login}: {uid} is missing"
        for uid in there.keys() - wanted.keys():
            yield f"calendar of {login}: {uid} should not be there"
        for uid in there.keys() & wanted.keys():
            if there[uid] != [wanted[uid]]:
                yield f"calendar of {login}: {uid} stands at {there[uid]} and not at {wanted[uid]}"


def _read_calendar(stage: Stage, login: str) -> dict[str, list[datetime]]:
    found = dict[str, list[datetime]]()
    with DAVClient(stage.calendars.url, username=login, password=PASSWORD, auth_type="basic") as client:
        for event in client.calendar(url=stage.calendar_urls[login]).get_events():  # type: ignore[no-untyped-call]
            component = event.icalendar_component
            found.setdefault(str(component["UID"]), []).append(component["DTSTART"].dt.astimezone(UTC))
    return found
