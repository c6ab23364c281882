"""People who book, confirm, move and cancel, and ask until they are answered. What they were told is remembered."""

import random
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

from creneau.core.domain.people import Role, User
from creneau.demo.slack import Actor
from soak.ground import Ground

THINKS = (1.0, 5.0)  # seconds; workers and people share a machine
_PAUSE = 0.3
_PATIENCE = 120.0
_MOST_LIVE = 16
_CONFIRM = ("Confirm", "Confirmer")
_SERVER_ERROR = 500


class NeverAnswered(Exception):
    """The service did not come back."""


@dataclass(slots=True)
class Told:
    """What the service said it had done: bookings made, by the key of their request, and acts on them."""

    booked: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    acts: set[tuple[str, str]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person:
    """One person in a thread of their own, until told to stop."""

    def __init__(
        self,
        ground: Ground,
        login: str,
        user: User,
        told: Told,
        seed: str,
        thinks: tuple[float, float] = THINKS,
    ) -> None:
        """`thinks` says how many seconds pass between two acts, at least and at most."""
        self._ground = ground
        self._login = login
        self._user = user
        self._told = told
        self._thinks = thinks
        self._draw = random.Random(seed)  # noqa: S311 - to be done again in the same way
        self._stop = threading.Event()
        self._token = ground.token(user)
        self._client = httpx.Client(timeout=20)
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._live, name=login, daemon=True)

    def stop(self) -> None:
        self._stop.set()

    def _live(self) -> None:
        try:
            while not self._stop.wait(self._draw.uniform(*self._thinks)):
                self._act()
        except BaseException as error:  # noqa: BLE001 - told by the one who waits for the thread
            self.problem = error

    def _act(self) -> None:
        if self._user.role is Role.CONSULTANT:
            self._see_to_sessions()
            return
        mine = self._ask("GET", "/bookings", params={"limit": 200}).json()["data"]
        live = [one for one in mine if one["status"] in ("SCHEDULED", "CONFIRMED")]
        chance = self._draw.random()
        if not live or (chance < 0.7 and len(live) < _MOST_LIVE):
            self._book()
        elif chance < 0.8:
            self._change(self._draw.choice(live)["id"], "cancel", {"cancellation_reason": "Soaked"})
        else:
            booking = self._draw.choice(live)
            time = self._choose_time(booking["consultant_id"])
            if time is not None:
                wanted = ("scheduled_date", "scheduled_start_time", "timezone")
                self._change(booking["id"], "reschedule", {name: time[name] for name in wanted})

    def _book(self) -> None:
        bilan = next(
            bilan for cast in self._ground.stage.casts for bilan in cast.bilans if bilan.beneficiary_id == self._user.id
        )
        time = self._choose_time(str(bilan.consultant_id))
        if time is None:
            return
        key = str(uuid4())
        wanted = {**time, "bilan_id": str(bilan.id)}
        answer = self._ask("POST", "/bookings", json=wanted, headers={"Idempotency-Key": key})
        with self._told.lock:
            if answer.status_code == httpx.codes.CREATED:
                self._told.booked[key] = answer.json()["data"]["id"]
            else:
                self._told.refused.add(key)

    def _see_to_sessions(self) -> None:
        """Confirm what is asked, or tell that a session took place."""
        chance = self._draw.random()
        if chance < 0.2:
            agreed = self._ask("GET", "/bookings", params={"status": "CONFIRMED", "limit": 200}).json()["data"]
            now = self._ground.clock.now()
            begun = [one for one in agreed if datetime.fromisoformat(one["starts_at"]) <= now]
            if begun:
                self._change(self._draw.choice(begun)["id"], "complete", {"attended": True})
        elif chance < 0.6:
            with suppress(LookupError):  # another click, or a job, was faster
                self._click(self._ground.stage.person(self._login))
        else:
            waiting = self._ask("GET", "/bookings", params={"status": "SCHEDULED", "limit": 200}).json()["data"]
            if waiting:
                self._change(self._draw.choice(waiting)["id"], "confirm", {})

    def _click(self, actor: Actor) -> None:
        """Confirm in Slack whatever can be confirmed there."""
        offered = [(one, button) for one in actor.messages for button in one.buttons if button in _CONFIRM]
        if offered:
            actor.click(*self._draw.choice(offered))

    def _choose_time(self, consultant_id: str) -> dict[str, Any] | None:
        """Choose one of the first times in an hour, or in a day: reminders of these come due soon."""
        aim = self._ground.clock.now() + timedelta(hours=self._draw.choice((1, 1, 24)))
        days = {"date_from": str(aim.date()), "date_to": str(aim.date() + timedelta(days=2))}
        answer = self._ask("GET", f"/availability/{consultant_id}/slots", params=days)
        offered: list[dict[str, Any]] = answer.json().get("data") or []
        ahead = [one for one in offered if datetime.fromisoformat(one["starts_at"]) > aim]
        return self._draw.choice(ahead[:3]) if ahead else None

    def _change(self, booking_id: str, act: str, body: dict[str, Any]) -> None:
        answer = self._ask("PUT", f"/bookings/{booking_id}/{act}", json=body)
        if answer.status_code == httpx.codes.OK:
            with self._told.lock:
                self._told.acts.add((booking_id, act))

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Ask until there is an answer that says yes or no."""
        given_up, pause = monotonic() + _PATIENCE, threading.Event()
        while monotonic() < given_up:
            with suppress(httpx.HTTPError):
                authorized = {"Authorization": f"Bearer {self._token}", **(headers or {})}
                url = f"{self._draw.choice(self._ground.web_urls)}/api/scheduling{path}"
                answer = self._client.request(method, url, headers=authorized, **more)
                if answer.status_code < _SERVER_ERROR and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    return answer
            pause.wait(_PAUSE)
        raise NeverAnswered(f"{method} {path}")
