"""Acknowledgements first, work a moment later: on a clock that stands still until somebody rests."""

from collections.abc import Callable

import pytest

from creneau.bot.right_of_way import A_MOMENT, PATIENCE, RightOfWay


class Day:
    """A clock of seconds, and what happens while somebody rests."""

    def __init__(self) -> None:
        self.now = 100.0
        self.meanwhile: Callable[[], None] = lambda: None

    def rest(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def way(day: Day) -> RightOfWay:
    return RightOfWay(lambda: day.now, day.rest)


def test_work_begins_at_once_when_nothing_is_to_be_acknowledged(day: Day, way: RightOfWay):
    way.give()

    assert day.now == 100.0


def test_work_begins_a_moment_after_the_last_acknowledgement(day: Day, way: RightOfWay):
    way.claim()
    more = [way.claim] * 3
    day.meanwhile = lambda: more.pop()() if more else None

    way.give()

    assert more == []
    assert day.now == pytest.approx(100.0 + 4 * A_MOMENT)


def test_work_begins_all_the_same_when_acknowledgements_never_end(day: Day, way: RightOfWay):
    way.claim()
    day.meanwhile = way.claim

    way.give()

    assert day.now == pytest.approx(100.0 + PATIENCE, abs=A_MOMENT)
