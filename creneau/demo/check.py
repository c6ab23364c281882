"""The walk of `make demo-check`: one booking from Slack to the calendar and back, a line a step.

It acts as people do in the local Slack, and looks at calendars with clients that are not ours.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from caldav.calendarobjectresource import Event
from caldav.davclient import DAVClient
from icalendar import Calendar

from creneau.core.holidays import public_holidays
from creneau.demo.booking_form import choose_time, decide
from creneau.demo.clock import DemoClock
from creneau.demo.description import describe
from creneau.demo.sample import PASSWORD
from creneau.demo.slack import Actor, Message
from creneau.demo.stage import Stage

ANSWERS = ["Confirmer", "Proposer un autre créneau", "Décliner", "Voir le détail"]
PATIENCE_SECONDS = 30
_POLLING_SECONDS = 0.1
PARIS = ZoneInfo("Europe/Paris")
START = time(10)
_HOUR = START.isoformat("minutes")


class StepFailed(Exception):
    """A step of the walk did not show what it should."""


class Walk:
    """One walk over an open stage with a running worker. `run` raises at the first step that fails."""

    def __init__(self, stage: Stage, clock: DemoClock, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._clock = clock
        self._say = say
        self._marie, self._paul = stage.person("marie"), stage.person("paul")
        self._day = _next_weekday(clock.now().astimezone(PARIS).date())
        self._starts_at = datetime.combine(self._day, START, PARIS).astimezone(UTC)

    def run(self) -> None:
        description = describe(self._stage)
        paul = next(user for user in description["organizations"][0]["users"] if user["name"] == "Paul Martin")
        feed_url = paul["feeds"]["sessions"]
        with self._step("a forged request is refused"):
            self._forge()
        with self._step("/book opens a modal with real free times"):
            self._marie.command("/book")
            choose_time(self._marie, self._day, _HOUR)
        with self._step("the request is sent"):
            _require(self._marie.submit() is None, "the modal was refused")
        with self._step("the consultant gets it, with Confirm, Propose another time and Decline"):
            request = self._wait_for(self._paul, "Nouvelle demande")
            _require(request.buttons == ANSWERS, f"buttons {request.buttons}")
        with self._step("the time is no longer offered to anybody else"):
            emma = self._stage.person("emma")
            emma.command("/book")
            emma.wait_for(lambda: emma.modal is not None and "Paul Martin" in emma.modal.all_text)
            _require(not self._offers(emma), "the time is still offered")
            emma.close_modal()
        with self._step("Confirm updates the message in place, and tells the beneficiary"):
            self._paul.click(request, "Confirmer")
            self._paul.wait_for(lambda: "Confirmée" in request.all_text, PATIENCE_SECONDS)
            confirmed = self._wait_for(self._marie, "C’est confirmé")
        with self._step("another calendar client finds the session on the CalDAV server"):
            uid = self._find_event()
        with self._step("the ICS feed serves the same session, and 304 while nothing changes"):
            _require(self._read_feed(feed_url) == [uid], "the feed and the calendar differ")
            etag = httpx.get(feed_url).headers["ETag"]
            again = httpx.get(feed_url, headers={"If-None-Match": etag})
            _require(again.status_code == httpx.codes.NOT_MODIFIED, f"{again.status_code} instead of 304")
        with self._step("a day before, both are reminded"):
            self._clock.move_to(self._starts_at - timedelta(hours=24) + timedelta(seconds=1))
            self._wait_for(self._marie, "Rappel")
            self._wait_for(self._paul, "Rappel")
        with self._step("an hour before, both are reminded"):
            self._clock.move_to(self._starts_at - timedelta(hours=1) + timedelta(seconds=1))
            self._wait_for(self._marie, "Rendez-vous bientôt")
            self._wait_for(self._paul, "Rendez-vous bientôt")
        with self._step("Cancel tells the consultant"):
            decide(self._marie, confirmed, "Annuler")
            self._wait_for(self._paul, "est annulé")
        with self._step("the session leaves the calendar and the feed"):
            _wait_until(lambda: not self._events())
            _require(self._read_feed(feed_url) == [], "the feed still has it")
        with self._step("the REST API offers the time again"):
            self._list_by_api(description)
        with self._step("nobody saw an error in Slack"):
            _require(self._stage.slack.problems == [], "; ".join(self._stage.slack.problems))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = monotonic()
        try:
            yield
        except (StepFailed, TimeoutError, httpx.HTTPError, AssertionError) as error:
            self._say(f"FAILED  {name}: {error}")
            raise StepFailed(name) from error
        self._say(f"ok      {name} ({monotonic() - began:.1f} s)")

    def _wait_for(self, person: Actor, text: str) -> Message:
        return person.wait_for_message(text, PATIENCE_SECONDS)

    def _forge(self) -> None:
        forged = httpx.post(
            f"{self._stage.web_url}/slack/events",
            content=b"command=%2Fbook&team_id=T0CAPAVENIR&user_id=U0MARIE",
            headers={
                "X-Slack-Request-Timestamp": str(int(datetime.now(UTC).timestamp())),
                "X-Slack-Signature": "v0=" + "0" * 64,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        _require(forged.status_code == httpx.codes.UNAUTHORIZED, f"{forged.status_code} instead of 401")

    def _offers(self, person: Actor) -> bool:
        try:
            choose_time(person, self._day, _HOUR)
        except StopIteration:
            return False
        return True

    def _events(self) -> list[Event]:
        with DAVClient(self._stage.calendars.url, username="paul", password=PASSWORD, auth_type="basic") as client:
            return list(client.calendar(url=self._stage.calendar_urls["paul"]).get_events())  # type: ignore[no-untyped-call]

    def _find_event(self) -> str:
        _wait_until(lambda: bool(self._events()))
        (event,) = self._events()
        component = event.icalendar_component
        _require(component["DTSTART"].dt == self._starts_at, f"it starts at {component['DTSTART'].dt}")
        _require("Marie" not in event.data and "bilan" not in event.data.lower(), "it tells too much")
        return str(component["UID"])

    def _read_feed(self, url: str) -> list[str]:
        answer = httpx.get(url)
        answer.raise_for_status()
        return [str(event["UID"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]

    def _list_by_api(self, description: dict[str, Any]) -> None:
        organization = description["organizations"][0]
        marie = next(user for user in organization["users"] if user["name"] == "Marie Durand")
        bilan = next(bilan for bilan in organization["bilans"] if bilan["beneficiary_id"] == marie["id"])
        day = (self._day + timedelta(days=7)).isoformat()
        answer = httpx.get(
            f"{self._stage.web_url}/api/scheduling/availability/{bilan['consultant_id']}/slots",
            params={"date_from": day, "date_to": day},
            headers={"Authorization": f"Bearer {marie['api_token']}"},
        )
        answer.raise_for_status()
        starts = [time["scheduled_start_time"] for time in answer.json()["data"]]
        _require(_HOUR in starts, f"{_HOUR} is not among {starts}")


def _next_weekday(today: date) -> date:
    """Return a day, two days ahead or later, on which the sample consultants work, and not after a quiet Sunday."""
    day = today + timedelta(days=2)
    while not 2 <= day.isoweekday() <= 5 or day in public_holidays("FR", None, day.year):
        day += timedelta(days=1)
    return day


def _wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again at what tells nobody when it changes: a calendar."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not condition():
        _require(monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain")
        sleep(_POLLING_SECONDS)


def _require(condition: bool, problem: str) -> None:  # noqa: FBT001 - a condition is what it takes
    if not condition:
        raise StepFailed(problem)
