"""The same code behind Socket Mode, for a server without a public address."""

from slack_bolt.adapter.socket_mode import SocketModeHandler

from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask, events_of


def test_a_booking_is_asked_for_and_confirmed_over_a_socket(story: Story):
    handler = SocketModeHandler(story.creneau.bot, story.slack.app_token)
    handler.connect()
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
        handler.close()

    assert len(events_of(story, "paul")) == 1
    assert story.slack.problems == []
