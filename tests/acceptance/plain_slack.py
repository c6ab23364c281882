"""Slack's side in plain HTTP and plain WebSocket: payloads with the members that Slack's reference pages show.

Nothing of the local Slack is used to send them, so that what both of them have wrong together is found.
https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling,
https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import hashlib
import hmac
import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Message, Ping, Request, TextMessage

Json = dict[str, Any]
Kind = Literal["slash_commands", "interactive", "events_api"]
PATIENCE = 10.0


class Wire(Protocol):
    def deliver(self, kind: Kind, payload: Json) -> Json | None:
        """Send a payload and return what the acknowledgement says."""
        ...


@dataclass(frozen=True)
class PlainHttp:
    url: str
    signing_secret: str

    def deliver(self, kind: Kind, payload: Json) -> Json | None:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
        body = urlencode(payload if kind == "slash_commands" else {"payload": json.dumps(payload)})
        stamp = str(int(time.time()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        answer = httpx.post(
            self.url,
            content=body,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": f"v0={digest}",
            },
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        said: Json | None = answer.json() if answer.content else None
        return said


class PlainSocket:
    """A WebSocket server of one port: one connection is in use, the newest."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listening.getsockname()[1]}/link/?ticket=1234-5678"
        self._changed = threading.Condition()
        self._newest: tuple[socket.socket, WSConnection] | None = None
        self._replies: dict[str, Json] = {}
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "PlainSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def deliver(self, kind: Kind, payload: Json, **more: Any) -> Json | None:
        envelope = {"envelope_id": str(uuid4()), "type": kind, "accepts_response_payload": True, "payload": payload}
        self._send({**envelope, **more})
        with self._changed:
            answered = self._changed.wait_for(lambda: envelope["envelope_id"] in self._replies, PATIENCE)
            assert answered, f"no acknowledgement of {payload.get('type', kind)}"
            said: Json | None = self._replies.pop(str(envelope["envelope_id"])).get("payload")
            return said

    def ask_to_reconnect(self, reason: str) -> None:
        """Say that this connection will end, as Slack does when it renews its side."""
        self._send({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-7fc4fdbb64-4x5xq"}})

    def drop(self) -> None:
        """End the connection without a word."""
        assert self._newest is not None
        self._newest[0].shutdown(socket.SHUT_RDWR)

    def wait_for_connections(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.connections >= count, PATIENCE * 3), self.connections

    def _send(self, message: Json) -> None:
        assert self._newest is not None
        connection, protocol = self._newest
        connection.sendall(protocol.send(Message(data=json.dumps(message))))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        protocol, text = WSConnection(ConnectionType.SERVER), ""
        try:
            while received := connection.recv(65536):
                protocol.receive_data(received)
                for event in protocol.events():
                    match event:
                        case Request():
                            connection.sendall(protocol.send(AcceptConnection()))
                            self._greet(connection, protocol)
                        case Ping():
                            connection.sendall(protocol.send(event.response()))
                        case TextMessage():
                            text += event.data
                            if event.message_finished:
                                self._take(json.loads(text))
                                text = ""
        except OSError:
            return

    def _greet(self, connection: socket.socket, protocol: WSConnection) -> None:
        hello = {
            "type": "hello",
            "connection_info": {"app_id": "A1234"},
            "num_connections": 1,
            "debug_info": {
                "host": "applink-7fc4fdbb64-4x5xq",
                "build_number": 10,
                "approximate_connection_time": 18060,
            },
        }
        connection.sendall(protocol.send(Message(data=json.dumps(hello))))
        with self._changed:
            self._newest = connection, protocol
            self.connections += 1
            self._changed.notify_all()

    def _take(self, reply: Json) -> None:
        with self._changed:
            self._replies[reply["envelope_id"]] = reply
            self._changed.notify_all()


@dataclass(frozen=True)
class PlainUser:
    """One person of a workspace; `new_trigger` makes the ids that open windows, `answer_to` is a response URL."""

    id: str
    team_id: str
    channel: str
    new_trigger: Any
    answer_to: str = "http://127.0.0.1:9/commands/1234/5678"

    def command(self, name: str) -> Json:
        return {
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "team_id": self.team_id,
            "team_domain": "example",
            "channel_id": self.channel,
            "channel_name": "directmessage",
            "user_id": self.id,
            "user_name": "steve",
            "command": name,
            "text": "",
            "api_app_id": "A123456",
            "is_enterprise_install": "false",
            "response_url": self.answer_to,
            "trigger_id": self.new_trigger(),
        }

    def click(self, message: Json, block: Json, button: Json) -> Json:
        return {
            **self._interaction("block_actions"),
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": self.channel,
                "is_ephemeral": False,
            },
            "channel": {"id": self.channel, "name": "directmessage"},
            "message": message,
            "state": {"values": {}},
            "response_url": self.answer_to,
            "actions": [
                {
                    "action_id": button["action_id"],
                    "block_id": block.get("block_id", "=qXel"),
                    "text": button["text"],
                    "value": button["value"],
                    "type": "button",
                    "action_ts": f"{time.time():.6f}",
                }
            ],
        }

    def submission(self, view: Json, values: Json) -> Json:
        return {
            **self._interaction("view_submission"),
            "view": {
                **view,
                "state": {"values": values},
                "app_id": "A123456",
                "app_installed_team_id": self.team_id,
                "bot_id": "B123456",
            },
            "response_urls": [],
        }

    def _interaction(self, kind: str) -> Json:
        return {
            "type": kind,
            "team": {"id": self.team_id, "domain": "example"},
            "user": {"id": self.id, "username": "steve", "name": "steve", "team_id": self.team_id},
            "api_app_id": "A123456",
            "token": "9s8d9as89d8as9d8as989",
            "trigger_id": self.new_trigger(),
            "enterprise": None,
            "is_enterprise_install": False,
        }
