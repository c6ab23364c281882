"""A wire that misbehaves on order: stands before a server, and cuts, stalls, slows down, or loses what passes.

What a process says to Postgres and to Slack tells how far it has come. So a test can have it killed or frozen at a step
of its work by what it sends just then, and the product needs no places to crash at.
"""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)  # closing sends RST: the other side sees a connection that broke


@dataclass(frozen=True, slots=True)
class Trap:
    """What happens once, when a client sends some bytes: before the server gets them, or when it has answered.

    The connection is cut then: the server never hears of it, or its answer is lost. `is_passed` lets it go on.
    """

    sign: bytes
    is_after: bool
    act: Callable[[], object]
    is_passed: bool


class Proxy:
    """Passes connections on to a server on this machine. Use as a context manager.

    `listener` and `dial` may be in another network than this one.
    """

    def __init__(
        self, port: int, listener: socket.socket | None = None, dial: Callable[[int], socket.socket] | None = None
    ) -> None:
        self._target = port
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self._dial = dial or dial_here
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._traps: list[Trap] = []
        self._wires: set[_Wire] = set()
        self._is_open = threading.Event()
        self._is_open.set()
        self._is_ended = threading.Event()
        self._delay = 0.0
        self._is_refusing = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ended.set()
        self._listener.close()
        self.heal()
        self.cut()

    def cut(self) -> int:
        """Break every connection there is; return how many there were."""
        with self._lock:
            wires = list(self._wires)
        for wire in wires:
            wire.cut()
        return len(wires)

    def refuse(self) -> None:
        """Break every connection, and every new one, until healed: the server is gone."""
        self._is_refusing = True
        self.cut()

    def swallow(self) -> None:
        """Take everything and pass nothing on, until healed: nobody is told that anything is wrong."""
        self._is_open.clear()

    def slow(self, seconds: float) -> None:
        """Keep everything that passes back for a moment."""
        self._delay = seconds

    def heal(self) -> None:
        self._delay, self._is_refusing = 0.0, False
        self._is_open.set()

    def lose_request(self, sign: bytes) -> threading.Event:
        """Cut the connection at the next request that holds these bytes, before the server hears of it."""
        return self.trap(sign, is_after=False)

    def lose_answer(self, sign: bytes) -> threading.Event:
        """Cut the connection when the server has answered the next request that holds these bytes."""
        return self.trap(sign, is_after=True)

    def trap(
        self, sign: bytes, act: Callable[[], object] | None = None, *, is_after: bool, is_passed: bool = False
    ) -> threading.Event:
        """Set a trap for one request; return what is set when it has sprung."""
        sprung = threading.Event()

        def spring() -> None:
            if act is not None:
                act()
            sprung.set()

        with self._lock:
            self._traps.append(Trap(sign, is_after, spring, is_passed))
        return sprung

    def find_trap(self, sent: bytes) -> Trap | None:
        """Take the trap that a request springs, if there is one."""
        with self._lock:
            found = next((trap for trap in self._traps if trap.sign in sent), None)
            if found is not None:
                self._traps.remove(found)
            return found

    def forget_traps(self) -> None:
        with self._lock:
            self._traps.clear()

    def let_pass(self) -> bool:
        """Wait as long as the wire is ordered to; false when it has come to its end meanwhile."""
        self._is_open.wait()
        return not (self._delay and self._is_ended.wait(self._delay))

    def forget(self, wire: "_Wire") -> None:
        with self._lock:
            self._wires.discard(wire)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            try:
                server = self._dial(self._target)
            except OSError:
                _break(client)
                continue
            wire = _Wire(self, client, server)
            with self._lock:
                self._wires.add(wire)
            if self._is_refusing:
                wire.cut()
            else:
                wire.start()


class _Wire:
    """One connection: what the client sends in one thread, what the server answers in another."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._trap: Trap | None = None

    def start(self) -> None:
        for pump in (self._carry_requests, self._carry_answers):
            threading.Thread(target=self._run, args=(pump,), name="wire", daemon=True).start()

    def cut(self) -> None:
        for end in (self._client, self._server):
            _break(end)
        self._proxy.forget(self)

    def _run(self, pump: Callable[[], None]) -> None:
        try:
            pump()
        except OSError:  # one end is gone, and so is the other
            pass
        finally:
            self.cut()

    def _carry_requests(self) -> None:
        while (sent := self._client.recv(_CHUNK)) and self._proxy.let_pass():
            trap = self._proxy.find_trap(sent)
            if trap is not None and trap.is_after:
                self._trap = trap
            elif trap is not None:
                trap.act()
                if not trap.is_passed:
                    return
            self._server.sendall(sent)

    def _carry_answers(self) -> None:
        while (answer := self._server.recv(_CHUNK)) and self._proxy.let_pass():
            trap, self._trap = self._trap, None
            if trap is not None:
                trap.act()
                if not trap.is_passed:
                    return
            self._client.sendall(answer)


def dial_here(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def _break(end: socket.socket) -> None:
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
