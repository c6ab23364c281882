"""A message as Slack takes it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is a whole sentence, because screen readers and phones read nothing else."""

    text: str
    blocks: list[dict[str, Any]]
