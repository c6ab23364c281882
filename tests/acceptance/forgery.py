"""Requests that look like the app's own, sent by somebody whom they are not meant for.

They are made from what the app itself draws about the victim's rows. Which listeners there are is read from the app;
one that nothing drawn leads to needs a view in `VIEWS_BY_HAND`.
"""

import inspect
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from creneau.bot import blocks
from creneau.bot.administration.ids import value_of
from creneau.bot.home.ids import page_value
from creneau.bot.sessions.ids import SESSIONS_FILTER, SESSIONS_VIEW, Filter, Shown
from creneau.core.domain.bilan import Phase
from creneau.core.domain.diary import Part
from creneau.core.domain.people import User
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.slack import payloads
from creneau.demo.slack.blocks import elements_of, options_of
from creneau.demo.slack.values import STATEFUL, initial_values
from creneau.demo.slack.workspace import Json
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN
from tests.bot.drawn import as_sent_back, blocks_of, drawings, painters
from tests.conftest import plain

MOST_OF_ONE_LISTENER = 2
DRAWINGS = 15
IDS = {
    kind: [UUID(int=(number << 64) + one) for one in (1, 2)]
    for number, kind in enumerate(
        ("BookingId", "UserId", "SlotId", "BilanId", "OrganizationId", "ExceptionId", "ProposalId"), 1
    )
}
"""What is drawn from, once for all tests; each of them puts the ids of its own rows in their place."""
MALFORMED = (
    "",
    "v1",
    "v1|x",
    "v9|01a2066a-b465-7ea8-9fbe-fb3b09030b65",
    "v1|" + "9" * 900,
    "{}",
    "v1|x|y|z",
    "é\u202e",
)
OWN_RECORDS = {"slack_inbox", "slack_homes", "request_rates"}
"""What is written of any request, whoever sent it."""
FILLED = {
    "plain_text_input": "Texte",
    "email_text_input": "marie@example.org",
    "url_text_input": "https://example.org/",
    "number_input": "1",
    "datepicker": "2026-12-10",
    "timepicker": "10:00",
    "datetimepicker": 1_796_900_400,
    "users_select": "U0MARIE",
}


def _field(block_id: str, element: Json) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": blocks.plain("x"),
        "element": {"action_id": block_id} | element,
    }


def _select(action_id: str, *values: str) -> Json:
    return blocks.static_select(action_id, [blocks.option("x", value) for value in values])


def _window(drawn: list[Json], **more: Any) -> Json:
    return blocks.modal("x", "x", drawn, **more)


def _buttons(*named: tuple[str, str]) -> list[Json]:
    return [blocks.actions([blocks.button("x", name, value)], f"b-{name}") for name, value in named]


USER, BILAN, BOOKING = (value_of(IDS[kind][0]) for kind in ("UserId", "BilanId", "BookingId"))
OPENERS = ("availability_open", "calendar_open", "preferences_open", "sessions_open")
CALENDAR = ("calendar_hours_show", "calendar_hours_hide")
OFFICE = ("people_open", "bilans_open", "rules_open", "people_link", "person_add", "bilan_add")
HOURS = _field("hours", {"type": "number_input", "is_decimal_allowed": True, "initial_value": "24"})
VIEWS_BY_HAND: list[Json] = [
    {
        "type": "home",
        "blocks": _buttons(
            *((name, "v1") for name in (*OPENERS, *OFFICE[:3])),
            ("home_page_previous", page_value(Part.COMING, 0)),
            ("home_page_next", page_value(Part.COMING, 1)),
            ("session_start", BOOKING),
            ("calendar_change_ask", BOOKING),
        ),
    },
    _window(
        [
            blocks.actions([_select(SESSIONS_FILTER, *Filter)], "filter"),
            *_buttons(
                ("sessions_page_previous", page_value(Part.COMING, 0)),
                ("sessions_page_next", page_value(Part.COMING, 1)),
                ("session_start", BOOKING),
            ),
        ],
        callback_id=SESSIONS_VIEW,
        private_metadata=Shown().to_metadata(),
    ),
    _window(_buttons(*((name, "v1") for name in CALENDAR))),
    _window(
        _buttons(
            *((name, "v1") for name in OFFICE),
            *((f"{listed}_page_{way}", "v1|1") for listed in ("people", "bilans") for way in ("previous", "next")),
            ("person_change", USER),
            ("bilan_change", BILAN),
        )
    ),
    _window(
        [
            _field("beneficiary", _select("beneficiary", value_of(IDS["UserId"][1]))),
            _field("consultant", _select("consultant", USER)),
            HOURS,
        ],
        callback_id="bilan_add",
        submit=blocks.plain("x"),
    ),
    _window(
        [HOURS, _field("phase", _select("phase", *Phase)), _field("state", _select("state", "closed", "open"))],
        callback_id="bilan_change",
        submit=blocks.plain("x"),
        private_metadata=BILAN,
    ),
]
"""What leads to listeners to which nothing that samples draw leads: lists drawn inside their listeners or readers."""


@dataclass(frozen=True)
class Listener:
    kind: str
    name: str


def listeners(app: App) -> set[Listener]:
    """Read from the app what it listens to: its matchers keep the names that they were registered with."""
    found = set()
    for listener in app._listeners:
        for matcher in listener.matchers:  # type: ignore[attr-defined]
            names = inspect.getclosurevars(matcher.func).nonlocals.values()
            kind = matcher.func.__qualname__.split(".")[0]
            found |= {Listener(kind, name) for name in names if isinstance(name, str)}
    return found


@dataclass
class Victims:
    """What Paul and Marie have: one session asked for, one confirmed with times proposed, hours, time off."""

    story: Story
    paul: User
    marie: User
    ids: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        creneau, actor = self.story.creneau, self.story.stage.actor("paul")
        bookings = creneau.scheduling.get_consultant_bookings(actor, self.paul.id)
        slots = creneau.availability.list_availability_slots(actor, self.paul.id)
        proposals = [one for booking in bookings for one in creneau.scheduling.list_proposals(actor, booking.id)]
        away = creneau.availability.add_time_off(
            actor, self.paul.id, TimeOffDraft(date(2027, 3, 1), date(2027, 3, 5), "Europe/Paris")
        )
        self.ids = {
            "BookingId": [booking.id for booking in bookings],
            "UserId": [self.paul.id, self.marie.id],
            "SlotId": [slot.id for slot in slots],
            "BilanId": [bookings[0].bilan_id],
            "OrganizationId": [self.paul.organization_id],
            "ExceptionId": [away.id],
            "ProposalId": [one.id for one in proposals],
        }

    def placed(self, request: str) -> Json:
        """Put the ids of these rows in the place of those that the request was drawn with."""
        for kind, drawn_with in IDS.items():
            for number, one in enumerate(drawn_with):
                request = request.replace(str(one), str(self.ids[kind][number % len(self.ids[kind])]))
        placed: Json = json.loads(request)
        return placed


def make_victims(story: Story) -> Victims:
    scheduling, paul, marie = story.creneau.scheduling, story.stage.actor("paul"), story.stage.actor("marie")
    users = story.stage.casts[0].users
    bilan = story.creneau.people.find_active_bilan(users["marie"])
    assert bilan is not None
    for starts_at in (TUESDAY_AT_TEN, TUESDAY_AT_TEN + timedelta(days=2)):
        scheduling.create_session_booking(marie, BookingRequest(bilan.id, users["paul"].id, starts_at))
    confirmed = scheduling.get_consultant_bookings(paul, users["paul"].id)[0]
    scheduling.confirm_booking(paul, confirmed.id)
    scheduling.propose_times(paul, confirmed.id, [TUESDAY_AT_TEN + timedelta(days=1)])
    return Victims(story, users["paul"], users["marie"])


class Sender:
    """Sends signed requests to the app as somebody, and waits until the app has done with each.

    Each comes from a view or a channel that this person has in the local Slack, with a trigger that was never used.
    """

    def __init__(self, story: Story, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._story = story
        self._world = story.slack.world
        self._verifier = SignatureVerifier(story.stage.signing_secret)
        cast = next(cast for cast in story.stage.casts if login in cast.users)
        self.user_id = cast.users[login].slack_user_id or ""
        self.team_id = cast.sample.slack_team_id
        self.user_team_id = self.team_id
        self._workspace = self._world.workspaces[self.team_id]
        self._person = next(one for one in self._workspace.people if one.id == self.user_id)
        self._running: list[Future[Any]] = []
        executor = story.creneau.bot.listener_runner.listener_executor
        submit = executor.submit

        def watched(*arguments: Any, **more: Any) -> Future[Any]:
            future: Future[Any] = submit(*arguments, **more)
            self._running.append(future)
            return future

        monkeypatch.setattr(executor, "submit", watched)

    def send(self, listener: Listener, request: Json) -> BoltResponse:
        """Send a request and return its acknowledgement."""
        trigger = {"trigger_id": self._world.new_trigger(self._workspace, self._person)}
        kind = "application/x-www-form-urlencoded"
        if listener.kind == "event":
            raw, kind = json.dumps({"type": "event_callback", **request}), "application/json"
        elif listener.kind == "command":
            raw = urlencode({**request, "team_id": self.team_id, "user_id": self.user_id, **trigger})
        else:
            raw = urlencode({"payload": json.dumps({**request, **self._where(request), **self._who(), **trigger})})
        stamp = str(int(time.time()))
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": self._verifier.generate_signature(timestamp=stamp, body=raw) or "",
        }
        answer = self._story.creneau.bot.dispatch(BoltRequest(body=raw, headers=headers))
        assert answer.status == HTTPStatus.OK, (listener, answer.status, answer.body, request)
        while self._running:
            waiting, self._running = self._running, []
            assert not wait(waiting, timeout=10).not_done, f"{listener} is still at it"
        return answer

    def _who(self) -> Json:
        return {
            "team": {"id": self.team_id, "domain": "x"},
            "user": {"id": self.user_id, "team_id": self.user_team_id, "username": "x", "name": "x"},
        }

    def _where(self, request: Json) -> Json:
        """Let the view of the request stand in front of the sender, or its message in their channel."""
        if view := request.get("view"):
            live = self._world.new_view(self._workspace, self._person.id, view)
            screen = self._world.screen(self.team_id, self._person.id)
            screen.stack = [live] if view["type"] == "modal" else []
            screen.home = live if view["type"] == "home" else screen.home
            live.values = view.get("state", {"values": live.values})["values"]
            return {"container": {"type": "view", "view_id": live.id}, "view": live.to_slack()}
        if "channel" in request:
            channel = self._workspace.channel_of(self._person.id)
            return {
                "channel": {"id": channel, "name": payloads.CHANNEL_NAME},
                "container": {**request["container"], "channel_id": channel},
            }
        return {}


@cache
def harvest() -> dict[Listener, list[str]]:
    """Every request that something drawn leads to, a few of each kind, as JSON; those made by hand after them."""
    found: dict[Listener, list[str]] = defaultdict(list)
    for painter in painters():
        for drawn in drawings(painter, "fr", IDS, DRAWINGS):
            view = as_sent_back(drawn) if isinstance(drawn, dict) else None
            _take(found, view, view["blocks"] if view else blocks_of(drawn))
    for view in VIEWS_BY_HAND:
        _take(found, as_sent_back(view), as_sent_back(view)["blocks"])
    return found


def _take(found: dict[Listener, list[str]], view: Json | None, drawn: list[Json]) -> None:
    for block in drawn:
        for _, element in elements_of(block):
            _add(found, Listener("action", element.get("action_id", "")), _click(block, element, view))
    if view and view.get("callback_id"):
        for kind in ("view_submission", "view_closed"):
            _add(found, Listener(kind, view["callback_id"]), _submission(kind, view))


def _add(found: dict[Listener, list[str]], listener: Listener, request: Json) -> None:
    written = json.dumps(request)
    if len(found[listener]) < MOST_OF_ONE_LISTENER and written not in found[listener]:
        found[listener].append(written)


def _click(block: Json, element: Json, view: Json | None) -> Json:
    choice = (options_of(element) or [None])[0]
    acted = payloads.action({"block_id": "b", **block}, element, choice, "1.1")
    where: Json = (
        {"container": {"type": "view", "view_id": "V1"}, "view": view}
        if view
        else {
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "D1"},
            "channel": {"id": "D1", "name": "directmessage"},
            "message": {"ts": "1.1", "blocks": [block]},
        }
    )
    return {"type": "block_actions", "actions": [acted], **where}


def _submission(kind: str, view: Json) -> Json:
    values = initial_values(view["blocks"])
    for block in view["blocks"]:
        for _, element in elements_of(block):
            if element["type"] in STATEFUL:
                key, _, _ = STATEFUL[element["type"]]
                state = values[block["block_id"]][element["action_id"]]
                options = options_of(element)
                state[key] = state[key] or (options[0] if key == "selected_option" and options else None)
                state[key] = state[key] or FILLED.get(element["type"], state[key])
    return {"type": kind, "view": {**view, "state": {"values": values}}}


def requests_for(app: App, victims: Victims, most: int = MOST_OF_ONE_LISTENER) -> Iterator[tuple[Listener, Json]]:
    for listener in sorted(listeners(app), key=repr):
        match listener.kind:
            case "command":
                yield listener, {"command": listener.name, "text": "", "response_url": ""}
            case "shortcut":
                yield listener, {"type": "shortcut", "callback_id": listener.name}
            case "event":
                continue
            case _:
                for request in harvest().get(listener, [])[:most]:
                    yield listener, victims.placed(request)


def dump(story: Story, organization_id: UUID, people: set[UUID] | None = None) -> dict[str, list[str]]:
    """Every row of an organization; with people, only those rows that speak of one of them."""
    rows: dict[str, list[str]] = {}
    with psycopg.connect(plain(story.stage.urls.owner)) as connection:
        connection.execute("select set_config('row_security', 'on', false)")
        tables = connection.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'organization_id'"
        ).fetchall()
        for (table,) in tables:
            if table in OWN_RECORDS:
                continue
            query = sql.SQL("select to_jsonb(t)::text from {} t where organization_id = %s order by 1")
            found = [row for (row,) in connection.execute(query.format(sql.Identifier(table)), (organization_id,))]
            rows[table] = [row for row in found if people is None or any(str(one) in row for one in people)]
    return rows


def failures(logs: list[Any]) -> list[Any]:
    return [entry for entry in logs if entry["log_level"] in ("error", "critical")]


def forge(sender: Sender, requests: Iterable[tuple[Listener, Json]]) -> list[tuple[str, str]]:
    """Send them all; return what was spoiled and what was answered. A refusal is told, not logged as an error."""
    errors, answers = [], []
    for listener, request in requests:
        with capture_logs() as logs:
            answer = sender.send(listener, request)
        answers.append((f"{listener} {request.get('spoiled')}", answer.body))
        told = json.dumps(request.get("actions") or request.get("event") or request.get("spoiled"))
        errors += [f"{listener}: {entry.get('exc_info')!r} of {told}" for entry in failures(logs)]
    assert not errors, "\n".join(errors)
    return answers
