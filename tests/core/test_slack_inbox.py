"""A request of Slack acts once, however often it arrives; what Slack asked to wait with, every process waits with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creneau.core.domain.errors import RequestRepeated
from creneau.core.domain.people import Actor, Arrival
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id

AT_TEN = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)  # in a week
TIMES = [AT_TEN + timedelta(hours=4), AT_TEN + timedelta(hours=5)]


def arriving(actor: Actor, key: str = "trigger:1") -> Actor:
    return replace(actor, arrival=Arrival(key, uuid4()))


@pytest.fixture
def consultant(centre: Centre) -> Actor:
    return centre.actor(centre.consultant)


def asked(centre: Centre) -> object:
    request = BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request).id


def test_a_second_arrival_of_a_request_does_nothing(centre: Centre, consultant: Actor):
    booking_id = asked(centre)
    centre.scheduling.propose_times(arriving(consultant), booking_id, TIMES)

    with pytest.raises(RequestRepeated):
        centre.scheduling.propose_times(arriving(consultant), booking_id, TIMES)

    assert {proposal.round for proposal in centre.scheduling.list_proposals(consultant, booking_id)} == {1}
    centre.scheduling.propose_times(arriving(consultant, "trigger:2"), booking_id, TIMES)


def test_one_arrival_may_act_more_than_once(centre: Centre, consultant: Actor):
    by_slack = arriving(consultant)
    booking_id = asked(centre)

    centre.scheduling.propose_times(by_slack, booking_id, TIMES)
    centre.scheduling.confirm_booking(by_slack, booking_id)


def test_a_request_that_was_refused_may_come_again(centre: Centre, consultant: Actor):
    booking_id = asked(centre)
    with pytest.raises(Exception, match=r"proposal\.invalid"):
        centre.scheduling.propose_times(arriving(consultant), booking_id, [])

    centre.scheduling.propose_times(arriving(consultant), booking_id, TIMES)


def test_requests_are_forgotten_when_they_cannot_come_again(
    centre: Centre, consultant: Actor, database: Database, clock: MovableClock
):
    housekeeping = HousekeepingService(database, clock)
    booking_id = asked(centre)
    centre.scheduling.propose_times(arriving(consultant), booking_id, TIMES)
    clock.move(hours=47)
    housekeeping.remove_old_slack_requests()
    with pytest.raises(RequestRepeated):
        centre.scheduling.propose_times(arriving(consultant), booking_id, TIMES)

    clock.move(hours=2)

    assert housekeeping.remove_old_slack_requests() >= 1


def test_a_parked_method_waits_in_its_own_workspace_alone(
    centre: Centre, other_centre: Centre, database: Database, clock: MovableClock
):
    box = SecretBox([generate_key()])
    slack, other_process = (SlackService(database, clock, box, new_id) for _ in range(2))
    ours, theirs = centre.organization.id, other_centre.organization.id

    slack.park_method(ours, "chat.postMessage", timedelta(seconds=30))
    slack.park_method(ours, "chat.postMessage", timedelta(seconds=5))  # the longer wait stands

    assert other_process.find_access(ours, "chat.postMessage")[1] == timedelta(seconds=30)
    assert other_process.find_access(ours, "chat.update")[1] is None
    assert other_process.find_access(theirs, "chat.postMessage")[1] is None
    clock.move(seconds=30)
    assert other_process.find_access(ours, "chat.postMessage")[1] is None
