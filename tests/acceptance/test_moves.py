"""What follows in Slack and in the calendar when a session is moved, proposed elsewhere, expires or is over."""

from datetime import timedelta

from creneau.app.schedule import EXPIRE_BOOKINGS
from creneau.core.domain.booking import Booking
from creneau.core.domain.people import Actor, Role
from creneau.demo.sample import CENTRES
from creneau.demo.slack import Message
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, ask, ask_and_confirm, events_of

AN_HOUR = timedelta(hours=1)
TUESDAY_AT_TWO = TUESDAY_AT_TEN + 4 * AN_HOUR


def acting(story: Story, role: str) -> Actor:
    people, team_id = story.creneau.people, CENTRES[0].slack_team_id
    if role != "admin":
        return Actor.from_user(people.get_slack_user(team_id, story.person(role).user_id))
    users = people.list_users(people.get_organization_of_slack_team(team_id))
    return Actor.from_user(next(user for user in users if user.role is Role.ORG_ADMIN))


def confirmed(story: Story) -> Message:
    """Ask and confirm, and let the worker see what came of the click."""
    request = ask_and_confirm(story)
    story.person("paul").wait_for(lambda: "Confirmée" in request.all_text)
    story.work()
    return request


def the_booking(story: Story) -> Booking:
    marie = acting(story, "marie")
    (booking,) = story.creneau.scheduling.get_beneficiary_bookings(marie, marie.user_id)
    return booking


def test_a_session_moved_by_an_administrator_moves_in_the_calendar_and_in_the_messages(story: Story):
    request = confirmed(story)
    assert [event.icalendar_component["DTSTART"].dt for event in events_of(story, "paul")] == [TUESDAY_AT_TEN]

    story.creneau.scheduling.reschedule_booking(acting(story, "admin"), the_booking(story).id, TUESDAY_AT_TWO)
    story.work()

    (event,) = events_of(story, "paul")
    assert event.icalendar_component["DTSTART"].dt > TUESDAY_AT_TEN
    assert "14:00" in request.all_text
    assert "14:00" in story.person("marie").wait_for_message("C’est confirmé").text
    assert story.slack.problems == []


def test_a_session_moved_by_its_beneficiary_asks_the_consultant_again_by_a_new_message(story: Story):
    first = confirmed(story)

    story.creneau.scheduling.reschedule_booking(acting(story, "marie"), the_booking(story).id, TUESDAY_AT_TWO)
    story.work()

    paul = story.person("paul")
    request = paul.wait_for_message("Nouvelle demande")
    assert request.buttons == ["Confirmer", "Proposer un autre créneau", "Décliner", "Voir le détail"]
    assert "À la place du mardi 1er décembre 2026 à 10:00" in request.all_text
    assert "a été déplacé au mardi 1er décembre 2026 à 14:00" in first.all_text
    assert events_of(story, "paul") == []
    paul.click(request, "Confirmer")
    paul.wait_for(lambda: "Confirmée" in request.all_text)
    story.work()
    assert len(events_of(story, "paul")) == 1
    assert story.slack.problems == []


def test_a_proposal_that_is_accepted_confirms_the_session_at_its_new_time(story: Story):
    ask(story)
    story.work()
    booking = the_booking(story)
    scheduling, marie = story.creneau.scheduling, acting(story, "marie")
    scheduling.propose_times(acting(story, "paul"), booking.id, [TUESDAY_AT_TWO])
    scheduling.accept_proposal(marie, booking.id, scheduling.list_proposals(marie, booking.id)[0].id)
    story.work()

    assert "14:00" in story.person("marie").wait_for_message("C’est confirmé").text
    assert len(events_of(story, "paul")) == 1
    assert story.slack.problems == []


def test_a_request_that_nobody_answers_expires_by_the_clock_and_both_sides_are_told(story: Story):
    ask(story)
    story.work()
    request = story.person("paul").wait_for_message("Nouvelle demande")
    story.clock.set(TUESDAY_AT_TEN)

    story.work_on_the_clock(EXPIRE_BOOKINGS)

    for told in (story.person("marie").last_message, story.person("paul").last_message):
        assert "a expiré" in told.text
        assert "restée sans réponse" in told.text
    assert request.buttons == ["Voir le détail"]
    assert "Expirée (sans réponse)" in request.all_text
    assert story.slack.problems == []


def test_a_completed_session_is_asked_about_once(story: Story):
    confirmed(story)
    story.clock.set(TUESDAY_AT_TEN + AN_HOUR)
    story.creneau.scheduling.complete_session(acting(story, "paul"), the_booking(story).id, attended=True)
    story.work()
    for _ in range(3):
        story.work_reminders()

    asked = [m for m in story.person("marie").messages if "Comment s’est passé" in m.text]
    assert len(asked) == 1
    assert asked[0].buttons == ["Donner mon avis", "Voir le détail"]
    assert len(events_of(story, "paul")) == 1
    assert story.slack.problems == []
