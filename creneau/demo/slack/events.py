"""Events to the app, with Slack's three retries."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from creneau.demo.slack import payloads
from creneau.demo.slack.delivery import Answer, Delivery
from creneau.demo.slack.workspace import Json, Workspace
from creneau.demo.slack.world import World

MOST_RETRIES = 3


@dataclass(eq=False)
class Undelivered:
    payload: Json
    reason: str
    retries: int = 0


class Events:
    """Sends events. `retry_delays` None leaves retries to `retry`; otherwise timers send them."""

    def __init__(self, world: World, delivery: Delivery, retry_delays: Sequence[float] | None) -> None:
        self._world = world
        self._delivery = delivery
        self._delays = retry_delays
        self._lock = threading.Lock()
        self._timers: list[threading.Timer] = []
        self.undelivered: list[Undelivered] = []

    def send(self, workspace: Workspace, body: Json) -> Answer | None:
        """Deliver one event; None when the app has not subscribed to it."""
        subscription = "message.im" if body["type"] == "message" else body["type"]
        if not self._world.manifest.is_subscribed(subscription):
            return None
        event_id = self._world.new_id("Ev")
        payload = payloads.event(workspace, body, event_id, int(self._world.clock()))
        answer = self._delivery.send("events_api", payload)
        if answer.failure is not None and not answer.is_final:
            self._keep(Undelivered(payload, answer.failure))
        self._world.changed()
        return answer

    def retry(self) -> int:
        """Send everything that waits once more, at once; return how many were sent."""
        with self._lock:
            waiting, self.undelivered = self.undelivered, []
        for one in waiting:
            self._send_again(one)
        return len(waiting)

    def close(self) -> None:
        with self._lock:
            self._delays = None
            for timer in self._timers:
                timer.cancel()

    def _send_again(self, one: Undelivered) -> None:
        one.retries += 1
        headers = {"x-slack-retry-num": str(one.retries), "x-slack-retry-reason": one.reason}
        answer = self._delivery.send("events_api", one.payload, headers)
        if answer.failure is not None and not answer.is_final:
            one.reason = answer.failure
            self._keep(one)

    def _keep(self, one: Undelivered) -> None:
        if one.retries >= MOST_RETRIES:
            self._world.problem(f"event {one.payload['event']['type']} was not taken after {MOST_RETRIES} retries")
            return
        with self._lock:
            self.undelivered.append(one)
            if self._delays is None:
                return
            timer = threading.Timer(self._delays[one.retries], self._retry_one, [one])
            timer.daemon = True
            self._timers.append(timer)
            timer.start()

    def _retry_one(self, one: Undelivered) -> None:
        with self._lock:
            if one not in self.undelivered:
                return
            self.undelivered.remove(one)
        self._send_again(one)
