"""One request of Slack acts once: however often it arrives, and however fast. Peers, row 3."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from creneau.core.domain.booking import Booking, Status
from creneau.demo.booking_form import choose_time
from creneau.demo.slack import payloads
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, ask
from tests.acceptance.test_trouble import sign

TIMES = 6


def bookings(story: Story) -> list[Booking]:
    actor = story.stage.actor("paul")
    return story.creneau.scheduling.get_consultant_bookings(actor, actor.user_id)


def send_often(story: Story, payload: dict) -> list[httpx.Response]:
    """Send the very same signed bytes at once, and once more when all have been answered."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **sign(story, body)}

    def send(_: int) -> httpx.Response:
        return httpx.post(f"{story.stage.web_url}/slack/events", content=body, headers=headers, timeout=10)

    with ThreadPoolExecutor(TIMES) as pool:
        return [*pool.map(send, range(TIMES)), send(0)]


def test_a_submission_that_arrives_again_and_again_books_once_and_is_answered_alike(story: Story):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")
    more = {"trigger_id": "1.2.submitted", "view": marie.modal.to_slack(), "response_urls": []}
    submission = payloads.interaction("view_submission", marie.workspace, marie.person, **more)

    answers = send_often(story, submission)

    assert len(bookings(story)) == 1
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert "Demande envoyée" in json.dumps(answers[-1].json(), ensure_ascii=False)
    story.work()
    assert len(story.person("paul").messages) == 1


def test_a_click_that_arrives_again_and_again_confirms_once(story: Story):
    ask(story)
    story.work()
    paul = story.person("paul")
    paul.click(paul.wait_for_message("Nouvelle demande"), "Confirmer")
    click = story.slack.delivery.delivered[-1].payload

    send_often(story, click)

    paul.wait_for(lambda: bookings(story)[0].status is Status.CONFIRMED)
    story.work()
    (booking,) = bookings(story)
    history = story.creneau.scheduling.get_booking_history(story.stage.actor("paul"), booking.id)
    assert [entry.version for entry in history] == [1, 2]
    assert len([m for m in story.person("marie").messages if "C’est confirmé" in m.text]) == 1


def test_a_method_that_slack_asks_to_wait_with_waits_alone_and_loses_nothing(story: Story):
    story.slack.faults.rate_limit("chat.postMessage", times=1, retry_after=30)
    ask(story)

    story.work()

    tried = len(story.slack.calls_to("chat.postMessage"))
    published = len(story.slack.calls_to("views.publish"))
    assert published >= 2  # another method does not wait
    story.clock.move(seconds=29)
    story.work_again()
    assert len(story.slack.calls_to("chat.postMessage")) == tried
    story.clock.move(seconds=2)
    story.work_again()
    assert [len(story.person(login).messages) for login in ("marie", "paul")] == [1, 1]
    assert story.jobs_left() == {}


def test_a_window_that_slack_lets_wait_is_filled_a_moment_later_or_says_so(story: Story):
    marie = story.person("marie")
    story.slack.faults.rate_limit("views.update", times=1, retry_after=1)

    marie.command("/book")
    assert marie.wait_for_modal("Prendre rendez-vous")

    story.slack.faults.rate_limit("views.update", times=1, retry_after=30)
    marie.command("/book")
    assert marie.wait_for_modal("Veuillez réessayer dans une minute")


def test_a_form_sent_with_somebody_else_s_bilan_is_answered_in_its_window_and_books_nothing(story: Story):
    marie = story.person("marie")
    marie.command("/book")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")
    view = marie.modal.to_slack()
    shown = json.loads(view["private_metadata"])
    (own,) = [name for name, value in shown.items() if "bilan" in name and value]
    forged = {**view, "private_metadata": json.dumps({**shown, own: str(uuid4())})}
    more = {"trigger_id": "1.2.forged", "view": forged, "response_urls": []}

    answers = send_often(story, payloads.interaction("view_submission", marie.workspace, marie.person, **more))

    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert answers[-1].json()["response_action"] == "update"
    assert "Aucun accompagnement" in json.dumps(answers[-1].json(), ensure_ascii=False)
    assert bookings(story) == []
