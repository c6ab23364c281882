"""A view in front of a person: a modal on their stack, or their home tab."""

import secrets
from dataclasses import dataclass, field

from creneau.demo.slack.reading import Readable
from creneau.demo.slack.rendering import stored_blocks, stored_text
from creneau.demo.slack.values import Values, carry_over, initial_values
from creneau.demo.slack.workspace import Json, Workspace

DEEPEST_STACK = 3


@dataclass(eq=False, repr=False)
class View(Readable):
    """A live view: an update changes it in place."""

    id: str
    workspace: Workspace
    user_id: str
    root_view_id: str
    previous_view_id: str | None
    body: Json = field(default_factory=dict)
    hash: str = ""
    blocks: list[Json] = field(default_factory=list)
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None

    def __repr__(self) -> str:
        return f"<View {self.id} {self.title!r}>"

    @property
    def title(self) -> str:
        return _text_of(self.body, "title")

    @property
    def submit_label(self) -> str:
        return _text_of(self.body, "submit")

    @property
    def callback_id(self) -> str:
        value: str = self.body.get("callback_id", "")
        return value

    @property
    def external_id(self) -> str | None:
        return self.body.get("external_id") or None

    def show(self, body: Json, now: float) -> None:
        """Take a validated body; entered values stay where ids are unchanged."""
        self.body = body
        self.blocks = stored_blocks(body["blocks"])
        self.values = carry_over(self.values, self.blocks) if self.hash else initial_values(self.blocks)
        self.hash = f"{int(now)}.{secrets.token_hex(4)}"
        self.errors = {}
        self.trouble = None

    def to_slack(self) -> Json:
        return {
            "id": self.id,
            "team_id": self.workspace.team_id,
            "type": self.body["type"],
            "blocks": self.blocks,
            "private_metadata": self.body.get("private_metadata", ""),
            "callback_id": self.callback_id,
            "state": {"values": self.values},
            "hash": self.hash,
            "title": stored_text(self.body.get("title")) or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": self.body.get("clear_on_close", False),
            "notify_on_close": self.body.get("notify_on_close", False),
            "close": stored_text(self.body.get("close")),
            "submit": stored_text(self.body.get("submit")),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": self.workspace.app_id,
            "external_id": self.body.get("external_id", ""),
            "app_installed_team_id": self.workspace.team_id,
            "bot_id": self.workspace.bot_id,
        }


def _text_of(body: Json, key: str) -> str:
    text: str = (body.get(key) or {}).get("text", "")
    return text
