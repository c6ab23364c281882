"""Each proposed time of a soak beside the history of its booking, which alone says what must have become of it.

An act that follows closes all the times of a round: one is taken and moves the session there, or all are refused, or
something else overtakes them. As long as none follows they are open.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from soak.history import History, Row
from soak.told import Told

_MOST_AT_ONCE = 3
_MOVE = ("REQUEST", "RESCHEDULE", "ACCEPT")
_ANSWERS = ("ACCEPT", "REFUSE")
_WAIT = ("SCHEDULED", "CONFIRMED")


class Proposals:
    def __init__(self, proposals: Sequence[Row], bookings: Sequence[Row], history: History, told: Told) -> None:
        self._proposals = {str(one["id"]): one for one in proposals}
        self._bookings = {one["id"]: one for one in bookings}
        self._history = history
        self._told = told
        self._rounds: dict[Any, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for one in proposals:
            self._rounds[one["booking_id"]][one["round"]].append(one)

    def taken(self) -> int:
        return sum(one["state"] == "ACCEPTED" for one in self._proposals.values())

    def opened(self) -> frozenset[str]:
        return frozenset(name for name, one in self._proposals.items() if one["state"] == "OPEN")

    def count(self) -> dict[str, Any]:
        answers = Counter(done.action for done in self._told.acts if done.action in ("PROPOSE", *_ANSWERS))
        asked = Counter[str]()
        for (_, action), times in self._told.unknown.items():
            asked[action] += times
        return {
            "rounds": sum(len(rounds) for rounds in self._rounds.values()),
            **dict(Counter(str(one["state"]).lower() for one in self._proposals.values())),
            "answered": dict(answers),
            "unknown": {action: asked[action] for action in ("PROPOSE", *_ANSWERS)},
        }

    def check(self) -> Iterator[str]:
        for booking_id, acts in self._history:
            yield from self._rounds_beside(booking_id, acts)
            yield from self._times_beside(booking_id, acts)
        yield from self._taken_beside_told()

    def _rounds_beside(self, booking_id: Any, acts: Sequence[Row]) -> Iterator[str]:
        """Tell of rounds that nobody proposed, or that did not end as the act that followed ends them."""
        rounds = self._rounds.get(booking_id, {})
        proposed = 0
        for act, following in zip(acts, [*acts[1:], None], strict=True):
            if act["action"] == "PROPOSE":
                proposed += 1
                yield from self._round_beside(booking_id, rounds.get(proposed, []), act, following)
            elif following is not None and following["action"] in _ANSWERS:
                yield f"{following['action']} of {booking_id} at {following['version']}: no proposal was open"
        if set(rounds) != set(range(1, proposed + 1)):
            yield f"rounds {sorted(rounds)} of {booking_id}, and proposed was {proposed} times"

    def _round_beside(
        self, booking_id: Any, proposals: Sequence[Row], act: Row, following: Row | None
    ) -> Iterator[str]:
        told = f"round of {booking_id} at {act['version']}"
        if not 1 <= len(proposals) <= _MOST_AT_ONCE or any(one["created_at"] != act["at"] for one in proposals):
            yield f"{told} has {len(proposals)} times, and not those of its act"
        wanted = _states_after(following, len(proposals))
        found = Counter(one["state"] for one in proposals)
        if found != wanted:
            after = following["action"] if following else "nothing"
            yield f"{told} is {dict(found)} and not {dict(wanted)} after {after}"
        ended_at = following["at"] if following else None
        if any(one["answered_at"] != ended_at for one in proposals):
            yield f"{told} was not ended by what followed"
        taken_to = [one["starts_at"] for one in proposals if one["state"] == "ACCEPTED"]
        if following is not None and any(starts_at != following["starts_at"] for starts_at in taken_to):
            yield f"{told}: {taken_to} was taken, and the session moved to {following['starts_at']}"

    def _times_beside(self, booking_id: Any, acts: Sequence[Row]) -> Iterator[str]:
        """Tell of sessions that moved without an act that moves them, or stand elsewhere than the last one put them."""
        for before, act in pairwise(acts):
            if act["starts_at"] != before["starts_at"] and act["action"] not in _MOVE:
                yield f"moved by {act['action']}: {booking_id} at {act['version']}"
        booking, last = self._bookings[booking_id], acts[-1]
        if (booking["starts_at"], booking["status"]) != (last["starts_at"], last["status_after"]):
            yield (
                f"{booking_id} is {booking['status']} at {booking['starts_at']}, and its last act, {last['action']}, "
                f"left it {last['status_after']} at {last['starts_at']}"
            )
        rounds = self._rounds.get(booking_id, {}).values()
        is_open = any(one["state"] == "OPEN" for proposals in rounds for one in proposals)
        if is_open and booking["status"] not in _WAIT:
            yield f"a proposal is open, and {booking_id} is {booking['status']}"

    def _taken_beside_told(self) -> Iterator[str]:
        """Tell of times that somebody was told to have taken, and that were not, or are not where the session went."""
        for done in self._told.acts:
            if done.action != "ACCEPT":
                continue
            taken: Mapping[str, Any] | None = self._proposals.get(done.proposal_id or "")
            if taken is None or taken["state"] != "ACCEPTED" or taken["starts_at"] != done.starts_at:
                state = f"{taken['state']} for {taken['starts_at']}" if taken else "not there"
                yield (f"{done.proposal_id} of {done.booking_id} was taken for {done.starts_at}, and is {state}")


def _states_after(following: Row | None, count: int) -> Counter[str]:
    match following and following["action"]:
        case None:
            states = {"OPEN": count}
        case "ACCEPT":
            states = {"ACCEPTED": 1, "SUPERSEDED": count - 1}
        case "REFUSE":
            states = {"REFUSED": count}
        case _:
            states = {"SUPERSEDED": count}
    return Counter({state: number for state, number in states.items() if number})
