"""A message in the direct conversation between a person and the app."""

from dataclasses import dataclass, field

from creneau.demo.slack.reading import Readable
from creneau.demo.slack.values import Values
from creneau.demo.slack.workspace import Json, Workspace


@dataclass(eq=False)
class Message(Readable):
    """A live message: an update changes it in place. `only_for` names the reader of an ephemeral one."""

    team_id: str
    channel: str
    ts: str
    author_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    only_for: str | None = None
    is_from_app: bool = True
    is_edited: bool = False
    is_deleted: bool = False
    values: Values = field(default_factory=dict)

    @property
    def is_ephemeral(self) -> bool:
        return self.only_for is not None

    @property
    def all_text(self) -> str:
        """What there is to read: the blocks, or the text where there are none, as Slack shows it."""
        return super().all_text if self.blocks else self.text

    def to_slack(self, workspace: Workspace, *, with_metadata: bool = True) -> Json:
        message: Json = {"type": "message", "user": self.author_id, "ts": self.ts, "text": self.text}
        message["team"] = workspace.team_id
        if self.is_from_app:
            message |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        if self.blocks:
            message["blocks"] = self.blocks
        if self.is_edited:
            message["edited"] = {"user": self.author_id, "ts": self.ts}
        if with_metadata and self.metadata:
            message["metadata"] = self.metadata
        return message
