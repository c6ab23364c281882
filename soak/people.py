"""People who act until they are told to stop, each in a thread of their own, and all of them together."""

import random
import threading
from collections.abc import Callable

from creneau.core.domain.people import Role, User
from soak.api import Api
from soak.beneficiary import Beneficiary
from soak.clicks import Clicks
from soak.consultant import Consultant
from soak.ground import Ground
from soak.told import Told

THINKS = (1.0, 5.0)  # seconds; workers and people share a machine


class Person:
    """One person, until told to stop."""

    def __init__(self, name: str, act: Callable[[], None], draw: random.Random, thinks: tuple[float, float]) -> None:
        """`thinks` says how many seconds pass between two acts, at least and at most."""
        self._act = act
        self._draw = draw
        self._thinks = thinks
        self._stop = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def end(self) -> list[str]:
        """Wait until the last act is done; return what went wrong in the person."""
        self._thread.join()
        return [f"{self._thread.name}: {self._problem!r}"] if self._problem else []

    def _live(self) -> None:
        try:
            while not self._stop.wait(self._draw.uniform(*self._thinks)):
                self._act()
        except BaseException as error:  # noqa: BLE001 - told by the one who waits for the thread
            self._problem = error


class People:
    """Everybody of the sample; `places` says how many of them sit at one login, by role."""

    def __init__(
        self, ground: Ground, told: Told, seed: int, places: dict[Role, int], thinks: tuple[float, float] = THINKS
    ) -> None:
        self._ground = ground
        self._told = told
        self._thinks = thinks
        self._people = [
            self._person(login, user, f"{seed} {login} {place}")
            for role, count in places.items()
            for login, user in ground.people(role)
            for place in range(count)
        ]

    def start(self) -> None:
        for person in self._people:
            person.start()

    def end(self) -> list[str]:
        """Stop them, and return what went wrong in any of them."""
        for person in self._people:
            person.stop()
        return [problem for person in self._people for problem in person.end()]

    def _person(self, login: str, user: User, seed: str) -> Person:
        ground, draw = self._ground, random.Random(seed)  # noqa: S311 - to be done again in the same way
        api = Api(ground.web_urls, ground.token(user), self._told, draw)
        clicks = Clicks(ground.stage.person(login), self._told, draw)
        if user.role is Role.CONSULTANT:
            act = Consultant(api, clicks, ground.clock, user.id, draw).act
        else:
            cast = next(cast for cast in ground.stage.casts if login in cast.users)
            act = Beneficiary(api, clicks, ground.clock, cast, user.id, draw).act
        return Person(login, act, draw, self._thinks)
