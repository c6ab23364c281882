"""The way to the app: signed HTTP to its request URL, or a socket when one is connected; three seconds to answer."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import httpx

from creneau.demo.slack.sockets import Sockets
from creneau.demo.slack.workspace import Json

Kind = Literal["slash_commands", "interactive", "events_api"]
ACK_SECONDS = 3.0


@dataclass(frozen=True)
class Answer:
    """What came back. `failure` is None or the reason as Slack names it in its retry header."""

    status: int = 0
    body: Any = None
    failure: str | None = None
    is_final: bool = False

    @property
    def sentence(self) -> str:
        return {
            "http_timeout": "no answer within 3 seconds",
            "connection_failed": "the app could not be reached",
        }.get(self.failure or "", f"the app answered {self.status}")

    @property
    def reason(self) -> str:
        """Say why in one word or number."""
        return str(self.status) if self.status else self.failure or ""

    @property
    def command_error(self) -> str:
        """The word Slackbot shows when a command fails."""
        return "operation_timeout" if self.failure == "http_timeout" else "dispatch_failed"


@dataclass(frozen=True)
class Delivered:
    kind: Kind
    payload: Json
    headers: Mapping[str, str]
    answer: Answer


class Delivery:
    """Sends payloads to the app and keeps a record of them."""

    def __init__(self, signing_secret: str, request_url: str, sockets: Sockets, ack_seconds: float) -> None:
        self.request_url = request_url
        self.delivered: list[Delivered] = []
        self._secret = signing_secret
        self._sockets = sockets
        self._ack_seconds = ack_seconds
        self._client = httpx.Client(timeout=ack_seconds, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def send(self, kind: Kind, payload: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Deliver one payload and wait for the ack."""
        extra = headers or {}
        if self._sockets.is_connected:
            answer = self._over_socket(kind, payload, extra)
        else:
            answer = self._over_http(kind, payload, extra)
        self.delivered.append(Delivered(kind, payload, extra, answer))
        return answer

    def sign(self, body: bytes, timestamp: int) -> str:
        base = b"v0:%d:%s" % (timestamp, body)
        return "v0=" + hmac.new(self._secret.encode(), base, hashlib.sha256).hexdigest()

    def _over_socket(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> Answer:
        envelope: Json = {"type": kind, "payload": payload, "accepts_response_payload": kind != "events_api"}
        if "x-slack-retry-num" in headers:
            envelope["retry_attempt"] = int(headers["x-slack-retry-num"])
            envelope["retry_reason"] = headers["x-slack-retry-reason"]
        reply = self._sockets.ask(envelope, self._ack_seconds)
        if reply is None:
            return Answer(failure="http_timeout")
        return Answer(200, reply.get("payload"))

    def _over_http(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> Answer:
        content_type, body = _encode(kind, payload)
        timestamp = int(time.time())
        signed = {
            **headers,
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": self.sign(body, timestamp),
        }
        try:
            response = self._client.post(self.request_url, content=body, headers=signed)
        except httpx.TimeoutException:
            return Answer(failure="http_timeout")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Answer(failure="connection_failed")
        failure = None if response.is_success else "http_error"
        is_final = response.headers.get("x-slack-no-retry") == "1"
        return Answer(response.status_code, _decode(response), failure, is_final)


def _encode(kind: Kind, payload: Json) -> tuple[str, bytes]:
    if kind == "events_api":
        return "application/json", json.dumps(payload).encode()
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


def _decode(response: httpx.Response) -> Any:
    if response.headers.get("content-type", "").startswith("application/json") and response.content:
        try:
            return response.json()
        except ValueError:
            return response.text
    return response.text or None
