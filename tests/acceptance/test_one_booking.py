"""One booking from end to end: asked for in Slack, confirmed by a button, in the calendar, reminded, cancelled."""

from datetime import UTC, datetime, timedelta

from creneau.core.domain.policy import PolicyChoices
from creneau.demo.booking_form import decide
from creneau.demo.slack import Actor as SlackUser
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, TUESDAY_FR, ask, ask_and_confirm, events_of


def test_a_session_is_asked_for_confirmed_and_put_in_the_consultants_calendar(story: Story):
    marie, paul = story.person("marie"), story.person("paul")

    ask(story)
    marie.wait_for_modal(f"rendez-vous le {TUESDAY_FR} à 10:00 (heure de Paris)")
    marie.wait_for_modal("Il vous restera 23\u00a0h.")
    story.work()

    request = paul.wait_for_message("Nouvelle demande")
    assert "Marie Durand" in request.all_text
    assert "23\u00a0h" in request.all_text
    assert request.buttons == ["Confirmer", "Proposer un autre créneau", "Décliner", "Voir le détail"]
    assert events_of(story, "paul") == []

    paul.click(request, "Confirmer")
    paul.wait_for(lambda: "Confirmée" in request.all_text)
    assert request.buttons == ["Proposer un autre créneau", "Annuler", "Voir le détail"]
    story.work()

    told = marie.wait_for_message("C’est confirmé")
    assert f"{TUESDAY_FR} à 10:00 (heure de Paris)" in told.text
    (event,) = events_of(story, "paul")
    component = event.icalendar_component
    assert component["DTSTART"].dt == TUESDAY_AT_TEN
    assert component["DTEND"].dt == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert "ATTENDEE" not in component
    assert "Marie" not in event.data
    assert "bilan" not in event.data.lower()
    assert story.slack.problems == []


def test_a_cancelled_session_leaves_the_calendar_and_the_other_side_is_told(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    ask_and_confirm(story)
    assert len(events_of(story, "paul")) == 1

    decide(marie, marie.wait_for_message("C’est confirmé"), "Annuler")
    story.work()

    assert paul.wait_for_message("est annulé").buttons == ["Voir le détail"]
    assert events_of(story, "paul") == []
    story.clock.set(TUESDAY_AT_TEN)
    story.work_reminders()
    assert not any("Rappel" in message.text for message in marie.messages + paul.messages)
    assert story.slack.problems == []


def test_both_sides_are_reminded_a_day_and_an_hour_before_once_each(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    ask_and_confirm(story)

    story.work_reminders()
    assert reminders(marie, paul) == [], "nothing is due yet"

    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=24))
    story.work_reminders()
    story.work_reminders()
    assert reminders(marie, paul) == [f"Rappel : rendez-vous le {TUESDAY_FR} à 10:00 (heure de Paris)."] * 2

    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=1))
    story.work_reminders()
    story.work_reminders()
    assert reminders(marie, paul)[2:] == ["Rendez-vous bientôt, à 10:00 (heure de Paris)."] * 2
    assert len(reminders(marie)) == 2
    assert story.slack.problems == []


def test_a_reminder_of_a_session_that_is_cancelled_then_says_so_and_offers_nothing(story: Story):
    ask_and_confirm(story)
    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=24))
    story.work_reminders()
    marie, paul = story.person("marie"), story.person("paul")
    reminder = paul.wait_for_message("Rappel")
    assert "Marie Durand" in reminder.all_text
    assert reminder.buttons == ["Proposer un autre créneau", "Annuler", "Voir le détail"]

    decide(marie, marie.wait_for_message("Rappel"), "Je ne peux pas venir")
    story.work()

    assert "Annulée" in reminder.all_text
    assert reminder.buttons == ["Voir le détail"]


def reminders(*people: SlackUser) -> list[str]:
    texts = [message.text for person in people for message in person.messages]
    return sorted(text.replace("\N{NO-BREAK SPACE}", " ") for text in texts if "Rappel" in text or "bientôt" in text)


def test_the_modal_shows_the_days_of_the_centres_own_horizon(story: Story):
    admin = story.stage.actor("anne")
    story.creneau.availability.set_policy(admin, None, PolicyChoices(horizon_days=55))
    marie = story.person("marie")

    marie.command("/book")
    marie.wait_for_modal("Avec Paul Martin")

    assert "Vendredi 22 janvier 2027" in marie.modal.options("day")  # 53 days ahead; six weeks end on 11 January
    assert "Mardi 26 janvier 2027" not in marie.modal.options("day")
