"""What people do again and again in the stories, and what another calendar client sees of it."""

from datetime import UTC, date, datetime

from caldav.calendarobjectresource import Event
from caldav.davclient import DAVClient

from creneau.core.domain.booking import Booking
from creneau.demo.booking_form import choose_time
from creneau.demo.sample import PASSWORD
from creneau.demo.slack import Message
from tests.acceptance.conftest import Story

TUESDAY = date(2026, 12, 1)
TUESDAY_FR = "mardi 1er décembre 2026"
TUESDAY_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # 10:00 in Paris


def ask(story: Story, login: str = "marie", day: date = TUESDAY, time: str = "10:00") -> None:
    """Book in Slack, up to the request being sent."""
    person = story.person(login)
    person.command("/book")
    choose_time(person, day, time)
    assert person.submit() is None


def ask_and_confirm(story: Story) -> Message:
    """Marie asks and Paul confirms; return the message on which he did."""
    ask(story)
    story.work()
    paul = story.person("paul")
    request = paul.wait_for_message("Nouvelle demande")
    paul.click(request, "Confirmer")
    story.work()
    return request


def booking_of(story: Story) -> Booking:
    """The one booking that Marie has."""
    marie = story.stage.actor("marie")
    [booking] = story.creneau.scheduling.get_beneficiary_bookings(marie, marie.user_id)
    return booking


def events_of(story: Story, login: str) -> list[Event]:
    """What another calendar client sees in a consultant's calendar."""
    with DAVClient(story.stage.calendars.url, username=login, password=PASSWORD, auth_type="basic") as client:
        return client.calendar(url=story.stage.calendar_urls[login]).get_events()
