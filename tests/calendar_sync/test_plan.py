"""The table of what a push does."""

from typing import Any
from uuid import UUID

import pytest

from creneau.calendar_sync.plan import Clear, Create, Move, Nothing, Remove, Update, plan_push
from creneau.core.domain.booking import Status
from creneau.core.domain.calendar import CalendarLink, CalendarSession, PushedObject
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.ids import CalendarLinkId
from creneau.core.domain.people import Role, User

from .samples import BOOKING, booking

URL = "https://dav.example.org/paul/sessions/"
HREF = f"{URL}{BOOKING.id}.ics"
ICS = b"the session"
LINK = CalendarLink(CalendarLinkId(UUID(int=9)), BOOKING.organization_id, BOOKING.consultant_id, URL, "paul", "hunter2")
PAUL = User(
    BOOKING.consultant_id, BOOKING.organization_id, Role.CONSULTANT, "Paul", "p@example.org", "Europe/Paris", "fr", None
)

CREATE = Create(HREF, ICS)
REMOVE = Remove(HREF, '"1"')
UPDATE = Update(HREF, '"1"', ICS)
NOTHING = Nothing()


def at(version: int, etag: str | None = '"1"', href: str = HREF) -> PushedObject:
    return PushedObject(href, etag, version)


OLD = "https://dav.example.org/paul/before/"
EDITED = PushedObject(f"{OLD}x.ics", '"1"', 2, is_edited=True)

MOVING = PushedObject(HREF, None, 0, is_edited=True, leaves_href=f"{OLD}x.ics")
MOVING_BACK = PushedObject(f"{OLD}x.ics", None, 0, is_edited=True, leaves_href=HREF)
MOVING_ON = PushedObject(f"{OLD}y.ics", None, 0, is_edited=True, leaves_href=f"{OLD}x.ics")


@pytest.mark.parametrize(
    ("status", "pushed", "step"),
    [
        (Status.SCHEDULED, None, NOTHING),
        (Status.SCHEDULED, at(1), REMOVE),
        (Status.CONFIRMED, None, CREATE),
        (Status.CONFIRMED, at(0, None), CREATE),
        (Status.CONFIRMED, at(1), UPDATE),
        (Status.CONFIRMED, at(1, None), Update(HREF, None, ICS)),
        (Status.CONFIRMED, at(2), NOTHING),
        (Status.IN_PROGRESS, at(1), UPDATE),
        (Status.COMPLETED, at(2), NOTHING),
        (Status.NO_SHOW, at(2), NOTHING),
        (Status.CONFIRMED, PushedObject(HREF, None, 0, is_edited=True), Update(HREF, None, ICS, keeps_words=True)),
        (Status.CANCELLED, None, NOTHING),
        (Status.CANCELLED, at(1), REMOVE),
        (Status.CANCELLED, at(2), REMOVE),
        (Status.CANCELLED, at(0, None), Remove(HREF, None)),
        (Status.CONFIRMED, at(2, href=f"{OLD}x.ics"), Move((f"{OLD}x.ics",), '"1"', HREF, ICS)),
        (Status.COMPLETED, EDITED, Move((f"{OLD}x.ics",), None, HREF, ICS, keeps_words=True)),
        (Status.CANCELLED, at(2, href=f"{OLD}x.ics"), Clear(f"{OLD}x.ics", '"1"')),
        (Status.CONFIRMED, MOVING, Move((f"{OLD}x.ics",), None, HREF, ICS, keeps_words=True)),
        (Status.CONFIRMED, MOVING_BACK, Move((f"{OLD}x.ics",), None, HREF, ICS, keeps_words=True)),
        (Status.CONFIRMED, MOVING_ON, Move((f"{OLD}x.ics", f"{OLD}y.ics"), None, HREF, ICS, keeps_words=True)),
        (Status.CANCELLED, MOVING, Remove(HREF, None, f"{OLD}x.ics")),
        (Status.CANCELLED, MOVING_ON, Clear(f"{OLD}y.ics", None, f"{OLD}x.ics")),
        (Status.CONFIRMED, at(2, href="https://old.example.org/x.ics"), CREATE),
        (Status.CANCELLED, at(2, href="https://old.example.org/x.ics"), NOTHING),
    ],
)
def test_the_step_follows_from_the_booking_and_from_what_was_pushed(status: Any, pushed: Any, step: Any) -> None:
    session = CalendarSession(booking(status=status), PAUL, LINK, pushed)
    assert plan_push(session, LINK, ICS) == step


@pytest.mark.parametrize(("level", "step"), [(CalendarDetail.NEUTRAL, NOTHING), (CalendarDetail.NAMED, UPDATE)])
def test_an_event_that_tells_more_or_less_than_it_may_is_put_anew(level: CalendarDetail, step: Any) -> None:
    session = CalendarSession(booking(status=Status.CONFIRMED), PAUL, LINK, at(2), detail=level)
    assert plan_push(session, LINK, ICS) == step


def test_what_the_server_refused_is_not_sent_again_yet() -> None:
    session = CalendarSession(booking(status=Status.CONFIRMED), PAUL, LINK, at(1), is_refused=True)
    assert plan_push(session, LINK, ICS) == NOTHING


def test_a_link_does_not_show_its_password() -> None:
    assert "hunter2" not in repr(CalendarSession(BOOKING, PAUL, LINK, None))
