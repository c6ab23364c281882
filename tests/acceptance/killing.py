"""A worker that is killed at a chosen step: what it had not recorded, the next one does not know."""

from collections.abc import Callable

import pytest


class Killed(BaseException):
    """The worker dies here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, after: bool) -> None:
    """Let the worker die at its next call of a method: before it does anything, or when all is done."""
    whole: Callable[..., object] = getattr(owner, name)

    def die(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(owner, name, whole)
        if after:
            whole(*arguments, **named)
        raise Killed

    monkeypatch.setattr(owner, name, die)
