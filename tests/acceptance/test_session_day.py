"""The day of a session: reminded, joined, opened, recorded with notes, and told how it was."""

from datetime import UTC, date, datetime, timedelta

import pytest

from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import PolicyChoices
from creneau.demo.booking_form import choose_time, decide
from creneau.demo.sample import CENTRES
from creneau.demo.slack import Actor as SlackUser
from creneau.demo.slack import Message
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, TUESDAY_FR, ask, ask_and_confirm, booking_of

AN_HOUR = timedelta(hours=1)


def wait_for_window(person: SlackUser) -> None:
    person.wait_for(lambda: person.modal is not None and person.modal.submit_label)


def with_deadlines(story: Story, hours: int) -> None:
    people = story.creneau.people
    users = people.list_users(people.get_organization_of_slack_team(CENTRES[0].slack_team_id))
    admin = Actor.from_user(next(user for user in users if user.role is Role.ORG_ADMIN))
    choices = PolicyChoices(cancellation_deadline_minutes=hours * 60, reschedule_deadline_minutes=hours * 60)
    story.creneau.availability.set_policy(admin, None, choices)


def reminded(story: Story, login: str, before: timedelta = timedelta(hours=24)) -> Message:
    story.clock.set(TUESDAY_AT_TEN - before)
    story.work_reminders()
    return story.person(login).last_message


def test_the_local_slack_shows_when_the_product_sent_a_message(story: Story):
    ask_and_confirm(story)
    at = datetime.fromtimestamp(float(reminded(story, "marie").ts), UTC)
    assert at.replace(microsecond=0) == TUESDAY_AT_TEN - timedelta(hours=24)


def test_the_deadline_is_stated_before_the_click_and_after_it_whom_to_ask(story: Story):
    with_deadlines(story, 12)
    ask_and_confirm(story)
    marie, paul = story.person("marie"), story.person("paul")
    reminder = reminded(story, "marie")
    assert reminder.buttons == ["Reporter", "Je ne peux pas venir", "Voir le détail"]

    marie.click(reminder, "Je ne peux pas venir")
    wait_for_window(marie)
    assert "annuler vous-même jusqu’au lundi 30 novembre 2026 à 22:00" in marie.modal.all_text
    assert "Ensuite, veuillez contacter Paul Martin" in marie.modal.all_text
    story.clock.set(TUESDAY_AT_TEN - AN_HOUR)
    assert marie.submit() is None
    assert "Veuillez contacter Paul Martin" in marie.wait_for_modal("Vous pouviez annuler").all_text
    marie.close_modal()

    paul.click(paul.wait_for_message("Rappel"), "Annuler")
    wait_for_window(paul)
    assert "reason" in (paul.submit() or {}), "past the deadline a reason is asked for"
    paul.type("reason", "Empêchement")
    assert paul.submit() is None
    story.work()
    assert "Empêchement" not in marie.wait_for_message("est annulé").all_text
    assert "Annulée" in reminder.all_text
    assert reminder.buttons == ["Voir le détail"]
    assert story.slack.problems == []


def test_a_session_is_moved_from_its_reminder_which_says_so_then(story: Story):
    ask_and_confirm(story)
    marie, paul = story.person("marie"), story.person("paul")
    reminder = reminded(story, "marie")

    marie.click(reminder, "Reporter")
    wait_for_window(marie)
    assert f"{TUESDAY_FR.capitalize()} à 10:00" in marie.modal.all_text
    marie.select("day", "2026-12-03")
    marie.wait_for(lambda: any(block.get("block_id") == "time-2026-12-03" for block in marie.modal.blocks))
    assert list(marie.submit() or {}) == ["time-2026-12-03"], "no time is chosen for her"
    choose_time(marie, date(2026, 12, 3), "09:00")
    assert marie.submit() is None
    story.work()

    assert f"Le rendez-vous du {TUESDAY_FR} à 10:00" in reminder.text
    assert "a été déplacé au jeudi 3 décembre 2026" in reminder.text
    assert reminder.buttons == ["Voir le détail"]
    paul.click([message for message in paul.messages if "Nouvelle demande" in message.text][-1], "Confirmer")
    story.work()
    assert "jeudi 3 décembre" in [message for message in marie.messages if "C’est confirmé" in message.text][-1].text
    assert story.slack.problems == []


def test_a_consultant_opens_a_session_and_records_it_with_notes_that_stay_private(story: Story):
    ask_and_confirm(story)
    marie, paul = story.person("marie"), story.person("paul")
    reminder = reminded(story, "paul", AN_HOUR)
    assert "Commencer" not in reminder.buttons
    reminded(story, "paul", timedelta(minutes=15))
    assert "Commencer" in reminder.buttons, "a quarter of an hour before, the button comes by itself"

    paul.click(reminder, "Commencer")
    paul.wait_for(lambda: "En cours" in reminder.all_text)
    story.clock.set(TUESDAY_AT_TEN + AN_HOUR)
    paul.click(reminder, "Voir le détail")
    paul.wait_for_modal("Historique")
    paul.press("Séance réalisée")
    wait_for_window(paul)
    paul.type("consultant_notes", "Hésite entre deux voies")
    paul.type("preparation_materials", "Relire le questionnaire")
    assert paul.submit() is None
    story.work()

    assert "Réalisée" in reminder.all_text
    everything = "".join(message.text + message.all_text for message in marie.messages + paul.messages)
    assert "Hésite" not in everything
    assert "questionnaire" not in everything
    marie.click(marie.wait_for_message("Rendez-vous du"), "Voir le détail")
    shown = marie.wait_for_modal("Historique").all_text
    assert "Relire le questionnaire" in shown
    assert "Hésite" not in shown
    paul.click(reminder, "Voir le détail")
    paul.wait_for_modal("Historique")
    paul.press("Notes")
    wait_for_window(paul)
    assert paul.value("consultant_notes") == "Hésite entre deux voies"
    paul.close_modal()
    paul.close_modal()
    a_long_one = "\n\n".join(f"{number} & rien n’est perdu" * 10 for number in range(17))
    consultant, booking = story.stage.actor("paul"), booking_of(story)
    story.creneau.notes.set_notes(
        consultant, booking.id, consultant_notes=a_long_one, preparation_materials=a_long_one
    )  # longer than a field of Slack's
    paul.click(reminder, "Voir le détail")
    paul.wait_for_modal("Historique")
    paul.press("Notes")
    wait_for_window(paul)
    assert paul.submit() is None
    kept = story.creneau.notes.get_notes(consultant, booking.id)
    assert (kept.consultant_notes, kept.preparation_materials) == (a_long_one, a_long_one)
    marie.close_modal()
    marie.click(marie.wait_for_message("Rendez-vous du"), "Voir le détail")
    assert "16 &amp; rien n’est perdu" in marie.wait_for_modal("Historique").all_text
    assert story.slack.problems == []


def test_a_session_that_nobody_recorded_is_asked_about_once_at_the_end_of_the_day(story: Story):
    ask_and_confirm(story)
    paul = story.person("paul")
    story.clock.set(TUESDAY_AT_TEN + 7 * AN_HOUR)
    story.work_reminders()
    assert not [message for message in paul.messages if "a-t-il eu lieu" in message.text]
    story.clock.set(TUESDAY_AT_TEN + 8 * AN_HOUR)  # six in the evening in Paris
    for _ in range(2):
        story.work_reminders()

    asked = [message for message in paul.messages if "a-t-il eu lieu" in message.text]
    assert len(asked) == 1
    assert asked[0].buttons == ["Séance réalisée", "Signaler une absence", "Voir le détail"]
    decide(paul, asked[0], "Signaler une absence")
    story.work()

    assert "Absence" in asked[0].all_text
    assert asked[0].buttons == ["Voir le détail"]
    marie = story.person("marie")
    assert not [message for message in marie.messages if "Comment s’est passé" in message.text]
    assert story.slack.problems == []


@pytest.mark.parametrize(
    ("beneficiary", "question", "button", "word", "thanks", "change"),
    [
        (
            "marie",
            "Comment s’est passé",
            "Donner mon avis",
            "4 · Utile",
            "Merci pour votre réponse",
            "Modifier ma réponse",
        ),
        (
            "oliver",
            "How did your appointment",
            "Give my opinion",
            "4 · Useful",
            "Thank you for your answer",
            "Change my",
        ),
    ],
    ids=["french", "english"],
)
def test_a_beneficiary_says_in_words_how_it_was_and_changes_it(
    story: Story, beneficiary: str, question: str, button: str, word: str, thanks: str, change: str
):
    person = story.person(beneficiary)
    ask(story, beneficiary)
    user = story.creneau.people.get_slack_user(person.workspace.team_id, person.user_id)
    actor, scheduling = Actor.from_user(user), story.creneau.scheduling
    (booking,) = scheduling.get_beneficiary_bookings(actor, user.id)
    consultant = Actor(user.organization_id, booking.consultant_id, Role.CONSULTANT)
    scheduling.confirm_booking(consultant, booking.id)
    story.clock.set(TUESDAY_AT_TEN + AN_HOUR)
    scheduling.complete_session(consultant, booking.id, attended=True)
    story.work()
    story.work_reminders()
    asked = person.wait_for_message(question)

    person.click(asked, button)
    wait_for_window(person)
    person.select("rating", word)
    person.type("comment", "Clair")
    assert person.submit() is None
    story.work()

    assert thanks in asked.text
    assert "Clair" not in asked.all_text
    person.click(asked, next(text for text in asked.buttons if text.startswith(change)))
    wait_for_window(person)
    assert person.value("rating") == "4"
    assert person.value("comment") == "Clair"
    person.select("rating", "5")
    assert person.submit() is None
    assert scheduling.get_booking(actor, booking.id).beneficiary_rating == 5
    assert story.slack.problems == []
