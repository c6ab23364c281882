"""The threads that listeners run on: so many, and so many requests waiting for one. Nothing grows without an end."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

from creneau.bot.right_of_way import RightOfWay

P = ParamSpec("P")
T = TypeVar("T")


IS_AWAITED: ContextVar[bool] = ContextVar("is_awaited", default=False)
"""Whether Slack waits for what the listener of the request in hand says, so that it begins at once."""


class ListenerPool(ThreadPoolExecutor):
    """A pool that says when it is full. It still takes what it is given: whoever submits asks first."""

    def __init__(self, threads: int, waiting: int) -> None:
        super().__init__(threads, thread_name_prefix="bolt")
        self.right_of_way = RightOfWay()
        self._most = threads + waiting
        self._count = 0
        self._counting = threading.Condition()

    @property
    def is_full(self) -> bool:
        return self._count >= self._most

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until everything that was submitted is done; false when it takes longer."""
        with self._counting:
            return self._counting.wait_for(lambda: self._count == 0, seconds)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with self._counting:
            self._count += 1
        # In the context of the request: its id is on what the listener logs.
        work = partial(copy_context().run, fn, *args, **kwargs)
        try:
            future = super().submit(work if IS_AWAITED.get() else partial(self._let_pass, work))
        except RuntimeError:  # shut down
            self._leave(None)
            raise
        future.add_done_callback(self._leave)
        return future

    def _let_pass(self, work: Callable[[], T]) -> T:
        self.right_of_way.give()
        return work()

    def _leave(self, _: Any) -> None:
        with self._counting:
            self._count -= 1
            self._counting.notify_all()
