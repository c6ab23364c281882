"""App Home shows each person what is next, and follows every change of either side."""

from creneau.core.domain.people import Role
from creneau.demo.slack import Person
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_FR, ask


def test_a_consultant_answers_from_home_and_both_homes_follow(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    paul.open_home()
    assert "Rien pour le moment" in paul.wait_for_home("En attente de votre réponse").all_text
    ask(story)
    story.work()

    home = paul.wait_for_home("Marie Durand")
    assert f"{TUESDAY_FR} à 10:00" in home.all_text
    paul.click(home, "Confirmer")
    story.work()

    assert "Confirmée" in paul.wait_for_home("Séances à venir").all_text
    assert "Confirmée" in marie.wait_for_home("Vos rendez-vous").all_text
    marie.click(marie.home, "Annuler")
    story.work()
    assert "Rien pour le moment" in marie.wait_for_home("Vos rendez-vous").all_text
    assert "Marie Durand" not in paul.wait_for_home("Séances à venir").all_text
    assert story.slack.problems == []


def test_times_are_told_in_the_readers_own_zone(story: Story):
    ask(story, "karim", time="13:00")  # 10:00 in Paris is 13:00 in La Réunion
    story.work()

    told = story.person("karim").wait_for_message("est envoyée")
    request = story.person("julie").wait_for_message("Nouvelle demande")

    assert "13:00 (heure de La Réunion)" in told.text
    assert "10:00 (heure de Paris)" in request.text


def test_the_shortcut_and_home_open_the_same_modal(story: Story):
    oliver = story.person("oliver")
    oliver.shortcut("book_session")
    assert oliver.wait_for_modal("With Grace Moore").title == "Book a session"
    oliver.close_modal()
    oliver.open_home()

    oliver.click(oliver.wait_for_home("Your appointments"), "Choose a time")

    assert oliver.wait_for_modal("With Grace Moore")


def test_a_consultant_who_types_book_is_told_where_requests_are(story: Story):
    paul = story.person("paul")

    paul.command("/book")

    assert paul.wait_for_modal("Les rendez-vous sont pris par les bénéficiaires")


def test_somebody_without_an_open_bilan_is_told_so(story: Story):
    cast = story.stage.casts[0]
    story.slack.world.workspaces["T0CAPAVENIR"].people.append(Person("U0NEW", "new", "New", "new@example.org"))
    story.creneau.people.add_user(cast.organization, Role.BENEFICIARY, "New", "new@example.org", slack_user_id="U0NEW")
    newcomer = story.slack.person("T0CAPAVENIR", "U0NEW")

    newcomer.command("/book")

    assert newcomer.wait_for_modal("Vous n’avez pas d’accompagnement ouvert")
