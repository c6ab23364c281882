"""A thread that lives in a namespace of its own, and does things there: Linux gives one to each thread that asks."""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

LIBC = ctypes.CDLL(None, use_errno=True)
NETWORK, MOUNTS = 0x40000000, 0x00020000
_T = TypeVar("_T")


class Namespace:
    """Takes root. Raises: OSError where it may not be made."""

    def __init__(self, kind: int) -> None:
        self._inside = ThreadPoolExecutor(1)
        self.do(lambda: check(LIBC.unshare(kind)))

    def do(self, act: Callable[[], _T]) -> _T:
        """Do something in there, and return what came of it."""
        return self._inside.submit(act).result()

    def leave(self) -> None:
        """End the thread, and with it the namespace, unless a process lives in it."""
        self._inside.shutdown()


def check(status: int) -> None:
    """Raises: OSError with what the C library said, unless all went well."""
    if status:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
