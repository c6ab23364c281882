"""Socket Mode: the app connects here and payloads go down its socket instead of to its request URL."""

import json
import queue
import secrets
import threading
import uuid

import simple_websocket  # type: ignore[import-untyped]  # ships no types
from flask import Blueprint, Response, request

from creneau.demo.slack.workspace import Json


class Sockets:
    """The open sockets of the app. Any of them may get a payload, as in Slack."""

    def __init__(self, app_id: str) -> None:
        self.base_url = ""
        self._app_id = app_id
        self._lock = threading.Lock()
        self._tickets: set[str] = set()
        self._open: list[simple_websocket.Server] = []
        self._waiting: dict[str, queue.SimpleQueue[Json]] = {}
        self._connected = threading.Condition(self._lock)
        self.blueprint = Blueprint("sockets", __name__)
        self.blueprint.add_url_rule("/socket/<ticket>", view_func=self.serve, websocket=True)

    @property
    def is_connected(self) -> bool:
        return bool(self._open)

    def wait_until_connected(self, timeout: float = 5) -> bool:
        with self._connected:
            return self._connected.wait_for(lambda: bool(self._open), timeout)

    def new_url(self) -> str:
        """Make the single-use address of a connection."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._tickets.add(ticket)
        return f"{self.base_url.replace('http://', 'ws://')}/socket/{ticket}"

    def serve(self, ticket: str) -> Response:
        """Hold one connection until the app closes it."""
        with self._lock:
            if ticket not in self._tickets:
                return Response("unknown ticket", 404)
            self._tickets.discard(ticket)
        connection = simple_websocket.Server.accept(request.environ)
        connection.send(json.dumps(self._hello()))
        with self._connected:
            self._open.append(connection)
            self._connected.notify_all()
        try:
            while True:
                self._receive(connection.receive())
        except simple_websocket.ConnectionClosed:
            self._forget(connection)
        return Response()

    def ask(self, envelope: Json, timeout: float) -> Json | None:
        """Send an envelope and wait for its reply; None when none came in time."""
        envelope_id = str(uuid.uuid4())
        reply: queue.SimpleQueue[Json] = queue.SimpleQueue()
        with self._lock:
            self._waiting[envelope_id] = reply
            connections = list(self._open)
        try:
            for connection in connections:
                try:
                    connection.send(json.dumps({"envelope_id": envelope_id, **envelope}))
                    return reply.get(timeout=timeout)
                except (simple_websocket.ConnectionClosed, OSError):
                    self._forget(connection)
                except queue.Empty:
                    return None
            return None
        finally:
            with self._lock:
                self._waiting.pop(envelope_id, None)

    def close(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.close()
            except (simple_websocket.ConnectionClosed, OSError):
                self._forget(connection)

    def _receive(self, raw: str | bytes | None) -> None:
        if raw is None:
            return
        message = json.loads(raw)
        with self._lock:
            waiting = self._waiting.get(message.get("envelope_id", ""))
        if waiting is not None:
            waiting.put(message)

    def _forget(self, connection: simple_websocket.Server) -> None:
        with self._lock:
            if connection in self._open:
                self._open.remove(connection)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "stand-in", "approximate_connection_time": 18060},
        }
