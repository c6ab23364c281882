"""The consultant answers with other times, or not at all; the beneficiary accepts one, refuses, or asks for another."""

from datetime import date, timedelta
from typing import Any

import pytest

from creneau.bot.calling import SlackUnavailable
from creneau.core.domain.messages import Purpose
from creneau.demo.slack import Actor as SlackUser
from creneau.demo.slack import Message
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_FR, ask, booking_of

ANSWERS = ["Confirmer", "Proposer un autre créneau", "Décliner", "Voir le détail"]


def requested(story: Story) -> Message:
    ask(story)
    story.work()
    return story.person("paul").wait_for_message("Nouvelle demande")


def open_window(person: SlackUser, surface: Message, button: str) -> None:
    person.click(surface, button)
    person.wait_for(lambda: person.modal is not None and person.modal.submit_label)


def propose(story: Story, request: Message, *starts: str) -> Message:
    """Paul proposes times of his list that read like `mer. 02/12 10:00`; return what Marie gets."""
    paul = story.person("paul")
    open_window(paul, request, "Proposer un autre créneau")
    paul.check("times", starts)
    assert paul.submit() is None
    story.work()
    return story.person("marie").wait_for_message("pour votre rendez-vous du")


def test_one_of_three_proposed_times_is_accepted_and_both_sides_see_it(story: Story):
    request = requested(story)
    paul, marie = story.person("paul"), story.person("marie")

    proposal = propose(story, request, "mer. 02/12 09:00", "mer. 02/12 10:00", "jeu. 03/12 11:00")

    assert "attente de réponse : mer. 02/12 09:00, mer. 02/12 10:00, jeu. 03/12 11:00" in plain(request.all_text)
    assert proposal.buttons[:3] == [
        "Accepter mer. 02/12 09:00",
        "Accepter mer. 02/12 10:00",
        "Accepter jeu. 03/12 11:00",
    ]
    assert proposal.buttons[3:] == ["Un autre créneau", "Refuser", "Voir le détail"]
    assert "Paul" not in proposal.text
    marie.click(proposal, "Accepter mer. 02/12 10:00")
    story.work()

    agreed = "mercredi 2 décembre 2026 à 10:00"
    assert agreed in paul.wait_for_message("aura désormais lieu").text
    assert agreed in marie.wait_for_message("C’est confirmé").text
    assert agreed in request.all_text
    assert "Accepter mer. 02/12 10:00" not in proposal.buttons
    assert story.slack.problems == []


@pytest.mark.parametrize(
    ("beneficiary", "consultant", "new", "button", "reason", "next_times"),
    [
        ("marie", "paul", "Nouvelle demande", "answer_propose", "Ce créneau n’est pas proposé", "Prochains créneaux"),
        ("oliver", "grace", "New request", "answer_propose", "This time is not offered", "Next free times"),
    ],
    ids=["french", "english"],
)
def test_a_time_of_ones_own_is_checked_and_refused_under_its_field_with_the_next_free_ones(
    story: Story, beneficiary: str, consultant: str, new: str, button: str, reason: str, next_times: str
):
    ask(story, beneficiary)
    story.work()
    person = story.person(consultant)
    open_window(person, person.wait_for_message(new), button)
    person.pick_date("own_day", "2026-12-02")
    errors = person.submit()
    assert errors is not None
    assert set(errors) == {"own_day", "own_time"}, "a day needs a time"

    person.pick_time("own_time", "22:00")
    refused = person.submit()

    assert refused is not None
    assert reason in refused["own_day"]
    assert next_times in refused["own_day"]
    person.pick_date("own_day", "2026-12-03")
    person.pick_time("own_time", "14:00")
    assert person.submit() is None
    story.work()
    assert "14:00" in story.person(beneficiary).last_message.all_text
    assert story.slack.problems == []


def test_a_proposed_time_that_is_taken_meanwhile_is_said_so_with_the_next_free_ones(story: Story):
    proposal = propose(story, requested(story), "mer. 02/12 09:00", "mer. 02/12 11:00")
    ask(story, "emma", date(2026, 12, 2), "09:00")
    marie = story.person("marie")

    marie.click(proposal, "Accepter mer. 02/12 09:00")

    told = marie.wait_for_message("vient d’être pris")
    assert told.is_ephemeral
    assert "Prochains créneaux libres" in told.text
    marie.wait_for(lambda: "09:00 (heure de Paris)* (plus libre)" in proposal.all_text)
    assert proposal.buttons == ["Accepter mer. 02/12 11:00", "Un autre créneau", "Refuser", "Voir le détail"]
    assert story.slack.problems == []


def test_a_message_that_was_overtaken_while_slack_took_it_is_brought_up_to_date(
    story: Story, monkeypatch: pytest.MonkeyPatch
):
    request = requested(story)
    slack, scheduling, paul = story.creneau.slack, story.creneau.scheduling, story.stage.actor("paul")
    file = story.creneau.files.get_booking_file(paul.organization_id, booking_of(story).id)
    outbox, record, call = story.creneau.outbox, slack.record_message, story.creneau.outbox._call

    def confirm_first(*arguments: Any) -> bool:
        scheduling.confirm_booking(paul, file.booking.id)
        outbox.refresh(paul.organization_id, file.booking.id)
        monkeypatch.setattr(outbox, "_call", fail_once)
        return record(*arguments)

    def fail_once(*_: Any, **__: Any) -> Any:
        monkeypatch.setattr(outbox, "_call", call)
        raise SlackUnavailable("broken")

    monkeypatch.setattr(slack, "record_message", confirm_first)
    with pytest.raises(SlackUnavailable):
        outbox.post_about(file, paul.user_id, Purpose.CHASE)
    file = story.creneau.files.get_booking_file(paul.organization_id, file.booking.id)
    outbox.post_about(file, paul.user_id, Purpose.CHASE, may_be_out=True)  # the job is done again

    chase = story.person("paul").last_message
    assert chase.ts != request.ts
    assert "Confirmer" not in chase.buttons

    def cancel_first(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(outbox, "_call", call)
        scheduling.cancel_booking(paul, file.booking.id)
        outbox.refresh(paul.organization_id, file.booking.id)
        return call(*arguments, **more)

    monkeypatch.setattr(outbox, "_call", cancel_first)
    outbox.refresh(paul.organization_id, file.booking.id)

    assert chase.buttons == request.buttons == ["Voir le détail"], "an update that was under way came after a newer one"


def test_refused_times_leave_the_request_as_it_is_and_the_consultant_is_told(story: Story):
    request = requested(story)
    proposal = propose(story, request, "mer. 02/12 09:00")
    marie, paul = story.person("marie"), story.person("paul")

    marie.click(proposal, "Refuser")
    story.work()

    told = paul.wait_for_message("ne conviennent pas")
    assert f"Il reste au {TUESDAY_FR} à 10:00" in told.text
    assert told.buttons == request.buttons == ANSWERS
    assert not [button for button in proposal.buttons if "Accepter" in button or "Refuser" in button]
    marie.click(proposal, "Voir le détail")
    assert "Proposition refusée" in marie.wait_for_modal("Historique").all_text


def test_another_time_is_asked_for_and_the_consultant_answers_again(story: Story):
    request = requested(story)
    proposal = propose(story, request, "mer. 02/12 09:00")
    marie, paul = story.person("marie"), story.person("paul")

    open_window(marie, proposal, "Un autre créneau")
    marie.select("day", "2026-12-03")
    marie.wait_for(lambda: any(block.get("block_id") == "time-2026-12-03" for block in marie.modal.blocks))
    marie.select("time-2026-12-03", "15:00 – 16:00 (1\N{NO-BREAK SPACE}h)")
    assert marie.submit() is None
    story.work()

    again = [message for message in paul.messages if "Nouvelle demande" in message.text][-1]
    assert "jeudi 3 décembre 2026 à 15:00" in again.text
    assert f"À la place du {TUESDAY_FR} à 10:00" in again.all_text
    assert "a été déplacé au jeudi 3 décembre" in request.all_text
    assert "Accepter mer. 02/12 09:00" not in proposal.buttons
    paul.click(again, "Confirmer")
    story.work()
    assert "jeudi 3 décembre 2026 à 15:00" in marie.wait_for_message("C’est confirmé").text
    assert story.slack.problems == []


def test_a_reason_for_declining_is_read_in_the_details_and_in_no_message(story: Story):
    request = requested(story)
    paul, marie = story.person("paul"), story.person("marie")
    open_window(paul, request, "Décliner")
    paul.type("reason", "En formation ce jour-là")
    assert paul.submit() is None
    story.work()

    told = marie.wait_for_message("n’est finalement pas disponible")
    assert not [message for message in marie.messages + paul.messages if "formation" in message.all_text + message.text]
    marie.click(told, "Voir le détail")
    assert "Motif : En formation ce jour-là" in plain(marie.wait_for_modal("Historique").all_text)


def test_a_window_that_was_overtaken_says_what_became_of_the_request(story: Story):
    request = requested(story)
    paul, marie = story.person("paul"), story.person("marie")
    open_window(paul, request, "Décliner")
    marie_cancels(story, marie)

    assert paul.submit() is None

    assert "déjà été traitée" in paul.wait_for_modal("déjà été traitée").all_text
    story.work()
    assert request.buttons == ["Voir le détail"]


def marie_cancels(story: Story, marie: SlackUser) -> None:
    open_window(marie, marie.wait_for_message("Demande envoyée"), "Annuler")
    assert marie.submit() is None
    story.work()


def test_an_unanswered_request_is_chased_twice_and_an_answer_ends_that(story: Story):
    ask(story, day=date(2026, 12, 4))
    story.work()
    paul = story.person("paul")
    half = story.clock.now() + timedelta(hours=24)

    story.clock.set(half)
    for _ in range(2):
        story.work_reminders()
    chases = [message for message in paul.messages if "attend votre réponse" in message.text]
    assert len(chases) == 1
    assert chases[0].buttons == ANSWERS

    paul.click(chases[0], "Confirmer")
    story.work()
    story.clock.set(half + timedelta(hours=23))
    story.work_reminders()
    assert not [message for message in paul.messages if "expire bientôt" in message.text]
    assert "Confirmer" not in chases[0].buttons


def test_the_last_chase_of_a_request_comes_before_it_expires(story: Story):
    ask(story, day=date(2026, 12, 4))
    story.work()
    story.clock.move(hours=35)  # Tuesday at eight in the evening: the night before it expires

    story.work_reminders()

    assert story.person("paul").wait_for_message("expire bientôt sans votre réponse").buttons == ANSWERS


def test_proposed_times_that_wait_are_chased_too(story: Story):
    ask(story, day=date(2026, 12, 4))
    story.work()
    propose(story, story.person("paul").wait_for_message("Nouvelle demande"), "jeu. 03/12 11:00")
    story.clock.move(hours=24)

    story.work_reminders()
    story.work_reminders()

    marie, paul = story.person("marie"), story.person("paul")
    chases = [message for message in marie.messages if "attendent votre réponse" in message.text]
    assert len(chases) == 1
    assert not [message for message in paul.messages if "attend votre réponse" in message.text], "he has answered"
    marie.click(chases[0], "Accepter jeu. 03/12 11:00")
    story.work()
    assert "jeudi 3 décembre" in marie.wait_for_message("C’est confirmé").text
    assert story.slack.problems == []


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
