"""`/sessions` lists what a person has before and behind them, in a window that nobody else sees."""

from datetime import date, timedelta

import pytest

from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, TUESDAY_FR, ask, ask_and_confirm


def test_a_beneficiary_looks_up_what_is_coming_and_what_is_past(story: Story):
    ask_and_confirm(story)
    marie = story.person("marie")

    marie.command("/sessions")
    assert f"{TUESDAY_FR.capitalize()} à 10:00" in marie.wait_for_modal("Paul Martin").all_text

    story.clock.set(TUESDAY_AT_TEN + timedelta(hours=2))
    marie.select("sessions_filter", "Séances passées")
    marie.wait_for(lambda: marie.modal and marie.modal.all_text.count("Séances passées") == 2)  # chosen, and a heading
    assert TUESDAY_FR.capitalize() in marie.modal.all_text
    marie.select("sessions_filter", "Aujourd’hui et à venir")
    assert marie.wait_for_modal("Rien pour le moment")
    assert story.slack.problems == []


def test_a_consultant_answers_from_the_list(story: Story):
    ask(story)
    story.work()
    paul = story.person("paul")
    paul.command("/sessions")
    paul.wait_for_modal("Rien pour le moment")

    paul.select("sessions_filter", "En attente de votre réponse")
    paul.click(paul.wait_for_modal("Marie Durand"), "Confirmer")
    story.work()

    assert "Confirmée" in story.person("marie").wait_for_home("Vos rendez-vous").all_text
    assert story.slack.problems == []


def test_an_administrator_looks_up_the_sessions_of_the_centre(story: Story):
    ask_and_confirm(story)
    ask(story, "karim", date(2026, 12, 3), "13:00")
    anne = story.person("anne")

    anne.command("/sessions")

    modal = anne.wait_for_modal("Séances à venir")
    assert "Marie Durand · Paul Martin" in modal.all_text
    assert "Karim Payet · Julie Roux" in modal.all_text

    anne.click(modal, "Voir le détail", near="Marie Durand")

    detail = anne.wait_for_modal("Référence").all_text.partition("Historique")[0]
    assert "Marie Durand" in detail
    assert "Paul Martin" in detail


def test_details_open_on_top_of_the_list(story: Story):
    ask(story, "karim", date(2026, 12, 1), "13:00")
    julie = story.person("julie")
    julie.command("/sessions")
    julie.wait_for_modal("Rien")
    julie.select("sessions_filter", "En attente de votre réponse")

    julie.click(julie.wait_for_modal("Karim Payet"), "Voir le détail")

    assert f"{TUESDAY_FR.capitalize()} à 10:00 (heure de Paris)" in julie.wait_for_modal("Référence").all_text
    julie.close_modal()
    assert julie.wait_for_modal("Karim Payet").title == "Séances"


def test_details_open_from_home_too(story: Story):
    ask_and_confirm(story)
    marie = story.person("marie")

    marie.click(marie.wait_for_home(TUESDAY_FR), "Voir le détail")

    assert marie.wait_for_modal("Référence").title == "Rendez-vous"


def test_a_session_of_others_has_no_details(story: Story):
    ask_and_confirm(story)
    marie, emma = story.person("marie"), story.person("emma")
    view = marie.wait_for_home(TUESDAY_FR)
    _, button = view.button("Voir le détail", "mardi")

    emma.open_home()
    forged = emma.wait_for_home("Your appointments")
    emma.gestures.press(forged, view.blocks[0], {**button})

    assert emma.wait_for_modal("This appointment cannot be found")


@pytest.mark.parametrize("login", ["marie", "oliver", "paul", "grace", "anne", "sofia"])
def test_nobody_else_is_told_anything(story: Story, login: str):
    person = story.person(login)

    person.command("/sessions")

    assert person.wait_for_modal("Rien" if person.workspace.team_id == "T0CAPAVENIR" else "Nothing")
    assert person.messages == []
