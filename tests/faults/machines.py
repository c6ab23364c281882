"""Machines of their own for the processes of a service: each has its own network, and wires to the servers of this one.

A network namespace has its own addresses and its own loopback, on which nothing listens but what is put there. Whoever
may not make one (that takes root) gets plain processes beside each other, and a warning says so.
"""

import fcntl
import os
import socket
import struct
import threading
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from creneau.app.cli import main
from creneau.app.settings import Settings
from creneau.core.clock import SystemClock
from tests.faults.namespaces import LIBC, NETWORK, Namespace, check
from tests.faults.proxy import Proxy, dial_here
from tests.faults.workers import SharedClock

PATIENCE = 90
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.faults.machines"])  # what is imported once need not be by each


class Network(Namespace):
    """A network with nothing in it, and sockets in there. Raises: OSError where it may not be made."""

    def __init__(self) -> None:
        super().__init__(NETWORK)
        self.path = self.do(_wake_up)

    def listen(self, port: int) -> socket.socket:
        return self.do(lambda: listen_here(port))

    def dial(self, port: int) -> socket.socket:
        return self.do(lambda: dial_here(port))


class Machine:
    """Runs `creneau` commands, which log into a file. Use as a context manager.

    `servers` are the ports of this machine that lead here from there, `web_port` the one that leads there from here.
    """

    def __init__(self, log: Path, servers: Sequence[int], environment: Mapping[str, str], clock: SharedClock) -> None:
        self.web_port = free_port()
        self._servers = servers
        self._given = (dict(environment), clock, log)
        self._processes: list[BaseProcess] = []
        self._wires = ExitStack()
        self._network = _open_network()

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def run(self, *command: str) -> None:
        path = self._network.path if self._network else None
        process = _FORKED.Process(target=_run, args=(command, path, *self._given))
        process.start()
        self._processes.append(process)

    def shut_down(self) -> list[int | None]:
        """Ask every process to stop; return how each ended."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(PATIENCE)
        return [process.exitcode for process in self._processes]

    def __enter__(self) -> Self:
        if self._network:
            for port in self._servers:
                self._wires.enter_context(Proxy(port, self._network.listen(port)))
            self._wires.enter_context(Proxy(self.web_port, listen_here(self.web_port), self._network.dial))
        return self

    def __exit__(self, *_: object) -> None:
        self.shut_down()
        for process in self._processes:
            process.kill()
        self._wires.close()
        if self._network:
            self._network.leave()


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process reads the settings that this one has."""
    given = {
        str(field.validation_alias): getattr(settings, name)
        for name, field in Settings.model_fields.items()
        if name in settings.model_fields_set
    }
    return {name: _written(value) for name, value in given.items() if value is not None}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listen_here(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_written(one) for one in value)
    return value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)


def _open_network() -> Network | None:
    try:
        return Network()
    except OSError as error:
        warnings.warn(
            f"no network namespaces ({error.strerror}): machines are processes beside each other", stacklevel=3
        )
        return None


def _wake_up() -> str:
    """Bring this network's loopback up; return where a process finds the network."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    return f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"


def _run(
    command: Sequence[str], network: str | None, environment: dict[str, str], clock: SharedClock, log: Path
) -> None:
    with log.open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    if network is not None:
        with Path(network).open("rb") as namespace:
            check(LIBC.setns(namespace.fileno(), NETWORK))
    os.environ.update(environment)
    setattr(SystemClock, "now", lambda _: clock.now())  # noqa: B010 - it moves when the test says so
    main(command)
