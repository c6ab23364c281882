"""Settings: one's own language and zone, and the daily digest of consultants."""

from datetime import UTC, datetime, timedelta

import pytest

from creneau.bot.digest.jobs import SWEEP_DIGESTS
from creneau.core.domain.policy import Discretion, PolicyChoices
from creneau.core.domain.preferences import DigestLease
from creneau.core.services.digests import DigestService
from creneau.demo.slack import Message
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask, ask_and_confirm
from tests.acceptance.killing import kill_at

SEVEN_IN_PARIS = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
EIGHT_IN_PARIS = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


def want_digest(story: Story, login: str, at: str = "08:00") -> None:
    """Switch the digest on from App Home."""
    person = story.person(login)
    person.open_home()
    person.wait_for_home()
    person.press("preferences_open")
    person.wait_for(lambda: person.modal and person.modal.submit_label)
    person.check("digest", ["wanted"])
    person.select("digest_at", at)
    assert person.submit() is None


def wake(story: Story, at: datetime) -> None:
    story.clock.set(at)
    story.work_on_the_clock(SWEEP_DIGESTS)


def test_home_speaks_the_language_and_tells_the_zone_that_were_chosen(story: Story):
    ask_and_confirm(story)
    marie = story.person("marie")
    marie.close_modal()
    marie.press("Réglages")
    marie.wait_for_modal("Fuseau horaire")

    marie.select("locale", "English")
    marie.select("timezone", "Europe/London")
    assert marie.submit() is None

    home = marie.wait_for_home("Your appointments").all_text
    assert "Tuesday 1 December 2026 at 09:00" in home
    assert "London time" in home
    assert story.slack.problems == []


def test_beneficiaries_are_not_asked_about_a_digest(story: Story):
    oliver = story.person("oliver")
    oliver.open_home()
    oliver.wait_for_home("Your appointments")

    oliver.press("Settings")

    assert "morning" not in oliver.wait_for_modal("Language").all_text


def test_a_video_room_is_in_every_session_that_is_confirmed_and_can_be_another_for_one(story: Story):
    paul = story.person("paul")
    paul.open_home()
    paul.wait_for_home()
    paul.press("preferences_open")
    paul.wait_for_modal("salle de visioconférence")
    paul.type("video_link", "http://meet.example/paul")
    assert list(paul.submit() or {}) == ["video_link"]
    paul.type("video_link", "https://meet.example/paul")
    assert paul.submit() is None

    request = ask_and_confirm(story)
    story.work()
    agreed = story.person("marie").wait_for_message("C’est confirmé")
    assert "https://meet.example/paul" in agreed.all_text

    paul.click(request, "Voir le détail")
    assert "Rejoindre" in paul.wait_for_modal("Historique").buttons
    paul.press("Lieu ou lien")
    paul.wait_for_modal("Il figure dans les messages")
    paul.type("meeting_link", "http://meet.example/not-secure")
    assert paul.submit() == {"meeting_link": "Donnez une adresse https complète, sans espace."}
    paul.type("meeting_link", "https://meet.example/just-once")
    assert paul.submit() is None
    story.work()
    assert "https://meet.example/just-once" in agreed.all_text
    assert story.slack.problems == []


def test_a_consultant_who_wants_it_is_told_of_the_day_once_in_the_morning(story: Story):
    want_digest(story, "paul")
    ask_and_confirm(story)
    ask(story, "emma", datetime(2026, 12, 2, tzinfo=UTC).date(), "11:00")
    story.work()
    paul, julie = story.person("paul"), story.person("julie")

    wake(story, SEVEN_IN_PARIS)
    assert not any("Votre journée" in message.text for message in paul.messages)
    wake(story, EIGHT_IN_PARIS)
    wake(story, EIGHT_IN_PARIS + timedelta(minutes=1))

    (told,) = [message for message in paul.messages if "Votre journée" in message.text]
    assert "1 séance, 1 demande en attente de votre réponse" in told.text
    assert "Marie" not in told.text + told.blocks[0]["text"]["text"]
    assert "10:00 – 11:00* · Marie Durand" in told.all_text
    paul.click(told, "Voir le détail", near="Mercredi 2 décembre 2026 à 11:00\nEmma Wilson")
    assert "Confirmer" in paul.wait_for_modal("Emma Wilson").buttons, "the request is answered from the digest"
    assert not any("Votre journée" in message.text for message in julie.messages)
    assert story.slack.problems == []


def test_a_quiet_day_is_quiet(story: Story):
    want_digest(story, "grace", "07:30")

    wake(story, EIGHT_IN_PARIS)

    assert story.person("grace").messages == []


def test_slack_being_busy_postpones_the_digest_and_an_answer_that_was_lost_is_no_second_one(story: Story):
    want_digest(story, "paul")
    ask_and_confirm(story)
    story.slack.faults.rate_limit("chat.postMessage", retry_after=40)
    story.slack.faults.lose_answer("chat.postMessage")

    for minutes in range(4):
        wake(story, EIGHT_IN_PARIS + timedelta(minutes=minutes))

    assert len(digests_sent(story)) == 1
    assert is_done(story)


def test_a_worker_that_dies_after_posting_and_one_that_is_frozen_leave_one_digest(
    story: Story, monkeypatch: pytest.MonkeyPatch
):
    want_digest(story, "paul")
    ask_and_confirm(story)
    digests = DigestService(story.creneau.database, story.clock)
    paul = story.stage.actor("paul")
    frozen = digests.hold(DigestLease(paul.organization_id, paul.user_id, EIGHT_IN_PARIS.date(), attempt=1))
    with frozen:
        wake(story, EIGHT_IN_PARIS)
        assert not digests_sent(story)
    kill_at(monkeypatch, story.creneau.outbox, "post", after=True)

    for minutes in (3, 6, 9):
        wake(story, EIGHT_IN_PARIS + timedelta(minutes=minutes))

    assert len(digests_sent(story)) == 1
    assert is_done(story)


def digests_sent(story: Story) -> list[Message]:
    return [message for message in story.person("paul").messages if "Votre journée" in message.text]


def is_done(story: Story) -> bool:
    """Whether nobody would send anything more this morning."""
    story.clock.move(minutes=20)
    return DigestService(story.creneau.database, story.clock).claim_due() == []


def test_a_strict_centres_messages_tell_nothing_in_their_first_line(story: Story):
    anne = story.stage.actor("anne")
    story.creneau.availability.set_policy(anne, None, PolicyChoices(discretion=Discretion.STRICT))
    want_digest(story, "paul")
    request = ask_and_confirm_strictly(story)
    wake(story, EIGHT_IN_PARIS)

    for message in [*story.person("paul").messages, *story.person("marie").messages]:
        assert message.text == "Vous avez une mise à jour de rendez-vous."
        assert message.blocks[0]["text"]["text"] == message.text
    assert "Marie Durand" in request.all_text


def test_a_centre_that_wants_it_is_told_with_whom(story: Story):
    anne = story.stage.actor("anne")
    story.creneau.availability.set_policy(anne, None, PolicyChoices(discretion=Discretion.DETAILED))
    ask(story)
    story.work()

    request = story.person("paul").wait_for_message("Nouvelle demande")

    assert "avec Marie Durand" in request.text
    assert "avec Marie Durand" in request.blocks[0]["text"]["text"]


def ask_and_confirm_strictly(story: Story) -> Message:
    ask(story)
    story.work()
    paul = story.person("paul")
    request = paul.wait_for_message("Marie Durand")
    paul.click(request, "Confirmer")
    story.work()
    return request
