"""Expands recurrences under a deadline: a rule that takes too long ends with the process that works on it."""

import json
import os
import select
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Self

from creneau.calendar_sync.expansion import whole_time
from creneau.core.domain.time import Span

OBJECT_SECONDS = 5.0
MOST_SPANS = 4000
_START_SECONDS = 60.0
_FINEST = (b"FREQ=SECONDLY", b"FREQ=MINUTELY")
_PROGRAM = [sys.executable, "-m", "creneau.calendar_sync.expansion"]


@dataclass(frozen=True, slots=True)
class Expanded:
    """What a recurring object blocks. `is_doubtful`: not all of it could be worked out."""

    spans: tuple[Span, ...]
    is_doubtful: bool = False


class Expander:
    """Use as a context manager. The process starts with the first object, and anew after one that took too long."""

    def __init__(self, object_seconds: float = OBJECT_SECONDS) -> None:
        self._object_seconds = object_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def expand(self, ics: bytes, zone: str, window: Span) -> Expanded:
        """Return when a recurring object blocks within a window.

        Of one that is too much, all the time that it could block is taken as blocked; one that cannot be read blocks
        nothing. Both are doubtful.
        """
        if any(finest in ics for finest in _FINEST):
            return _too_much(ics, zone, window)
        asked = {
            "ics": ics.decode(),
            "zone": zone,
            "since": window.starts_at.isoformat(),
            "until": window.ends_at.isoformat(),
        }
        try:
            line = self._ask(json.dumps(asked).encode() + b"\n")
        except _TooLong:
            self._stop()
            return _too_much(ics, zone, window)
        told = json.loads(line)
        if told is None:
            return Expanded((), is_doubtful=True)
        if len(told) > MOST_SPANS:
            return _too_much(ics, zone, window)
        return Expanded(tuple(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in told))

    def _ask(self, line: bytes) -> bytes:
        """Raises: _TooLong, also when the process ended over it."""
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - opened as pipes
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError as error:
            raise _TooLong from error
        return _hear(process, self._object_seconds)

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - our own program, without a shell
            _PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        _hear(self._process, _START_SECONDS)
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


class _TooLong(Exception):
    """No answer in time."""


def _hear(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return the next line. Raises: _TooLong, also when the process has ended."""
    assert process.stdout is not None  # noqa: S101 - opened as a pipe
    ends, told = monotonic() + seconds, bytearray()
    while not told.endswith(b"\n"):
        left = ends - monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise _TooLong
        part = os.read(process.stdout.fileno(), 1 << 16)
        if not part:
            raise _TooLong
        told += part
    return bytes(told)


def _too_much(ics: bytes, zone: str, window: Span) -> Expanded:
    whole = whole_time(ics, zone, window)
    return Expanded((whole,) if whole else (), is_doubtful=True)
