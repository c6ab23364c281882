"""A beneficiary: books, moves, cancels, and answers the times that the consultant proposes."""

import random
from datetime import timedelta

from creneau.demo.sample import Cast
from soak.api import Api, Json
from soak.clicks import Clicks
from soak.processes import SharedClock

_MOST_LIVE = 16
_WAITING = ("SCHEDULED", "CONFIRMED")
_ASKED_ABOUT = 4
"""How many of the bookings that changed last are looked at for proposals."""


class Beneficiary:
    def __init__(
        self, api: Api, clicks: Clicks, clock: SharedClock, cast: Cast, user_id: object, draw: random.Random
    ) -> None:
        self._api = api
        self._clicks = clicks
        self._clock = clock
        self._bilan = next(bilan for bilan in cast.bilans if bilan.beneficiary_id == user_id)
        self._draw = draw

    def act(self) -> None:
        live = [one for one in self._api.read("/bookings", limit=200) if one["status"] in _WAITING]
        chance = self._draw.random()
        if chance < 0.1:
            self._draw.choice((self._clicks.accept, self._clicks.accept, self._clicks.refuse))()
        elif chance < 0.4 and self._answer(live):
            return
        elif not live or (chance < 0.8 and len(live) < _MOST_LIVE):
            self._book()
        elif chance < 0.87:
            self._api.change(self._draw.choice(live), "cancel", {"cancellation_reason": "Soaked"})
        else:
            self._move(self._draw.choice(live))

    def _answer(self, live: list[Json]) -> bool:
        """Take one of the times proposed for a booking, refuse them, or let them be; false when none is open."""
        latest = sorted(live, key=lambda one: str(one["updated_at"]), reverse=True)[:_ASKED_ABOUT]
        for booking in latest:
            proposals = self._api.read(f"/bookings/{booking['id']}/proposals")
            opened = [one for one in proposals if one["state"] == "OPEN"]
            if opened:
                self._answer_about(booking, self._draw.choice(opened))
                return True
        return False

    def _answer_about(self, booking: Json, chosen: Json) -> None:
        chance = self._draw.random()
        if chance < 0.2:
            return
        if chance < 0.4:
            self._api.change(booking, "refuse", {})
            return
        if chance < 0.7:
            self._clicks.accept(booking["id"])  # and another one at once: a click is carried out after its answer
        self._api.change(booking, "accept", {"proposal_id": chosen["id"]}, chosen["id"])

    def _book(self) -> None:
        time = self._choose_time()
        if time is not None:
            self._api.book({**time, "bilan_id": str(self._bilan.id)})

    def _move(self, booking: Json) -> None:
        time = self._choose_time()
        if time is not None:
            wanted = ("scheduled_date", "scheduled_start_time", "timezone")
            self._api.change(booking, "reschedule", {name: time[name] for name in wanted})

    def _choose_time(self) -> Json | None:
        """Choose one of the first times in an hour, or in a day: reminders of these come due soon."""
        aim = self._clock.now() + timedelta(hours=self._draw.choice((1, 1, 24)))
        free = self._api.list_free(str(self._bilan.consultant_id), aim)
        return self._draw.choice(free[:3]) if free else None
