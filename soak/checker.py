"""What the database, the calendar server and the local Slack say when all is quiet: each disagreement in a line."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg

from creneau.app.schedule import ASKED_AGAIN
from creneau.demo.slack import Message
from soak.acts import check_acts
from soak.calendars import check_calendars
from soak.ground import Ground
from soak.history import History
from soak.ledger import Ledger
from soak.offers import check_offers
from soak.proposals import Proposals
from soak.told import Told

_WITHOUT_MESSAGE = frozenset({"CONSULTANT_OPENING"})
_DEFECT = '"web.request_crashed"'
_SAID_WITH = {
    "CONFIRM": ("CONFIRMED",),
    "CANCEL": ("CANCELLED",),
    "RESCHEDULE": ("REQUEST",),
    "PROPOSE": ("PROPOSAL",),
    "ACCEPT": ("CONFIRMED", "MOVED"),
    "REFUSE": ("REFUSED",),
}
_TAKE_TIME = ("SCHEDULED", "CONFIRMED", "IN_PROGRESS", "COMPLETED", "NO_SHOW")


class Checker:
    def __init__(self, ground: Ground, told: Told, fire_ends: datetime) -> None:
        self._ground = ground
        self._told = told
        with psycopg.connect(ground.owner_url) as connection:
            self._bookings = _rows(connection, "select * from session_bookings")
            self._reminders = _rows(connection, "select * from session_reminders")
            self._history = History(_rows(connection, "select * from booking_history"))
            proposals = _rows(connection, "select * from booking_proposals")
            self._placed = _rows(connection, "select * from slack_messages")
            self._failed = _rows(
                connection,
                """select task_name, queueing_lock is not null as is_asked_again, count(*) as count
                   from procrastinate_jobs where status not in ('todo', 'doing', 'succeeded') group by 1, 2""",
            )
        self.ledger = Ledger(self._reminders, self._history, ground.answer_within, fire_ends, ground.clock.now())
        self.proposals = Proposals(proposals, self._bookings, self._history, told)
        with ground.stage.slack.world.lock:
            self._messages = list(ground.stage.slack.world.messages)
        self._payloads = [_payload(one) for one in self._messages]

    def check(self) -> list[str]:
        return [
            *self._double_bookings(),
            *self._lost_bookings(),
            *self._defects(),
            *self._jobs_given_up(),
            *check_acts(self._told, self._history),
            *self.proposals.check(),
            *self._offers(),
            *self.ledger.check(),
            *self._reminders_beside_slack(),
            *self._messages_beside_bookings(),
            *check_calendars(self._ground.stage, self._bookings),
        ]

    def failed(self) -> list[str]:
        """List the tasks whose jobs were given up."""
        return [f"given up: {one['count']} of {one['task_name']}" for one in self._failed]

    def count(self) -> dict[str, Any]:
        states = Counter(str(one["state"]) for one in self._reminders)
        return {
            "bookings": len(self._bookings),
            "acts": len(self._history.rows),
            "messages": sum(map(bool, self._payloads)),
            "reminders": dict(states),
            "failed jobs": {one["task_name"]: one["count"] for one in self._failed},
        }

    def _offers(self) -> Iterator[str]:
        statuses = {str(one["id"]): str(one["status"]) for one in self._bookings}
        shown = (one for one in self._messages if not one.is_deleted)
        return check_offers(shown, statuses, self.proposals.opened())

    def _defects(self) -> Iterator[str]:
        """Tell of requests that were answered as a defect: whatever is broken around it, a service says 503."""
        told = Counter[str]()
        for log in self._ground.folder.glob("*.log"):
            for line in log.read_text(errors="replace").splitlines():
                if _DEFECT in line and line.startswith("{"):
                    event = json.loads(line)
                    told[f"{log.stem}: {event['failure']}: {event['exception'].strip().splitlines()[-1].strip()}"] += 1
        for failure, count in told.items():
            yield f"defect, {count} times: {failure}"

    def _jobs_given_up(self) -> Iterator[str]:
        """Tell of jobs that failed and that nothing asks for again: neither a lease that ends, nor the clock."""
        for one in self._failed:
            if not one["is_asked_again"] and one["task_name"] not in ASKED_AGAIN:
                yield f"job given up: {one['task_name']}, {one['count']} times"

    def _double_bookings(self) -> Iterator[str]:
        live = [one for one in self._bookings if one["status"] in _TAKE_TIME]
        for side in ("consultant_id", "beneficiary_id"):
            ordered = sorted(live, key=lambda one: (one[side], one["starts_at"]))
            for first, second in pairwise(ordered):
                if first[side] == second[side] and second["starts_at"] < first["ends_at"]:
                    yield f"double booking: {first['id']} and {second['id']} of {side} {first[side]}"

    def _lost_bookings(self) -> Iterator[str]:
        there = {str(one["id"]): one for one in self._bookings}
        answered = Counter(self._told.booked.values())
        for booking_id, count in answered.items():
            if booking_id not in there:
                yield f"lost booking: {booking_id} was answered and is not there"
            if count > 1:
                yield f"one booking {booking_id} for {count} requests"
        for booking_id in there.keys() - answered.keys():
            yield f"a booking nobody was told of: {booking_id}"

    def _reminders_beside_slack(self) -> Iterator[str]:
        posted = Counter(payload["reminder"] for payload in self._payloads if "reminder" in payload)
        now = self._ground.clock.now()
        for one in self._reminders:
            count, what = posted[str(one["id"])], f"reminder {one['id']} {one['reminder_type']} {one['state']}"
            if count > 1:
                yield f"second message: {what}, {count} times"
            if one["state"] == "SENT" and count == 0 and one["reminder_type"] not in _WITHOUT_MESSAGE:
                yield f"missing message: {what}"
            if one["state"] in ("SKIPPED", "DUE") and count and one["posting_since"] is None:
                yield f"message of what was not sent: {what} ({one['error_message']})"
            if one["state"] == "DUE" and one["due_at"] <= now:
                yield f"still due: {what} since {one['due_at']}"
            if one["state"] in ("FAILED", "AMBIGUOUS"):
                yield f"given up: {what} ({one['error_message']})"

    def _messages_beside_bookings(self) -> Iterator[str]:
        posted = Counter(
            (payload["booking"], payload["purpose"], int(payload["version"]))
            for payload in self._payloads
            if "purpose" in payload
        )
        newest: dict[tuple[str, str], int] = {}  # the version that a message spoke of when it was posted
        for one in self._placed:
            key = str(one["booking_id"]), str(one["purpose"])
            newest[key] = max(one["booking_version"], newest.get(key, 0))
        for (booking_id, purpose, version), count in posted.items():
            if count > (2 if purpose in ("CANCELLED", "UNREACHABLE") else 1):  # these may go to both sides
                yield f"second message: {purpose} of {booking_id} at {version}, {count} times"
        for one in self._bookings:
            for purpose in ("REQUEST", "RECEIPT"):
                if not any((str(one["id"]), purpose, version) in posted for version in range(1, one["version"] + 1)):
                    yield f"missing message: {purpose} of {one['id']}"
        for act in self._history.rows:
            for purpose in _SAID_WITH.get(act["action"], ()):
                if newest.get((str(act["booking_id"]), purpose), 0) < act["version"]:
                    yield f"missing message: {purpose} of {act['booking_id']} at {act['version']}"


def _payload(message: Message) -> dict[str, str]:
    """Return what rides in a message of ours; nothing in others."""
    return dict((message.metadata or {}).get("event_payload", {}))


def _rows(connection: psycopg.Connection[Any], query: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()
