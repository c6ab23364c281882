"""A person's way to the service by the API: they ask until they are answered, and remember what they were told."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

from soak.told import Told

_PAUSE = 0.3  # seconds
_PATIENCE = 120.0
_SERVER_ERROR = 500
_CONDITIONAL = 0.6
"""How often a change is meant for the booking as it was read, and for no other."""

Json = dict[str, Any]


class NeverAnswered(Exception):
    """The service did not come back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The first one that says yes or no, after so many that were lost: what was asked for may have been done there."""

    response: httpx.Response
    lost: int


class Api:
    """`urls` are of equal webs: each request goes to one of them."""

    def __init__(self, urls: tuple[str, ...], token: str, told: Told, draw: random.Random) -> None:
        self._urls = urls
        self._token = token
        self._told = told
        self._draw = draw
        self._client = httpx.Client(timeout=20)

    def read(self, path: str, **params: Any) -> list[Json]:
        """Return the first two hundred; nothing where the service says no."""
        listed: list[Json] = self._ask("GET", path, params=params).response.json().get("data") or []
        return listed

    def list_free(self, consultant_id: str, after: datetime) -> list[Json]:
        """List the free times of the two days after an instant."""
        days = {"date_from": str(after.date()), "date_to": str(after.date() + timedelta(days=2))}
        free = self.read(f"/availability/{consultant_id}/slots", **days)
        return [one for one in free if datetime.fromisoformat(one["starts_at"]) > after]

    def book(self, wanted: Mapping[str, Any]) -> None:
        key = str(uuid4())
        response = self._ask("POST", "/bookings", json=wanted, headers={"Idempotency-Key": key}).response
        with self._told.lock:
            if response.status_code == httpx.codes.CREATED:
                self._told.booked[key] = response.json()["data"]["id"]
            else:
                self._told.refused.add(key)

    def change(self, booking: Json, act: str, body: Mapping[str, Any], proposal_id: str | None = None) -> None:
        """Act on a booking, now and then on any version of it: what was lost and is asked again may be done twice then.

        `If-Match` is to a change what a key is to a request: it is done once.
        """
        is_conditional = self._draw.random() < _CONDITIONAL
        condition = {"If-Match": f'"{booking["version"]}"'} if is_conditional else {}
        answer = self._ask("PUT", f"/bookings/{booking['id']}/{act}", json=body, headers=condition)
        is_done = answer.response.status_code == httpx.codes.OK
        if is_done:
            self._told.add_act(act.upper(), answer.response.json()["data"], proposal_id)
        most = (0 if is_done else 1) if is_conditional else answer.lost
        if answer.lost and most:
            self._told.doubt(booking["id"], act.upper(), most)

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask until there is an answer that says yes or no. Raises: NeverAnswered."""
        given_up, pause, lost = monotonic() + _PATIENCE, threading.Event(), 0
        authorized = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        while monotonic() < given_up:
            url = f"{self._draw.choice(self._urls)}/api/scheduling{path}"
            try:
                response = self._client.request(method, url, headers=authorized, **more)
            except httpx.HTTPError:
                lost += 1
            else:
                if response.status_code < _SERVER_ERROR and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    return Answer(response, lost)
                lost += response.status_code >= _SERVER_ERROR
            pause.wait(_PAUSE)
        raise NeverAnswered(f"{method} {path}")
