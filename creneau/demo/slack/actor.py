"""The Python driver: one person in front of Slack, with verbs that read like a story in a test."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from creneau.demo.slack.blocks import options_of
from creneau.demo.slack.gestures import Gestures, Surface
from creneau.demo.slack.messages import Message
from creneau.demo.slack.values import TEXT_INPUTS, value_of
from creneau.demo.slack.views import View
from creneau.demo.slack.web_api import WebApi
from creneau.demo.slack.workspace import Json

T = TypeVar("T")
WAIT_SECONDS = 5.0
MULTIPLE = ("checkboxes", "multi_static_select", "multi_external_select", "multi_users_select")


class Actor:
    """One person. Fields and buttons are found by block_id, action_id, label or text, on the modal or else the home."""

    def __init__(self, gestures: Gestures, web_api: WebApi) -> None:
        self.gestures = gestures
        self.person = gestures.person
        self.workspace = gestures.workspace
        self.user_id = gestures.person.id
        self._web_api = web_api
        self._world = gestures.world

    @property
    def modal(self) -> View | None:
        """The top view, None when no modal is open."""
        return self.gestures.screen.modal

    @property
    def stack(self) -> list[View]:
        return list(self.gestures.screen.stack)

    @property
    def home(self) -> View | None:
        return self.gestures.screen.home

    @property
    def notices(self) -> list[str]:
        """Warnings that Slack itself showed: the app did not answer a click."""
        return self.gestures.screen.notices

    @property
    def messages(self) -> list[Message]:
        """The conversation with the app, ephemeral messages too, oldest first."""
        with self._world.lock:
            return self._world.conversation(self.workspace, self.gestures.channel)

    @property
    def last_message(self) -> Message:
        """Raises: LookupError when there is none."""
        messages = self.messages
        if not messages:
            raise LookupError(f"{self.person.name} has no message{self._circumstances()}")
        return messages[-1]

    def command(self, name: str, text: str = "") -> None:
        self.gestures.command(name, text)

    def shortcut(self, callback_id: str) -> None:
        self.gestures.shortcut(callback_id)

    def say(self, text: str) -> None:
        self.gestures.say(text)

    def open_home(self, tab: str = "home") -> View | None:
        """Open the app; return the home as it is once the app took the event (`wait_for_home` for a new one)."""
        self.gestures.open_home(tab)
        return self.home

    def type(self, field: str, text: str, on: Surface | None = None) -> None:
        surface = self._surface(on)
        block, element = surface.field(field)
        if element["type"] not in TEXT_INPUTS:
            raise LookupError(f"{field!r} is a {element['type']}: nothing to type in")
        self.gestures.enter(surface, block, element, text or None)

    def select(self, field: str, choice: str, on: Surface | None = None) -> None:
        """Choose one option by its text or value: selects, radio buttons, overflow menus, people."""
        surface = self._surface(on)
        block, element = surface.field(field)
        value = self._choice(surface, block, element, choice)
        self.gestures.enter(surface, block, element, [value] if element["type"] in MULTIPLE else value)

    def check(self, field: str, choices: Sequence[str], on: Surface | None = None) -> None:
        """Set the checked options of checkboxes or of a multiple select, all at once."""
        surface = self._surface(on)
        block, element = surface.field(field)
        chosen = [self._choice(surface, block, element, choice) for choice in choices]
        self.gestures.enter(surface, block, element, chosen)

    def clear(self, field: str, on: Surface | None = None) -> None:
        surface = self._surface(on)
        block, element = surface.field(field)
        self.gestures.enter(surface, block, element, [] if element["type"] in MULTIPLE else None)

    def pick_date(self, field: str, day: str, on: Surface | None = None) -> None:
        """Pick a date as YYYY-MM-DD."""
        self._pick(field, "datepicker", day, on)

    def pick_time(self, field: str, time: str, on: Surface | None = None) -> None:
        """Pick a time as HH:MM."""
        self._pick(field, "timepicker", time, on)

    def pick_instant(self, field: str, seconds: int, on: Surface | None = None) -> None:
        self._pick(field, "datetimepicker", seconds, on)

    def suggestions(self, field: str, query: str = "", on: Surface | None = None) -> list[str]:
        """Type into an external select and list the texts that it offers."""
        surface = self._surface(on)
        block, element = surface.field(field)
        options, groups = self.gestures.suggest(surface, block, element, query)
        return [option["text"]["text"] for option in options_of({"options": options, "option_groups": groups})]

    def click(self, target: Surface, button: str, near: str | None = None) -> None:
        """Press a button by its text or action_id; a confirm dialog counts as accepted."""
        block, element = target.button(button, near)
        self.gestures.press(target, block, element)

    def press(self, button: str, near: str | None = None) -> None:
        """Press a button on the modal, or on the home when no modal is open."""
        self.click(self._surface(None), button, near)

    def submit(self) -> dict[str, str] | None:
        """Submit the top modal; return the field errors by block_id, None when it was accepted."""
        view = self._open_modal()
        if not view.submit_label:
            raise LookupError(f"the modal {view.title!r} has no submit button")
        return self.gestures.submit(view)

    def close_modal(self, *, is_whole_stack: bool = False) -> None:
        self._open_modal()
        self.gestures.close(is_whole_stack=is_whole_stack)

    def dismiss(self, ts: str | None = None) -> None:
        """Hide an ephemeral message, or the notices when no message is named."""
        with self._world.lock:
            for message in self.messages:
                if message.ts == ts and message.is_ephemeral:
                    message.is_deleted = True
            if ts is None:
                self.notices.clear()
            self._world.changed()

    def value(self, field: str, on: Surface | None = None) -> object:
        """Read what is entered in a field: a string, an option's value, a list of them, None."""
        surface = self._surface(on)
        block, element = surface.field(field)
        value = value_of(surface.values[block["block_id"]][element["action_id"]])
        if isinstance(value, list):
            return [one["value"] if isinstance(one, dict) else one for one in value]
        return value["value"] if isinstance(value, dict) else value

    def wait_for(self, predicate: Callable[[], T], timeout: float = WAIT_SECONDS) -> T:
        """Wait for a change of state that makes the predicate true, and return what it gave.

        Raises: TimeoutError telling what is on the screen and what the app was refused.
        """
        with self._world.condition:
            result = self._world.condition.wait_for(predicate, timeout)
        if not result:
            raise TimeoutError(f"waited {timeout} s in vain{self._circumstances()}")
        return result

    def wait_for_modal(self, text: str = "", timeout: float = WAIT_SECONDS) -> View:
        """Wait until the top modal has this text in its title or its blocks."""

        def has_it() -> View | None:
            view = self.modal
            return view if view and (text in view.title or text in view.all_text) else None

        return self._found(has_it, timeout)

    def wait_for_message(self, text: str = "", timeout: float = WAIT_SECONDS) -> Message:
        """Wait until a message has this text, and return the newest one."""

        def has_it() -> Message | None:
            found = (one for one in reversed(self.messages) if text in one.text or text in one.all_text)
            return next(found, None)

        return self._found(has_it, timeout)

    def wait_for_home(self, text: str = "", timeout: float = WAIT_SECONDS) -> View:
        return self._found(lambda: self.home if self.home and text in self.home.all_text else None, timeout)

    def _found(self, predicate: Callable[[], T | None], timeout: float) -> T:
        found = self.wait_for(predicate, timeout)
        if found is None:
            raise AssertionError("wait_for returned nothing")
        return found

    def _open_modal(self) -> View:
        if self.modal is None:
            raise LookupError(f"no modal is open{self._circumstances()}")
        return self.modal

    def _surface(self, on: Surface | None) -> Surface:
        surface = on or self.modal or self.home
        if surface is None:
            raise LookupError(f"neither a modal nor a home is open{self._circumstances()}")
        return surface

    def _pick(self, field: str, kind: str, value: str | int, on: Surface | None) -> None:
        surface = self._surface(on)
        block, element = surface.field(field)
        if element["type"] != kind:
            raise LookupError(f"{field!r} is a {element['type']}, not a {kind}")
        self.gestures.enter(surface, block, element, value)

    def _choice(self, surface: Surface, block: Json, element: Json, choice: str) -> str | Json:
        kind = element["type"]
        if kind.endswith("users_select"):
            return self._person_id(choice)
        if "external" in kind:
            options, groups = self.gestures.suggest(surface, block, element, choice)
            known = options_of({"options": options, "option_groups": groups})
        else:
            known = options_of(element)
        for option in known:
            if choice in (option["text"]["text"], option["value"]):
                return option
        raise LookupError(f"no option {choice!r}; there are: {[option['text']['text'] for option in known]}")

    def _person_id(self, choice: str) -> str:
        for person in self.workspace.people:
            if choice in (person.id, person.name, person.real_name):
                return person.id
        raise LookupError(f"nobody here is called {choice!r}")

    def _circumstances(self) -> str:
        """Tell what is going on, for the message of an exception."""
        with self._world.lock:
            lines = [f"modal: {self.modal.title!r}: {self.modal.all_text!r}" if self.modal else "modal: none"]
            if self.home:
                lines.append(f"home: {self.home.all_text!r}")
            lines.extend(f"message: {message.all_text!r}" for message in self.messages[-3:])
            lines.extend(f"problem: {problem}" for problem in self._world.problems[-5:])
            refused = [call for call in self._web_api.calls if call.error]
            lines.extend(f"{call.method} -> {call.error} {' '.join(call.messages)}" for call in refused[-5:])
        return "".join(f"\n  {line}" for line in lines)
