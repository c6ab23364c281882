"""The same code behind Socket Mode and HTTP: with our local Slack, and with payloads as Slack's own pages show them."""

import json
from copy import deepcopy
from threading import Thread

import psycopg

from creneau.bot.ids import ANSWER_CONFIRM, SESSION_CANCEL
from creneau.bot.socket_mode import SocketMode
from creneau.core.domain.booking import Status
from creneau.demo.booking_form import choose_time
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, ask, events_of
from tests.acceptance.plain_slack import Json, PlainHttp, PlainSocket, PlainUser, Wire
from tests.conftest import plain

OFTEN = 1.0
"""Seconds between two looks at a socket, a dead one is found after five. One that is silent for four is given up."""


def statuses(story: Story) -> list[Status]:
    paul = story.stage.actor("paul")
    return [booking.status for booking in story.creneau.scheduling.get_consultant_bookings(paul, paul.user_id)]


def user(story: Story, login: str) -> PlainUser:
    person = story.person(login)
    workspace, world = person.workspace, story.slack.world
    return PlainUser(
        person.user_id,
        workspace.team_id,
        workspace.channel_of(person.user_id),
        lambda: world.new_trigger(workspace, person.person),
    )


def click(story: Story, login: str, action_id: str) -> Json:
    """Say what Slack sends when somebody clicks a button, on the newest message that has it."""
    person = story.person(login)
    for message in reversed(person.messages):
        sent = message.to_slack(person.workspace)
        for block in sent["blocks"]:
            for element in block.get("elements", []):
                if element.get("action_id") == action_id:
                    return user(story, login).click(sent, block, element)
    raise AssertionError(f"no button {action_id}")


def book(story: Story, wire: Wire) -> Json:
    """Let Marie ask for the first time that the form offers, and return the submission."""
    marie = story.person("marie")
    wire.deliver("slash_commands", user(story, "marie").command("/book"))
    marie.wait_for(lambda: marie.modal is not None and "time-" in json.dumps(marie.modal.blocks))
    assert marie.modal is not None
    view = marie.modal.to_slack()
    values = deepcopy(view["state"]["values"])
    block = next(block for block in view["blocks"] if block["block_id"].startswith("time-"))
    element = block.get("element") or block["accessory"]
    groups = element.get("option_groups") or [{"options": element["options"]}]
    values[block["block_id"]] = {
        element["action_id"]: {"type": "static_select", "selected_option": groups[0]["options"][0]}
    }
    submission = user(story, "marie").submission(view, values)
    said = wire.deliver("interactive", submission)
    assert (said or {}).get("response_action") != "errors", said
    story.work()
    return submission


def confirm(story: Story, wire: Wire) -> Json:
    clicked = click(story, "paul", ANSWER_CONFIRM)
    wire.deliver("interactive", clicked)
    paul = story.person("paul")
    paul.wait_for(lambda: not any("Confirmer" in message.buttons for message in paul.messages))
    story.work()
    return clicked


def cancel(story: Story, wire: Wire) -> None:
    marie = story.person("marie")
    with story.slack.world.lock:
        story.slack.world.screen(marie.workspace.team_id, marie.user_id).stack.clear()
    wire.deliver("interactive", click(story, "marie", SESSION_CANCEL))
    marie.wait_for(lambda: marie.modal is not None and marie.modal.submit_label)
    assert marie.modal is not None
    view = marie.modal.to_slack()
    wire.deliver("interactive", user(story, "marie").submission(view, view["state"]["values"]))
    story.work()


def test_a_booking_is_asked_for_and_confirmed_over_a_socket(story: Story):
    front = SocketMode(story.creneau.bot, story.slack.app_token)
    front.open()
    try:
        assert story.slack.sockets.wait_until_connected()
        story.slack.request_url = "http://127.0.0.1:9/nowhere"  # HTTP would fail: nothing listens there
        ask(story)
        story.work()
        paul = story.person("paul")
        paul.click(paul.wait_for_message("Nouvelle demande"), "Confirmer")
        story.work()
        paul.open_home()
        assert "Marie Durand" in paul.wait_for_home("Séances à venir").all_text
    finally:
        front.close()

    assert len(events_of(story, "paul")) == 1
    assert story.slack.problems == []


def test_payloads_of_slacks_own_pages_book_confirm_and_cancel_over_http(story: Story):
    http = PlainHttp(story.slack.request_url, story.stage.signing_secret)

    book(story, http)
    assert statuses(story) == [Status.SCHEDULED]
    confirm(story, http)
    assert statuses(story) == [Status.CONFIRMED]
    cancel(story, http)

    assert statuses(story) == [Status.CANCELLED]
    assert story.slack.problems == []


def test_and_over_a_socket_that_is_renewed_and_dropped_with_nothing_lost_and_nothing_done_twice(story: Story):
    with PlainSocket() as wire:
        story.slack.web_api._open_socket = lambda: wire.url
        front = SocketMode(story.creneau.bot, story.slack.app_token, ping_seconds=OFTEN)
        front.open()
        try:
            wire.wait_for_connections(1)
            submission = book(story, wire)
            wire.deliver("interactive", submission, retry_attempt=1, retry_reason="timeout")
            assert statuses(story) == [Status.SCHEDULED]

            wire.ask_to_reconnect("refresh_requested")
            wire.wait_for_connections(2)
            clicked = confirm(story, wire)
            wire.ask_to_reconnect("warning")
            wire.wait_for_connections(3)
            wire.deliver("interactive", clicked, retry_attempt=1, retry_reason="timeout")
            wire.drop()
            wire.wait_for_connections(4)
            cancel(story, wire)
            wire.deliver("interactive", clicked)
            wire.deliver("interactive", submission)
        finally:
            front.close()

    assert statuses(story) == [Status.CANCELLED]
    assert events_of(story, "paul") == []


def test_what_has_come_before_the_end_is_answered_and_done(story: Story):
    front = SocketMode(story.creneau.bot, story.slack.app_token)
    front.open()
    assert story.slack.sockets.wait_until_connected()
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    with psycopg.connect(plain(story.stage.urls.owner)) as blocker:
        blocker.execute("set row_security = off")
        blocker.execute("lock table session_bookings in exclusive mode")  # the booking waits here
        submitting = Thread(target=marie.submit)
        submitting.start()
        _wait_until_blocked(story)
        ending = Thread(target=front.close)
        ending.start()
        ending.join(0.5)
        assert ending.is_alive()
        blocker.rollback()
    ending.join(20)
    submitting.join(20)

    assert not ending.is_alive()
    assert statuses(story) == [Status.SCHEDULED]
    assert not story.slack.sockets.is_connected
    assert story.slack.delivered[-1].answer.failure is None


def _wait_until_blocked(story: Story) -> None:
    waiting = "select count(*) from pg_locks where not granted and relation = 'session_bookings'::regclass"
    with psycopg.connect(plain(story.stage.urls.owner), autocommit=True) as connection:
        found = None
        while not found:
            found = (connection.execute(waiting).fetchone() or (0,))[0]
