"""Socket Mode: the app connects to Slack, and requests come down the socket instead of to an address of ours.

The SDK connects anew when a socket breaks, or when Slack asks for it because it renews its own end.
https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
"""

import json
from threading import Event
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

PING_SECONDS = 3.0
"""How often the socket is tried: a closed one is replaced after that, one that went silent after four times as long."""
_LAST = "creneau.last"
_DRAINED_WITHIN = 15.0
_A_LOOK = 0.2


class SocketMode:
    """The app behind sockets. Several processes may have one each: Slack sends a request down one of them."""

    def __init__(self, app: App, app_token: str, ping_seconds: float = PING_SECONDS) -> None:
        self._pool = app.listener_runner.listener_executor
        self._client = SocketModeHandler(app, app_token, ping_interval=ping_seconds).client
        self._is_drained = Event()
        self._client.message_listeners.append(self._note_last)

    def open(self) -> None:
        """Connect. Raises: SlackApiError for a token that Slack does not take, OSError when it cannot be reached."""
        self._client.connect()

    def close(self) -> None:
        """Read no more, answer and do what was read, then say goodbye: the order is what loses nothing.

        What Slack sends meanwhile is not acknowledged: it sends events again, by another socket.
        """
        self._client.auto_reconnect_enabled = False
        self._stop_reading()
        self._client.enqueue_message(json.dumps({"type": _LAST}))
        self._is_drained.wait(_DRAINED_WITHIN)
        self._client.closed = True
        self._client.message_workers.shutdown()
        self._pool.shutdown()
        self._client.close()

    def _stop_reading(self) -> None:
        """End the thread that reads, which begins again by itself unless it is told while it looks."""
        reader = self._client.current_session_runner
        reader.event.set()
        while reader.is_alive():
            self._client.current_session_state.terminated = True
            reader.thread.join(_A_LOOK)

    def _note_last(self, _: Any, message: dict[str, Any], __: str | None = None) -> None:
        if message.get("type") == _LAST:
            self._is_drained.set()
