"""When things fail or people do what they should not: a clear answer, and nothing lost."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from creneau.app.slack_clients import open_slack_clients
from creneau.core.domain.people import Role, User
from creneau.demo.booking_form import choose_time, decide
from creneau.demo.slack import Person
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import (
    TUESDAY,
    TUESDAY_AT_TEN,
    TUESDAY_FR,
    ask,
    ask_and_confirm,
    booking_of,
    events_of,
)


def test_a_time_taken_meanwhile_is_an_error_under_the_field_with_the_next_free_times(story: Story):
    emma = story.person("emma")
    emma.command("/book")
    choose_time(emma, TUESDAY, "10:00")
    emma.wait_for_modal("Kept for you until")
    story.clock.move(minutes=6)  # what is held for her is over
    ask(story, "marie")

    errors = emma.submit()

    assert errors == {
        "time-2026-12-01": "This time has just been taken. Next free times: Tue 01/12 11:00, Tue 01/12 14:00, "
        "Tue 01/12 15:00."
    }


def test_a_time_that_passed_while_the_modal_was_open_is_refused(story: Story):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")
    story.clock.move(days=2)

    errors = marie.submit()

    assert errors is not None
    assert errors["time-2026-12-01"].startswith("Ce créneau est déjà passé. Prochains créneaux libres")


def test_sending_before_the_new_day_was_drawn_shows_that_days_times_instead_of_booking(story: Story):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    story.slack.faults.refuse("views.update", "internal_error")
    marie.select("day", "2026-12-03")

    assert marie.submit() is None

    marie.wait_for(lambda: marie.modal is not None and "time-2026-12-03" in str(marie.modal.blocks))
    story.work()
    assert story.person("paul").messages == []


def test_what_a_click_sent_and_nobody_waits_for_any_more_is_written_over_when_it_may_have_come(story: Story):
    ask(story)
    story.work()
    request = story.person("paul").wait_for_message("Nouvelle demande")
    text, drawn = request.text, request.blocks
    story.slack.faults.lose_request("chat.update")
    story.person("paul").click(request, "Confirmer")
    story.work()
    assert story.jobs_left() == {"slack.refresh_messages": 1}

    installation = story.creneau.slack.find_installation_of_team(request.team_id)
    assert installation is not None
    client = open_slack_clients(story.creneau.settings)(installation.bot_token)
    client.chat_update(channel=request.channel, ts=request.ts, text=text, blocks=drawn)  # it was held up on its way
    assert "Confirmer" in str(request.blocks)
    story.work_again()

    assert "Confirmer" not in str(request.blocks)
    assert story.jobs_left() == {}


def test_a_message_that_nobody_noted_before_a_newer_one_is_kept_up_to_date_too(story: Story):
    ask(story)
    story.slack.faults.lose_answer("chat.postMessage", times=2)
    story.work()
    two_o_clock = TUESDAY_AT_TEN + timedelta(hours=4)
    story.creneau.scheduling.reschedule_booking(story.stage.actor("marie"), booking_of(story).id, two_o_clock)
    story.work()
    asked = [one for one in story.person("paul").messages if "Confirmer" in str(one.blocks)]
    assert len(asked) == 2, "the first of them is not noted"

    story.work_again()

    [first, last] = asked
    assert "Confirmer" not in str(first.blocks)
    assert "déplacé" in first.text
    assert "Confirmer" in str(last.blocks)
    story.creneau.scheduling.cancel_booking(story.stage.actor("marie"), booking_of(story).id)
    story.work()
    assert "Confirmer" not in f"{first.blocks} {last.blocks}"


def test_a_calendar_server_that_is_down_delays_nothing_and_gets_the_session_when_it_is_back(story: Story):
    story.stage.calendars.stop()

    ask_and_confirm(story)

    assert story.person("marie").wait_for_message("C’est confirmé")
    assert story.jobs_left() == {"calendar_sync.push_session": 1}
    story.stage.calendars.start()
    story.work_again()
    assert len(events_of(story, "paul")) == 1
    assert story.jobs_left() == {}


def test_a_session_cancelled_while_the_calendar_server_was_down_never_appears(story: Story):
    story.stage.calendars.stop()
    ask_and_confirm(story)
    marie = story.person("marie")
    decide(marie, marie.wait_for_message("C’est confirmé"), "Annuler")
    story.work()

    story.stage.calendars.start()
    story.work_again()

    assert events_of(story, "paul") == []
    assert story.jobs_left() == {}


def test_messages_that_slack_did_not_take_arrive_once_when_it_is_back(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    story.slack.faults.is_offline = True
    assert marie.submit() is None
    story.work()
    assert paul.messages == []

    story.slack.faults.is_offline = False
    story.work_again()

    assert [message.text[:16] for message in paul.messages] == ["Nouvelle demande"]
    assert len(marie.messages) == 1
    assert story.jobs_left() == {}


def test_a_reminder_that_slack_did_not_take_is_sent_later(story: Story):
    ask_and_confirm(story)
    story.clock.move(hours=1, minutes=5)
    story.slack.faults.is_offline = True
    story.work_reminders()
    story.slack.faults.is_offline = False
    story.clock.move(minutes=1)
    story.work_reminders()

    for login in ("marie", "paul"):
        reminders = [message for message in story.person(login).messages if "Rappel" in message.text]
        assert len(reminders) == 1


def test_a_second_click_is_told_the_state_and_changes_nothing(story: Story):
    ask(story)
    story.work()
    paul = story.person("paul")
    request = paul.wait_for_message("Nouvelle demande")
    confirm = button_value(request, "Confirmer")

    paul.click(request, "Confirmer")
    paul.wait_for(lambda: "Confirmée" in request.all_text)
    press_again(story, "paul", "answer_confirm", confirm)

    told = paul.wait_for_message("Cette demande a déjà été traitée")
    assert "Confirmée" in told.text
    assert told.is_ephemeral
    assert request.buttons == ["Proposer un autre créneau", "Annuler", "Voir le détail"]

    press_again(story, "paul", "answer_of_another_version", confirm)
    assert paul.wait_for_message("autre version de Creneau").is_ephemeral


def test_declining_tells_the_beneficiary_and_frees_the_time(story: Story):
    ask(story)
    story.work()
    paul, marie = story.person("paul"), story.person("marie")
    request = paul.wait_for_message("Nouvelle demande")

    decide(paul, request, "Décliner")
    story.work()

    told = marie.wait_for_message("n’est finalement pas disponible")
    assert TUESDAY_FR in told.text
    assert "Déclinée" in request.all_text
    assert request.buttons == ["Voir le détail"]
    marie.click(told, "Choisir un créneau")
    choose_time(marie, TUESDAY, "10:00")
    assert marie.submit() is None
    assert events_of(story, "paul") == []


def test_a_button_with_somebody_elses_booking_is_refused(story: Story):
    ask(story, "marie")
    story.work()
    request = story.person("paul").wait_for_message("Nouvelle demande")
    value = button_value(request, "Confirmer")

    press_again(story, "grace", "answer_confirm", value)  # a consultant of another organization
    press_again(story, "julie", "answer_confirm", value)  # a colleague
    press_again(story, "marie", "answer_confirm", value)  # the beneficiary herself

    assert story.person("grace").wait_for_message("cannot be found")
    assert story.person("julie").wait_for_message("introuvable")
    assert story.person("marie").wait_for_message("Vous ne pouvez pas")
    assert request.buttons == ["Confirmer", "Proposer un autre créneau", "Décliner", "Voir le détail"]


@pytest.mark.parametrize("value", ["", "v1", "v1|x", "v2|01a2066a-b465-7ea8-9fbe-fb3b09030b65", "v1|" + "9" * 60])
def test_a_tampered_value_changes_nothing(story: Story, value: str):
    press_again(story, "paul", "answer_confirm", value)

    assert story.person("paul").wait_for_message("autre version de Creneau").is_ephemeral


def test_somebody_unknown_is_told_so_in_both_languages(story: Story):
    workspace = story.slack.world.workspaces["T0CAPAVENIR"]
    workspace.people.append(Person("U0NOBODY", "nobody", "Nobody", "nobody@example.org"))
    nobody = story.slack.person("T0CAPAVENIR", "U0NOBODY")

    nobody.command("/book")

    shown = nobody.wait_for_modal("not registered")
    assert "Vous n’êtes pas encore enregistré" in shown.all_text


def test_a_guest_of_another_workspace_is_nobody_here(story: Story):
    ask(story)
    story.work()
    value = button_value(story.person("paul").wait_for_message("Nouvelle demande"), "Confirmer")
    body = interaction(story, "paul", "answer_confirm", value)
    body["user"]["team_id"] = "T0HORIZON"

    assert post_signed(story, body).status_code == httpx.codes.OK

    story.work()
    assert "Confirmer" in story.person("paul").wait_for_message("Nouvelle demande").buttons


@pytest.mark.parametrize("trouble", ["unsigned", "forged", "stale", "tampered"])
def test_a_request_without_a_good_signature_is_refused_and_does_nothing(story: Story, trouble: str):
    fields = {"command": "/book", "team_id": "T0CAPAVENIR", "user_id": "U0MARIE", "trigger_id": "1.2.3"}
    body = urlencode(fields).encode()
    age = 6 * 60 if trouble == "stale" else 0
    headers = sign(story, body, age)
    if trouble == "unsigned":
        headers = {}
    if trouble == "forged":
        headers["X-Slack-Signature"] = "v0=" + "0" * 64
    if trouble == "tampered":
        body += b"&text=more"
    calls = len(story.slack.calls)

    answer = httpx.post(
        f"{story.stage.web_url}/slack/events",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
    )

    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert len(story.slack.calls) == calls


def test_a_trigger_that_expired_is_answered_by_a_message(story: Story):
    story.slack.faults.refuse("views.open", "expired_trigger_id")
    marie = story.person("marie")

    marie.command("/book")

    told = marie.wait_for_message("Veuillez réessayer")
    assert told.is_ephemeral
    marie.click(told, "Ouvrir")
    marie.wait_for_modal("Paul Martin")


def test_a_button_whose_trigger_expired_is_told_so_beside_it_and_not_offered_twice(story: Story):
    ask(story)
    story.work()
    paul = story.person("paul")
    story.slack.faults.refuse("views.open", "expired_trigger_id")

    paul.click(paul.wait_for_message("Nouvelle demande"), "Décliner")

    assert paul.wait_for_message("Veuillez réessayer").buttons == []
    paul.click(paul.wait_for_message("Nouvelle demande"), "Décliner")
    paul.wait_for_modal("Décliner")


def test_names_are_shown_literally(story: Story):
    creneau, cast = story.creneau, story.stage.casts[0]
    paul: User = cast.users["paul"]
    story.slack.world.workspaces["T0CAPAVENIR"].people.append(Person("U0EVIL", "evil", "Evil", "evil@example.org"))
    evil = creneau.people.add_user(
        cast.organization, Role.BENEFICIARY, "<!channel> *bold* <http://evil.example|click> & _x_", "evil@example.org",
        slack_user_id="U0EVIL",
    )  # fmt: skip
    creneau.people.open_bilan(evil, paul)
    person = story.slack.person("T0CAPAVENIR", "U0EVIL")
    person.command("/book")
    choose_time(person, TUESDAY, "10:00")
    assert person.submit() is None
    story.work()

    (call,) = [call for call in story.slack.calls_to("chat.postMessage") if call.arguments["channel"] == "U0PAUL"]

    sent = str(call.arguments["blocks"])
    assert "<!channel>" not in sent
    assert "<http" not in sent
    assert "*bold*" not in sent
    assert "&lt;!channel&gt;" in sent


def button_value(message: object, text: str) -> str:
    for block in message.blocks:  # type: ignore[attr-defined]
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == text:
                return element["value"]
    raise AssertionError(f"no button {text}")


def interaction(story: Story, login: str, action_id: str, value: str) -> dict:
    cast = next(cast for cast in story.stage.casts if login in cast.users)
    user_id, team_id = cast.users[login].slack_user_id, cast.sample.slack_team_id
    return {
        "type": "block_actions",
        "team": {"id": team_id},
        "user": {"id": user_id, "team_id": team_id},
        "channel": {"id": f"D{user_id[1:]}"},
        "actions": [{"action_id": action_id, "block_id": "b", "type": "button", "value": value, "action_ts": "1.1"}],
    }


def press_again(story: Story, login: str, action_id: str, value: str) -> None:
    """Send a click that the screen no longer (or never) offered, as a second device or an attacker would."""
    answer = post_signed(story, interaction(story, login, action_id, value))
    assert answer.status_code == httpx.codes.OK


def post_signed(story: Story, payload: dict) -> httpx.Response:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **sign(story, body)}
    return httpx.post(f"{story.stage.web_url}/slack/events", content=body, headers=headers)


def sign(story: Story, body: bytes, age: int = 0) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    stamp = str(int(time.time()) - age)
    digest = hmac.new(story.stage.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}
