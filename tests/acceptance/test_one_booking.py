"""One booking from end to end: asked for in Slack, confirmed by a button, in the calendar, reminded, cancelled."""

from datetime import UTC, datetime

from tests.acceptance.conftest import Story


def test_a_beneficiary_books_and_the_consultant_confirms(story: Story):
    marie, paul = story.person("marie"), story.person("paul")

    marie.command("/book")
    modal = marie.wait_for_modal("Avec Paul Martin")
    print(modal.all_text, marie.modal.options("Heure"))
    marie.select("Jour", "mardi 1er décembre 2026")
    marie.wait_for(lambda: "10:00" in str(marie.modal.options("Heure")))
    marie.select("Heure", "10:00 – 11:00 (1 h)")
    assert marie.submit() is None
    marie.wait_for_modal("Votre demande de rendez-vous du mardi 1er décembre 2026 à 10:00 (heure de Paris) est envoyée")

    story.work()
    request = paul.wait_for_message("Nouvelle demande")
    print(request.all_text, request.buttons)
    paul.click(request, "Confirmer")
    story.work()
    assert story.slack.problems == []
