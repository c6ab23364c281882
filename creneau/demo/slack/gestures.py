"""What a person does, one function a gesture: it changes the screen, tells the app, and shows what the ack says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creneau.demo.slack import acks, payloads
from creneau.demo.slack.delivery import Answer, Delivery
from creneau.demo.slack.events import Events
from creneau.demo.slack.messages import Message
from creneau.demo.slack.requirements import unmet
from creneau.demo.slack.values import STATEFUL, with_value
from creneau.demo.slack.views import View
from creneau.demo.slack.wording import words_for
from creneau.demo.slack.workspace import Json, Person, Workspace
from creneau.demo.slack.world import Screen, World

Surface = View | Message


@dataclass(frozen=True)
class Gestures:
    """Everything one person can do. `response_base` gives the address in front of a response URL's key."""

    world: World
    delivery: Delivery
    events: Events
    response_base: Callable[[], str]
    workspace: Workspace
    person: Person

    @property
    def screen(self) -> Screen:
        return self.world.screen(self.workspace.team_id, self.person.id)

    @property
    def channel(self) -> str:
        return self.workspace.channel_of(self.person.id)

    def command(self, name: str, text: str) -> None:
        if not self.world.manifest.knows_command(name):
            sentence = words_for(self.person.locale)["command_unknown"].format(command=name)
            acks.say_as_slackbot(self.world, self.workspace, self.person, sentence)
            return
        payload = payloads.command(
            self.workspace,
            self.person,
            name,
            text,
            trigger_id=self.world.new_trigger(self.workspace, self.person),
            response_url=self._response_url(None),
        )
        answer = self.delivery.send("slash_commands", dict(payload))
        acks.after_command(self.world, self.workspace, self.person, name, answer)

    def shortcut(self, callback_id: str) -> None:
        more = {"callback_id": callback_id, "action_ts": self.world.new_ts(), "trigger_id": self._trigger()}
        answer = self._send("shortcut", more)
        self._warn(f"shortcut {callback_id}", answer, None)

    def say(self, text: str) -> None:
        """Write a message to the app."""
        message = self.world.post(self.workspace, self.channel, text, author_id=self.person.id)
        self.events.send(
            self.workspace,
            {
                "type": "message",
                "channel": self.channel,
                "channel_type": "im",
                "user": self.person.id,
                "text": text,
                "ts": message.ts,
                "event_ts": message.ts,
                "team": self.workspace.team_id,
            },
        )

    def open_home(self, tab: str) -> None:
        event: Json = {
            "type": "app_home_opened",
            "user": self.person.id,
            "channel": self.channel,
            "tab": tab,
            "event_ts": self.world.new_ts(),
        }
        if tab == "home" and self.screen.home is not None:
            event["view"] = self.screen.home.to_slack()
        self.events.send(self.workspace, event)

    def press(self, surface: Surface, block: Json, element: Json) -> None:
        self._act(surface, block, element, None)

    def keep(self, surface: Surface, block: Json, element: Json, value: Any) -> None:
        """Let a value stand in a field without telling the app."""
        with self.world.lock:
            actions = surface.values[block["block_id"]]
            actions[element["action_id"]] = with_value(actions[element["action_id"]], value)
            if isinstance(surface, View):
                surface.errors = {k: v for k, v in surface.errors.items() if k != block["block_id"]}
            self.world.changed()

    def enter(self, surface: Surface, block: Json, element: Json, value: Any) -> None:
        """Choose or type a value; the app hears of it unless the element stands in a plain input block."""
        if element["type"] in STATEFUL:
            self.keep(surface, block, element, value)
        if block["type"] != "input" or block.get("dispatch_action"):
            self._act(surface, block, element, value)

    def suggest(self, surface: Surface, block: Json, element: Json, query: str) -> tuple[list[Json], list[Json]]:
        """Ask the app for options; nothing is asked below the element's `min_query_length`."""
        if len(query) < element.get("min_query_length", 3):
            return [], []
        place = payloads.where(self.workspace, surface)
        more = {**place, "action_id": element["action_id"], "block_id": block["block_id"], "value": query}
        answer = self._send("block_suggestion", more)
        return acks.suggested_options(self.world, element["action_id"], answer)

    def submit(self, view: View) -> dict[str, str] | None:
        with self.world.lock:
            view.trouble = None
            view.errors = unmet(view, words_for(self.person.locale))
            if view.errors:
                self.world.changed()
                return view.errors
            more = {"trigger_id": self._trigger(), "view": view.to_slack(), "response_urls": []}
        answer = self._send("view_submission", more)
        return acks.after_submission(self.world, view, answer)

    def close(self, *, is_whole_stack: bool) -> None:
        """Cancel the top view, or close all with the cross."""
        with self.world.lock:
            stack = self.screen.stack
            if not stack:
                return
            is_cleared = is_whole_stack or bool(stack[-1].body.get("clear_on_close"))
            view = stack[0] if is_cleared else stack[-1]
            if is_cleared:
                stack.clear()
            else:
                stack.pop()
            self.world.changed()
        if view.body.get("notify_on_close"):
            answer = self._send("view_closed", {"view": view.to_slack(), "is_cleared": is_cleared})
            self._warn("view_closed", answer, None)

    def _act(self, surface: Surface, block: Json, element: Json, value: Any) -> None:
        with self.world.lock:
            more = {
                **payloads.where(self.workspace, surface),
                "trigger_id": self._trigger(),
                "actions": [payloads.action(block, element, value, self.world.new_ts())],
            }
            if isinstance(surface, Message):
                more["state"] = {"values": surface.values}
                more["response_url"] = self._response_url(surface)
        answer = self._send("block_actions", more)
        self._warn(f"block_actions {element['action_id']}", answer, surface)

    def _send(self, kind: str, more: Json) -> Answer:
        return self.delivery.send("interactive", payloads.interaction(kind, self.workspace, self.person, **more))

    def _warn(self, what: str, answer: Answer, surface: Surface | None) -> None:
        if answer.failure is None:
            return
        self.world.problem(f"{what}: {answer.sentence}")
        if isinstance(surface, View) and surface.body["type"] == "modal":
            surface.trouble = acks.trouble_of(surface)
        else:
            words = words_for(self.person.locale)
            notice = words["not_responding"].format(app=self.world.manifest.name, reason=answer.reason)
            self.screen.notices.append(notice)
        self.world.changed()

    def _trigger(self) -> str:
        return self.world.new_trigger(self.workspace, self.person)

    def _response_url(self, source: Message | None) -> str:
        return self.response_base() + self.world.new_response_url(self.workspace, self.person, self.channel, source)
