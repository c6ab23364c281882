"""Jobs: what a worker is to do once the transaction that wrote it is through."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """A task by its name, with arguments that are ids and words, as JSON has them."""

    task: str
    arguments: Mapping[str, object]
