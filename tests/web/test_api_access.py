"""Who may do what: every route, role and owner, as the table of the API says and the URL map lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from creneau.core.domain.bilan import Bilan
from creneau.core.domain.booking import Booking
from creneau.core.domain.people import Role, User
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.api.access import ACCESS, FORBIDDEN, HIDDEN
from creneau.web.application import DOCUMENT_PATH
from tests.conftest import Centre, MovableClock, weekly
from tests.web.api_client import Api, services_of

DAY = {"first_date": "2027-01-04", "last_date": "2027-01-05"}
RULE = {"day_of_week": 6, "start_time": "23:00", "end_time": "23:30", "duration_minutes": 30}
UNPLACED = {
    "list_bookings",
    "list_users",
    "add_user",
    "list_bilans",
    "get_me",
    "list_audit",
    "get_organization_policy",
} | {"set_organization_policy"}
"""Routes that are about nobody in particular."""


@dataclass
class Side:
    """A consultant and a beneficiary with their bilan, and sessions as a test needs them."""

    centre: Centre
    clock: MovableClock
    consultant: User
    beneficiary: User
    bilan: Bilan
    latest: datetime

    def fresh(self) -> Booking:
        self.latest = max(self.latest, self.clock.now()) + timedelta(hours=1)
        request = BookingRequest(self.bilan.id, self.consultant.id, self.latest)
        return self.centre.scheduling.create_session_booking(self.centre.actor(self.beneficiary), request)

    def confirmed(self) -> Booking:
        return self.centre.scheduling.confirm_booking(self.centre.actor(self.consultant), self.fresh().id)

    def begun(self) -> Booking:
        booking = self.confirmed()
        self.clock.set(booking.span.starts_at)
        return booking

    def completed(self) -> Booking:
        return self.centre.scheduling.complete_session(
            self.centre.actor(self.consultant), self.begun().id, attended=True
        )

    def proposed(self) -> tuple[Booking, Any]:
        booking = self.confirmed()
        actor = self.centre.actor(self.consultant)
        self.centre.scheduling.propose_times(actor, booking.id, [self.latest + timedelta(days=3)])
        return booking, self.centre.scheduling.list_proposals(actor, booking.id)[0]

    def slot(self) -> Any:
        return self.centre.scheduling.create_availability_slot(
            self.centre.actor(self.consultant), self.consultant.id, weekly(6, "23:00", "23:59", 30)
        )

    def time_off(self) -> Any:
        availability = services_of(self.centre, self.clock).availability
        draft = TimeOffDraft(datetime(2027, 1, 4).date(), datetime(2027, 1, 4).date(), "Europe/Paris")  # noqa: DTZ001
        return availability.add_time_off(self.centre.actor(self.consultant), self.consultant.id, draft)

    def later(self) -> str:
        return (self.latest + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


Asked = tuple[dict[str, object], dict[str, Any], dict[str, object]]
"""What takes the places in the address, the body, the query."""


def of_booking(state: str, **body: object) -> Callable[[Side], Asked]:
    return lambda side: ({"bookingId": getattr(side, state)().id}, body, {})


def accepting(side: Side) -> Asked:
    booking, proposal = side.proposed()
    return {"bookingId": booking.id}, {"proposal_id": str(proposal.id)}, {}


def rescheduling(side: Side) -> Asked:
    booking = side.fresh()
    day = (side.latest + timedelta(days=5)).date()
    return {"bookingId": booking.id}, {"scheduled_date": str(day), "scheduled_start_time": f"{next(HOURS):02}:00"}, {}


def noted(side: Side) -> Asked:
    return {"bookingId": side.fresh().id}, {}, {}


CALLS: dict[str, Callable[[Side], Asked]] = {
    "create_availability_slot": lambda s: ({}, {**RULE, "consultant_id": str(s.consultant.id)}, {}),
    "create_availability_slots": lambda s: ({}, {"slots": [RULE], "consultant_id": str(s.consultant.id)}, {}),
    "list_availability_slots": lambda s: ({}, {}, {"consultant_id": s.consultant.id}),
    "update_availability_slot": lambda s: ({"slotId": s.slot().id}, {"is_available": False}, {}),
    "delete_availability_slot": lambda s: ({"slotId": s.slot().id}, {}, {}),
    "preview_slot_change": lambda s: ({"slotId": s.slot().id}, {"is_available": False}, {}),
    "preview_slot_deletion": lambda s: ({"slotId": s.slot().id}, {}, {}),
    "list_bookable_times": lambda s: ({"consultantId": s.consultant.id}, {}, {}),
    "explain_time": lambda s: ({"consultantId": s.consultant.id}, {}, {"starts_at": s.later()}),
    "create_session_booking": lambda s: (
        {},
        {
            "bilan_id": str(s.bilan.id),
            "consultant_id": str(s.consultant.id),
            "scheduled_date": str((s.clock.now() + timedelta(days=20)).date()),
            "scheduled_start_time": f"{next(HOURS):02}:00",
        },
        {},
    ),
    "list_bookings": lambda _: ({}, {}, {}),
    "get_booking": lambda s: ({"bookingId": s.fresh().id}, {}, {}),
    "list_bilan_bookings": lambda s: ({"bilanId": s.bilan.id}, {}, {}),
    "list_beneficiary_bookings": lambda s: ({"beneficiaryId": s.beneficiary.id}, {}, {}),
    "list_consultant_bookings": lambda s: ({"consultantId": s.consultant.id}, {}, {}),
    "confirm_booking": of_booking("fresh"),
    "decline_booking": of_booking("fresh"),
    "cancel_booking": of_booking("fresh", cancellation_reason="Unwell"),
    "reschedule_booking": rescheduling,
    "propose_times": lambda s: ({"bookingId": s.fresh().id}, {"starts_at": [s.later()]}, {}),
    "accept_proposal": accepting,
    "refuse_proposals": lambda s: ({"bookingId": s.proposed()[0].id}, {}, {}),
    "start_session": of_booking("begun"),
    "complete_session": of_booking("begun", attended=True),
    "set_meeting_place": of_booking("fresh", meeting_link="https://meet.example/x"),
    "rate_session": of_booking("completed", beneficiary_rating=5),
    "list_booking_history": noted,
    "list_booking_reminders": noted,
    "list_booking_emails": noted,
    "list_proposals": noted,
    "get_notes": noted,
    "set_notes": noted,
    "add_time_off": lambda s: ({}, {**DAY, "consultant_id": str(s.consultant.id)}, {}),
    "list_time_off": lambda s: ({}, {}, {"consultant_id": s.consultant.id}),
    "remove_time_off": lambda s: ({"timeOffId": s.time_off().id}, {}, {}),
    "get_organization_policy": lambda _: ({}, {}, {}),
    "set_organization_policy": lambda _: ({}, {}, {}),
    "get_consultant_policy": lambda s: ({"consultantId": s.consultant.id}, {}, {}),
    "set_consultant_policy": lambda s: ({"consultantId": s.consultant.id}, {}, {}),
    "list_bilans": lambda _: ({}, {}, {}),
    "open_bilan": lambda s: (
        {},
        {"beneficiary_id": str(s.beneficiary.id), "consultant_id": str(s.consultant.id)},
        {},
    ),
    "get_bilan": lambda s: ({"bilanId": s.bilan.id}, {}, {}),
    "get_bilan_hours": lambda s: ({"bilanId": s.bilan.id}, {}, {}),
    "set_bilan_hours": lambda s: ({"bilanId": s.bilan.id}, {"purchased_minutes": 1200}, {}),
    "close_bilan": lambda s: ({"bilanId": s.another_bilan().id}, {}, {}),
    "get_me": lambda _: ({}, {}, {}),
    "list_users": lambda _: ({}, {}, {}),
    "add_user": lambda _: ({}, {"role": "BENEFICIARY", "name": "Zoé", "email": f"{uuid4().hex}@example.org"}, {}),
    "get_consultant_analytics": lambda s: ({"consultantId": s.consultant.id}, {}, {}),
    "list_audit": lambda _: ({}, {}, {}),
}
"""How each route is asked about a side. A new route needs its line here and in the table."""

HOURS = iter(())


@dataclass
class Sides:
    own: Side
    colleague: Side
    other: Side
    admin: User


def make_side(centre: Centre, clock: MovableClock, consultant: User, beneficiary: User, bilan: Bilan) -> Side:
    for day in range(7):
        centre.scheduling.create_availability_slot(
            centre.actor(consultant), consultant.id, weekly(day, "00:00", "23:00")
        )
    return Side(centre, clock, consultant, beneficiary, bilan, clock.now())


@pytest.fixture
def sides(centre: Centre, other_centre: Centre, clock: MovableClock) -> Sides:
    global HOURS  # noqa: PLW0603 - one counter a test
    HOURS = iter(range(1, 20))
    people = centre.people
    colleague = people.add_user(centre.organization, Role.CONSULTANT, "Léa Roux", f"{uuid4().hex}@example.org")
    theirs = people.add_user(centre.organization, Role.BENEFICIARY, "Ali Ben", f"{uuid4().hex}@example.org")
    return Sides(
        make_side(centre, clock, centre.consultant, centre.beneficiary, centre.bilan),
        make_side(centre, clock, colleague, theirs, people.open_bilan(theirs, colleague)),
        make_side(other_centre, clock, other_centre.consultant, other_centre.beneficiary, other_centre.bilan),
        centre.admin,
    )


def another_bilan(side: Side) -> Bilan:
    return side.centre.people.open_bilan(side.beneficiary, side.consultant)


Side.another_bilan = another_bilan


def rules_of(api: Api) -> dict[str, tuple[str, str]]:
    """Every route of the API by name: its verb and its address."""
    return {
        rule.endpoint.rpartition(".")[2]: (next(iter(rule.methods - {"HEAD", "OPTIONS"})), rule.rule)
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }


def test_every_route_has_a_row_and_every_row_a_route(api: Api):
    served = {rule.rule for rule in api.app.url_map.iter_rules() if rule.rule.startswith("/api/")}

    assert set(rules_of(api)) == set(ACCESS) == set(CALLS)
    assert served - {rule for _, rule in rules_of(api).values()} <= {DOCUMENT_PATH, "/api/scheduling/docs"}


def test_a_route_without_a_row_is_refused_to_everybody(api: Api, centre: Centre, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("creneau.web.api.door.ACCESS", {})

    assert api.get(centre.admin, "/me").json["code"] == "actor.not_allowed"


@pytest.mark.parametrize("name", sorted(ACCESS))
def test_each_role_may_what_the_table_says(api: Api, sides: Sides, name: str):
    users = {
        Role.BENEFICIARY: sides.own.beneficiary,
        Role.CONSULTANT: sides.own.consultant,
        Role.ORG_ADMIN: sides.admin,
    }
    owners = {"own": sides.own} if name in UNPLACED else {"own": sides.own, "colleague": sides.colleague}
    asked = {}
    for role, user in users.items():
        for owner, side in owners.items():
            asked[role, owner] = ask(api, user, name, CALLS[name](side))
        if name not in UNPLACED:
            asked[role, "other"] = ask(api, user, name, CALLS[name](sides.other))
        if "<" in rules_of(api)[name][1]:
            places, body, query = CALLS[name](sides.own)
            asked[role, "unknown"] = ask(api, user, name, (dict.fromkeys(places, uuid4()), body, query))

    assert asked == {(role, owner): expected(api, name, role, owner) for role, owner in asked}


def ask(api: Api, user: User, name: str, asked: Asked) -> int:
    verb, address = rules_of(api)[name]
    places, body, query = asked
    for place, value in places.items():
        address = address.replace(f"<{place}>", str(value))
    sent = {"json": body} if verb in ("POST", "PUT") else {}
    answer = api.app.test_client().open(address, method=verb, query_string=query, headers=api.bearer(user), **sent)
    return 200 if answer.status_code == 201 else answer.status_code


def expected(api: Api, name: str, role: Role, owner: str) -> int:
    access = ACCESS[name]
    is_placed = "<" in rules_of(api)[name][1]
    may = role in access.roles
    if not may and not is_placed:
        return 403
    if owner in ("other", "unknown"):
        return 404
    if owner == "colleague" and role is not Role.ORG_ADMIN and access.of_colleagues is HIDDEN:
        return 404
    if not may or (owner == "colleague" and role is not Role.ORG_ADMIN and access.of_colleagues is FORBIDDEN):
        return 403
    return 200
