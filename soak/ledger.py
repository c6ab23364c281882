"""Each reminder of a soak beside what was done with its booking: whether it is there, came due, and ended as it should.

The rules of `docs/reminders.md` are said here again, from the history of bookings alone: what the service decided is
what is to be checked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from soak.history import History, Row

_BEFORE = {
    "BENEFICIARY_24H": timedelta(hours=24),
    "CONSULTANT_24H": timedelta(hours=24),
    "BENEFICIARY_1H": timedelta(hours=1),
    "CONSULTANT_1H": timedelta(hours=1),
}
_GRACE_OF_A_DAY = timedelta(hours=23)
_OF_REQUEST = ("CONSULTANT_CHASE", "CONSULTANT_LAST_CHASE")
_OF_PROPOSALS = ("BENEFICIARY_CHASE", "BENEFICIARY_LAST_CHASE")
_CHASES = (*_OF_REQUEST, *_OF_PROPOSALS)
_FIRST_CHASES = dict((_OF_REQUEST, _OF_PROPOSALS))
"""Each with the last one, before which it must come."""
_ON_THE_DAY = ("CONSULTANT_OPENING", "CONSULTANT_OUTCOME")
_AFTER_START = ("CONSULTANT_OUTCOME", "BENEFICIARY_POST_SESSION")
_WRITES = {
    "REQUEST": (*_BEFORE, *_OF_REQUEST),
    "RESCHEDULE": (*_BEFORE, *_OF_REQUEST),
    "CONFIRM": _ON_THE_DAY,
    "PROPOSE": _OF_PROPOSALS,
    "ACCEPT": (*_BEFORE, *_ON_THE_DAY),
    "REFUSE": _OF_REQUEST,
    "COMPLETE": ("BENEFICIARY_POST_SESSION",),
}
_ENDS_CHASES_ALONE = ("CONFIRM", "PROPOSE", "REFUSE")
_SUNDAY = 7
_MOVED_BY_NIGHT, _MOVED_BY_SUNDAY = timedelta(hours=14), timedelta(hours=26)
_LIVE = {
    **dict.fromkeys((*_BEFORE, "CONSULTANT_OPENING"), frozenset({"CONFIRMED"})),
    **dict.fromkeys(_OF_REQUEST, frozenset({"SCHEDULED"})),
    **dict.fromkeys(_OF_PROPOSALS, frozenset({"SCHEDULED", "CONFIRMED"})),
    "CONSULTANT_OUTCOME": frozenset({"CONFIRMED", "IN_PROGRESS"}),
    "BENEFICIARY_POST_SESSION": frozenset({"COMPLETED"}),
}
_NOT_LIVE = dict.fromkeys((*_BEFORE, *_ON_THE_DAY), "not_live") | dict.fromkeys(_CHASES, "answered")


class Ledger:
    """`fire_ends` is the service's time when the last harm was done, `now` its time at the end."""

    def __init__(
        self,
        reminders: Sequence[Row],
        history: History,
        answer_within: timedelta,
        fire_ends: datetime,
        now: datetime,
    ) -> None:
        self._answer_within = answer_within
        self._reminders = reminders
        self._fire_ends = fire_ends
        self._now = now
        self._history = history
        self._written = {
            (one["session_booking_id"], one["booking_version"], one["reminder_type"]): one for one in reminders
        }

    def due(self) -> list[Row]:
        """List what came due: neither planned for a time that had passed, nor called off before its time."""
        return [
            one
            for one in self._reminders
            if one["scheduled_time"] <= self._now
            and not _is_planned_in_vain(one)
            and not (one["state"] == "CANCELLED" and one["updated_at"] < one["scheduled_time"])
        ]

    def sent_under_fire(self) -> int:
        return sum(one["state"] == "SENT" and one["sent_at"] < self._fire_ends for one in self._reminders)

    def count(self) -> dict[str, Any]:
        due = self.due()
        sent = [one for one in due if one["state"] == "SENT"]
        return {
            "came due": len(due),
            "sent": dict(Counter(one["reminder_type"] for one in sent)),
            "sent under fire": self.sent_under_fire(),
            "latest": str(max((one["sent_at"] - one["scheduled_time"] for one in sent), default=timedelta())),
            "tried more than once": sum(one["retry_count"] > 1 for one in due),
            "skipped": dict(Counter(one["error_message"] for one in due if one["state"] == "SKIPPED")),
            **{
                state.lower(): sum(one["state"] == state for one in due)
                for state in ("CANCELLED", "AMBIGUOUS", "FAILED", "DUE")
            },
        }

    def check(self) -> Iterator[str]:
        if len(self._written) != len(self._reminders):
            yield "two reminders of one kind are written for one version of a booking"
        yield from self._missing()
        for one in self._reminders:
            if not self._is_right(one):
                told = f"{one['reminder_type']} {one['id']} of {one['session_booking_id']} at {one['booking_version']}"
                known = self._history.acts(one["session_booking_id"])
                acts = [(act["action"], act["version"], str(act["at"])) for act in known]
                yield (
                    f"wrongly {one['state']} ({one['error_message']}): {told}, for {one['scheduled_time']}, written "
                    f"{one['created_at']}, posted {one['posting_since']}, ended {one['updated_at']}; {acts}"
                )

    def _missing(self) -> Iterator[str]:
        """Tell what was never written."""
        for booking_id, acts in self._history:
            for act in acts:
                wanted = _WRITES.get(act["action"], ())
                if act["action"] == "REFUSE" and act["status_after"] != "SCHEDULED":
                    wanted = ()  # it was agreed on, and still is: nobody is asked anything
                for kind in wanted:
                    if (booking_id, act["version"], kind) not in self._written:
                        yield f"never written: {kind} of {booking_id} at {act['version']}"

    def _is_right(self, one: Row) -> bool:
        if not self._is_planned_right(one):
            return False
        if _is_planned_in_vain(one):
            return self._had_no_room(one)
        match one["state"]:
            case "SENT":
                return self._was_to_be_sent(one)
            case "SKIPPED":
                return self._was_to_be_skipped(one)
            case "CANCELLED":
                return self._was_to_be_called_off(one)
        return True  # `soak.checker` tells what waits or was given up

    def _is_planned_right(self, one: Row) -> bool:
        before = _BEFORE.get(one["reminder_type"])
        if before is None:
            return True
        wanted = self._start_at_version(one) - before
        early = wanted - one["scheduled_time"]
        most = _MOVED_BY_SUNDAY if wanted.isoweekday() == _SUNDAY else _MOVED_BY_NIGHT
        return not early or (before > timedelta(hours=1) and timedelta() < early < most)

    def _had_no_room(self, one: Row) -> bool:
        """Tell whether there was no time left for a reminder when it was written."""
        at, created = one["scheduled_time"], one["created_at"]
        follows = _FIRST_CHASES.get(one["reminder_type"])
        if follows is None or at <= created:
            return bool(at <= created)
        last = self._written[one["session_booking_id"], one["booking_version"], follows]
        ends = last["scheduled_time"] if last["scheduled_time"] > created else self._answer_by(one)
        return bool(at >= ends)

    def _was_to_be_sent(self, one: Row) -> bool:
        kind, posted = one["reminder_type"], one["posting_since"] or one["sent_at"]
        live = [
            state for state in self._history.states(one["session_booking_id"], posted) if state.status in _LIVE[kind]
        ]
        if kind not in _AFTER_START:
            live = [state for state in live if state.may_be_before_start(posted)]
        if kind in _OF_PROPOSALS:
            live = [state for state in live if state.action == "PROPOSE"]
        return bool(live) and posted >= one["scheduled_time"]

    def _was_to_be_skipped(self, one: Row) -> bool:
        kind, at = one["reminder_type"], one["updated_at"]
        states = self._history.states(one["session_booking_id"], at)
        if at < one["scheduled_time"]:
            return False
        match one["error_message"]:
            case "too_late" if kind in _CHASES:
                return bool(at >= self._answer_by(one))
            case "too_late":
                has_begun = any(state.starts_at <= at for state in states) and kind not in _AFTER_START
                return has_begun or (kind.endswith("24H") and at - one["scheduled_time"] >= _GRACE_OF_A_DAY)
            case "not_confirmed":
                return kind in (*_BEFORE, "CONSULTANT_OPENING") and any(one.status == "SCHEDULED" for one in states)
            case "not_live" | "answered" as reason:
                is_over = any(state.status not in {*_LIVE[kind], "SCHEDULED"} for state in states)
                return _NOT_LIVE.get(kind) == reason and is_over
        return False

    def _was_to_be_called_off(self, one: Row) -> bool:
        """Tell whether an act ended a reminder, in its own transaction: any of them does, but answers only chases."""
        return any(
            act["at"] == (one["called_off_at"] or one["updated_at"])
            and act["version"] > one["booking_version"]
            and (act["action"] not in _ENDS_CHASES_ALONE or one["reminder_type"] in _CHASES)
            for act in self._history.acts(one["session_booking_id"])
        )

    def _start_at_version(self, one: Row) -> datetime:
        return self._history.starts_at(one["session_booking_id"], one["booking_version"])

    def _answer_by(self, one: Row) -> datetime:
        asked_at: datetime = one["created_at"]
        return min(self._start_at_version(one), asked_at + self._answer_within)


def _is_planned_in_vain(one: Row) -> bool:
    return bool(one["state"] == "SKIPPED" and one["created_at"] == one["updated_at"])
