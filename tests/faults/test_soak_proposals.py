"""The soak's own eye for acts and proposals: it lets pass what the rules allow, and sees whatever breaks them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soak.acts import check_acts
from soak.history import History
from soak.proposals import Proposals
from soak.told import Told

EIGHT = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
TEN, NOON, TWO, FOUR = (EIGHT + timedelta(hours=hours) for hours in (2, 4, 6, 8))


class Story:
    """Asked for at ten; of noon, two and four two is taken; four is proposed again and refused; noon waits."""

    def __init__(self) -> None:
        self.history = [
            self._act(1, "REQUEST", "SCHEDULED", TEN),
            self._act(2, "PROPOSE", "SCHEDULED", TEN),
            self._act(3, "ACCEPT", "CONFIRMED", TWO),
            self._act(4, "PROPOSE", "CONFIRMED", TWO),
            self._act(5, "REFUSE", "CONFIRMED", TWO),
            self._act(6, "PROPOSE", "CONFIRMED", TWO),
        ]
        rows = [
            self._proposal("a", 1, NOON, "SUPERSEDED"),
            self._proposal("b", 1, TWO, "ACCEPTED"),
            self._proposal("c", 1, FOUR, "SUPERSEDED"),
            self._proposal("d", 2, FOUR, "REFUSED"),
            self._proposal("e", 3, NOON, "OPEN"),
        ]
        self.proposals = {str(row["id"]): row for row in rows}
        self.booking = {"id": "1", "status": "CONFIRMED", "starts_at": TWO}
        self.told = Told(booked={"key": "1"})
        for version, proposal_id in ((2, None), (3, "b"), (4, None), (6, None)):
            self.tell(version, proposal_id)
        self.told.doubt("1", "REFUSE")  # its answer was lost
        self.told.doubt("1", "ACCEPT")  # a click that came too late

    def tell(self, version: int, proposal_id: str | None = None) -> None:
        act = self.history[version - 1]
        answered = {"id": "1", "version": version, "starts_at": act["starts_at"].isoformat()}
        self.told.add_act(act["action"], answered, proposal_id)

    def problems(self) -> list[str]:
        history = History(self.history)
        proposals = Proposals(list(self.proposals.values()), [self.booking], history, self.told)
        return [*check_acts(self.told, history), *proposals.check()]

    def end(self, version: int, action: str, status: str, starts_at: datetime) -> None:
        """Add an act that somebody was told of."""
        self.history.append(self._act(version, action, status, starts_at))
        self.booking |= {"status": status, "starts_at": starts_at}
        self.tell(version, "e" if action == "ACCEPT" else None)

    def close(self, state: str) -> None:
        self.proposals["e"] |= {"state": state, "answered_at": self._at(7)}

    def _act(self, version: int, action: str, status: str, starts_at: datetime) -> dict[str, Any]:
        act = {"booking_id": "1", "version": version, "action": action, "status_after": status}
        return act | {"starts_at": starts_at, "at": self._at(version)}

    def _proposal(self, name: str, round_: int, starts_at: datetime, state: str) -> dict[str, Any]:
        answered_at = None if state == "OPEN" else self._at(2 * round_ + 1)
        told = {"id": name, "booking_id": "1", "round": round_, "starts_at": starts_at, "state": state}
        return told | {"created_at": self._at(2 * round_), "answered_at": answered_at}

    @staticmethod
    def _at(version: int) -> datetime:
        return EIGHT + timedelta(minutes=version)


def cancelled(story: Story) -> None:
    story.end(7, "CANCEL", "CANCELLED", TWO)


def moved(story: Story) -> None:
    story.end(7, "RESCHEDULE", "SCHEDULED", FOUR)


def taken(story: Story) -> None:
    story.end(7, "ACCEPT", "CONFIRMED", NOON)


@pytest.mark.parametrize(("end", "state"), [(cancelled, "SUPERSEDED"), (moved, "SUPERSEDED"), (taken, "ACCEPTED")])
def test_a_round_ends_as_what_follows_ends_it_and_is_seen_where_it_stays_open(end: Callable[[Story], None], state: str):
    story = Story()
    assert story.problems() == []
    assert Proposals(list(story.proposals.values()), [], History([]), story.told).count() == {
        "rounds": 3,
        "accepted": 1,
        "superseded": 2,
        "refused": 1,
        "open": 1,
        "answered": {"PROPOSE": 3, "ACCEPT": 1},
        "unknown": {"PROPOSE": 0, "ACCEPT": 1, "REFUSE": 1},
    }

    end(story)
    assert any("is {'OPEN': 1} and not" in problem for problem in story.problems())

    story.close(state)
    assert story.problems() == []


def proposal(name: str, **changed: object) -> Callable[[Story], object]:
    return lambda story: story.proposals[name].update(changed)


def act(version: int, **changed: object) -> Callable[[Story], object]:
    return lambda story: story.history[version - 1].update(changed)


@pytest.mark.parametrize(
    ("break_it", "seen"),
    [
        (proposal("a", state="ACCEPTED"), "'ACCEPTED': 2"),
        (proposal("c", state="OPEN", answered_at=None), "'OPEN': 1"),
        (proposal("b", state="SUPERSEDED"), "was taken for"),
        (proposal("b", starts_at=FOUR), "and the session moved to"),
        (proposal("d", state="SUPERSEDED"), "{'SUPERSEDED': 1} and not {'REFUSED': 1}"),
        (proposal("d", answered_at=EIGHT), "was not ended by what followed"),
        (proposal("e", state="REFUSED"), "{'REFUSED': 1} and not {'OPEN': 1}"),
        (proposal("e", created_at=EIGHT), "not those of its act"),
        (proposal("e", round=2), "rounds [1, 2]"),
        (lambda story: story.proposals.pop("e"), "has 0 times"),
        (act(2, action="CONFIRM"), "no proposal was open"),
        (act(3, starts_at=FOUR), "lost act: ACCEPT of 1 at 3"),
        (act(5, starts_at=FOUR), "moved by REFUSE"),
        (lambda story: story.booking.update(starts_at=FOUR), "left it CONFIRMED"),
        (lambda story: story.booking.update(status="COMPLETED"), "a proposal is open"),
        (lambda story: story.history.pop(), "lost act: PROPOSE of 1 at 6"),
        (lambda story: story.tell(3, "b"), "one act for 2 answers"),
        (lambda story: story.told.unknown.clear(), "acts nobody asked for: REFUSE"),
        (lambda story: story.told.booked.clear(), "acts nobody asked for: REQUEST"),
    ],
)
def test_what_breaks_the_rules_is_seen(break_it: Callable[[Story], object], seen: str):
    story = Story()
    break_it(story)
    assert any(seen in problem for problem in story.problems()), story.problems()
