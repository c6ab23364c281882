"""Slack is answered in time whatever the database does: what was asked for comes when the database is back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
import pytest

from creneau.demo.booking_form import choose_time
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, ask
from tests.conftest import Urls, plain


@contextmanager
def stalled(urls: Urls) -> Iterator[None]:
    """Nothing that anybody asks of people, bilans or workspaces gets an answer meanwhile."""
    with psycopg.connect(plain(urls.owner)) as connection:
        connection.execute("set deadlock_timeout = '20ms'")  # where two wait for each other, this one gives way
        connection.commit()
        while not _lock(connection):
            continue
        yield
        connection.rollback()


def _lock(connection: psycopg.Connection) -> bool:
    """Lock all or, where somebody holds one and waits for another, none."""
    try:
        connection.execute("lock table organizations, users, bilans, slack_installations in access exclusive mode")
    except psycopg.errors.DeadlockDetected:
        connection.rollback()
        return False
    return True


def failures(story: Story) -> list[str]:
    """What Slack would have shown a warning for: no answer within three seconds, or an error."""
    return [str(one.answer) for one in story.slack.delivery.delivered if one.answer.failure]


def test_a_command_is_acknowledged_and_its_window_filled_when_the_database_is_back(story: Story, fresh_urls: Urls):
    marie = story.person("marie")
    with stalled(fresh_urls):
        marie.command("/book")
        marie.shortcut("book_session")
        marie.open_home()
        assert failures(story) == []

    marie.wait_for_modal("Avec Paul Martin")
    story.slack.faults.is_offline = True
    marie.command("/sessions")
    assert failures(story) == [], "Slack is not asked either"
    story.work()


def test_a_click_is_acknowledged_and_done_when_the_database_is_back(story: Story, fresh_urls: Urls):
    ask(story)
    story.work()
    paul = story.person("paul")
    request = paul.wait_for_message("Nouvelle demande")
    with stalled(fresh_urls):
        paul.click(request, "Confirmer")
        assert failures(story) == []

    paul.wait_for(lambda: "Confirmée" in request.all_text)


def test_a_submission_is_acknowledged_by_a_loading_view_that_becomes_the_answer(story: Story, fresh_urls: Urls):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    with stalled(fresh_urls):
        assert marie.submit() is None
        assert failures(story) == []
        assert "Un instant…" in marie.modal.all_text

    marie.wait_for_modal("Demande envoyée")


def test_a_refusal_that_comes_too_late_for_its_field_stands_above_the_form_as_it_was(story: Story, fresh_urls: Urls):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    story.clock.move(days=2)
    with stalled(fresh_urls):
        assert marie.submit() is None

    marie.wait_for_modal("Ce créneau est déjà passé")
    assert marie.modal.submit_label == "Envoyer la demande"
    story.clock.move(days=-2)
    assert marie.submit() is None
    marie.wait_for_modal("Demande envoyée")


def test_a_database_that_fails_is_told_in_the_window_that_waits(
    story: Story, fresh_urls: Urls, monkeypatch: pytest.MonkeyPatch
):
    marie, book = story.person("marie"), story.creneau.scheduling.create_session_booking

    def book_and_lose_the_answer(*request: Any) -> NoReturn:
        book(*request)
        raise psycopg.OperationalError

    monkeypatch.setattr(story.creneau.scheduling, "create_session_booking", book_and_lose_the_answer)
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")
    marie.submit()
    marie.wait_for_modal("Votre demande a peut-être été prise en compte")
    marie.close_modal()
    marie.open_home()
    marie.wait_for_home("10:00")

    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as connection:
        connection.execute("revoke select on users from creneau_app")

    marie.command("/book")

    marie.wait_for_modal("Une erreur s’est produite de notre côté")


def test_windows_on_top_of_windows_open_before_anything_is_read(story: Story, fresh_urls: Urls):
    paul, anne = story.person("paul"), story.person("anne")
    for person, opener, button, then in (
        (paul, "/availability", "Ajouter des horaires", "Durée d’une séance"),
        (paul, "/calendar", "calendar_leave", "Ce que Creneau y a inscrit"),
        (anne, "people_open", "person_add", "Compte Slack"),
        (anne, "bilans_open", "bilan_add", "Heures achetées"),
    ):
        if opener.startswith("/"):
            person.command(opener)
        else:
            person.open_home()
            person.wait_for_home()
            person.press(opener)
        person.wait_for(lambda who=person, what=button: who.modal and has_button(who.modal.blocks, what))
        with stalled(fresh_urls):
            person.press(button)
            person.wait_for_modal("Un instant…")
            assert failures(story) == []
        person.wait_for_modal(then)
        person.close_modal()
        person.close_modal()


def has_button(blocks: object, name: str) -> bool:
    """Tell whether a button with this name or these words is drawn."""
    return f"'{name}'" in str(blocks) or f"'action_id': '{name}" in str(blocks)
