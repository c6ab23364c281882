"""A small disk of its own, which can be filled to the last byte: a file system in memory that nobody else sees."""

from errno import ENOSPC
from pathlib import Path

from tests.faults.namespaces import LIBC, MOUNTS, Namespace, check

_PRIVATE_AND_ALL_BELOW = 0x44000


class SmallDisk(Namespace):
    """Mounted over a folder, for its own thread and the processes that this one starts. Raises: OSError."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        super().__init__(MOUNTS)
        self._ballast = folder / "ballast"
        self.do(lambda: check(LIBC.mount(b"none", b"/", None, _PRIVATE_AND_ALL_BELOW, None)))
        size = f"size={megabytes}m".encode()
        self.do(lambda: check(LIBC.mount(b"none", str(folder).encode(), b"tmpfs", 0, size)))

    def fill(self) -> None:
        self.do(self._fill)

    def make_room(self) -> None:
        self.do(self._ballast.unlink)

    def _fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                while True:
                    try:
                        ballast.write(bytes(size))
                    except OSError as error:
                        if error.errno != ENOSPC:
                            raise
                        break
