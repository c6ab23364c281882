"""A consultant: confirms what is asked, proposes other times, and tells that a session took place."""

import random
from datetime import datetime, timedelta

from soak.api import Api, Json
from soak.clicks import Clicks
from soak.processes import SharedClock

_FIRST_TIMES = 6
_MOST_TIMES = 3


class Consultant:
    def __init__(self, api: Api, clicks: Clicks, clock: SharedClock, user_id: object, draw: random.Random) -> None:
        self._api = api
        self._clicks = clicks
        self._clock = clock
        self._user_id = user_id
        self._draw = draw

    def act(self) -> None:
        chance = self._draw.random()
        if chance < 0.15:
            begun = [one for one in self._list("CONFIRMED") if self._has_begun(one)]
            if begun:
                self._api.change(self._draw.choice(begun), "complete", {"attended": True})
        elif chance < 0.4:
            self._clicks.confirm()
        elif chance < 0.5:
            self._clicks.propose()
        elif chance < 0.75:
            self._propose()
        else:
            waiting = self._list("SCHEDULED")
            if waiting:
                self._api.change(self._draw.choice(waiting), "confirm", {})

    def _propose(self) -> None:
        """Propose times in an hour or in a day, for what is asked or for what is agreed."""
        live = [one for one in self._list(self._draw.choice(("SCHEDULED", "CONFIRMED"))) if not self._has_begun(one)]
        if not live:
            return
        aim = self._clock.now() + timedelta(hours=self._draw.choice((1, 24)))
        first = self._api.list_free(str(self._user_id), aim)[:_FIRST_TIMES]
        if first:
            chosen = self._draw.sample(first, min(len(first), self._draw.randint(1, _MOST_TIMES)))
            starts = [one["starts_at"] for one in chosen]
            self._api.change(self._draw.choice(live), "propose", {"starts_at": starts})

    def _list(self, status: str) -> list[Json]:
        return self._api.read("/bookings", status=status, limit=200)

    def _has_begun(self, booking: Json) -> bool:
        return datetime.fromisoformat(booking["starts_at"]) <= self._clock.now()
