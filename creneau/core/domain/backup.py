"""A backup as its manifest describes it: what stands beside the file and says what is in it, and never a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FORMAT = 1


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """`rows` has the number of rows of each table; `keys` the tags of the keys that its secrets are sealed under."""

    format: int
    version: str
    """Of Creneau."""
    migration: str
    postgres: int
    """The major version of the server."""
    program: int
    """The major version of the `pg_dump` that wrote the file."""
    taken_at: datetime
    bytes: int
    sha256: str
    keys: tuple[str, ...]
    rows: Mapping[str, int]


class BackupProblem(Exception):
    """A backup was not made, or not restored; `code` says why, the message what to do."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
