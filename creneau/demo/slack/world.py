"""Everything that changes in the stand-in, behind one lock: screens, messages, triggers, response URLs."""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from creneau.demo.slack.manifest import Manifest
from creneau.demo.slack.messages import Message
from creneau.demo.slack.rendering import stored_blocks
from creneau.demo.slack.values import initial_values
from creneau.demo.slack.views import View
from creneau.demo.slack.workspace import Json, Person, Workspace

Clock = Callable[[], float]
TRIGGER_SECONDS = 3
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


@dataclass
class Screen:
    """What one person has in front of them."""

    stack: list[View] = field(default_factory=list)
    home: View | None = None
    notices: list[str] = field(default_factory=list)

    @property
    def modal(self) -> View | None:
        return self.stack[-1] if self.stack else None


@dataclass
class Trigger:
    team_id: str
    user_id: str
    expires_at: float
    is_used: bool = False


@dataclass
class ResponseUrl:
    workspace: Workspace
    person: Person
    channel: str
    source: Message | None
    expires_at: float
    uses_left: int = RESPONSE_URL_USES


class World:
    """The state of all workspaces. Take `lock` to read or write; call `changed` after a write."""

    def __init__(self, workspaces: Iterable[Workspace], manifest: Manifest, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.condition = threading.Condition(self.lock)
        self.workspaces = {workspace.team_id: workspace for workspace in workspaces}
        self.manifest = manifest
        self.clock = clock
        self.version = 0
        self.epoch = secrets.token_hex(4)
        self.is_closed = False
        self.problems: list[str] = []
        self.messages: list[Message] = []
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._screens: dict[tuple[str, str], Screen] = {}
        self._last_ts = 0
        self._last_id = 0

    def changed(self) -> None:
        with self.condition:
            self.version += 1
            self.condition.notify_all()

    def close(self) -> None:
        """Let everyone who waits for a change go."""
        self.is_closed = True
        self.changed()

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """Wait until the version is another than the one seen, at most `timeout` seconds; return the version."""
        with self.condition:
            self.condition.wait_for(lambda: self.version != seen or self.is_closed, timeout)
            return self.version

    def problem(self, sentence: str) -> None:
        """Note something that the app did wrong, for tests and for the page."""
        with self.lock:
            self.problems.append(sentence)
            self.changed()

    def new_id(self, prefix: str) -> str:
        with self.lock:
            self._last_id += 1
            return f"{prefix}0{self._last_id:04d}{secrets.token_hex(2).upper()}"

    def new_ts(self) -> str:
        """Make a message timestamp: unique and growing, whatever the clock does."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def screen(self, team_id: str, user_id: str) -> Screen:
        with self.lock:
            return self._screens.setdefault((team_id, user_id), Screen())

    def screens(self, team_id: str) -> list[Screen]:
        return [screen for (team, _), screen in self._screens.items() if team == team_id]

    def conversation(self, workspace: Workspace, channel: str) -> list[Message]:
        """List the messages of a channel that still stand, ephemeral ones too, in order."""
        team = workspace.team_id
        return [one for one in self.messages if (one.team_id, one.channel) == (team, channel) and not one.is_deleted]

    def find_message(self, workspace: Workspace, channel: str, ts: str) -> Message | None:
        return next((one for one in self.conversation(workspace, channel) if one.ts == ts), None)

    def post(
        self,
        workspace: Workspace,
        channel: str,
        text: str,
        blocks: list[Json] | None = None,
        *,
        only_for: str | None = None,
        metadata: Json | None = None,
        author_id: str | None = None,
    ) -> Message:
        with self.lock:
            stored = stored_blocks(blocks or [])
            message = Message(
                workspace.team_id,
                channel,
                self.new_ts(),
                author_id or workspace.bot_user_id,
                text,
                stored,
                metadata,
                only_for,
                is_from_app=author_id is None,
                values=initial_values(stored),
            )
            self.messages.append(message)
            self.changed()
            return message

    def new_trigger(self, workspace: Workspace, person: Person) -> str:
        with self.lock:
            trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
            self.triggers[trigger_id] = Trigger(workspace.team_id, person.id, self.clock() + TRIGGER_SECONDS)
            return trigger_id

    def new_response_url(self, workspace: Workspace, person: Person, channel: str, source: Message | None) -> str:
        """Make the secret part of a response URL."""
        with self.lock:
            key = secrets.token_urlsafe(18)
            expires_at = self.clock() + RESPONSE_URL_SECONDS
            self.response_urls[key] = ResponseUrl(workspace, person, channel, source, expires_at)
            return key

    def new_view(self, workspace: Workspace, user_id: str, body: Json, previous: View | None = None) -> View:
        view_id = self.new_id("V")
        root_id = previous.root_view_id if previous else view_id
        view = View(view_id, workspace, user_id, root_id, previous.id if previous else None)
        view.show(body, self.clock())
        return view

    def open_views(self, workspace: Workspace) -> list[View]:
        """List every view of a workspace that can still be updated."""
        found: list[View] = []
        for screen in self.screens(workspace.team_id):
            found.extend(screen.stack)
            if screen.home is not None:
                found.append(screen.home)
        return found
