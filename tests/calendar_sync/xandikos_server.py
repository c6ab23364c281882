"""A real Xandikos, the second CalDAV server that our client is held against: a program of its own on a free port."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from uuid import uuid4

import httpx

_START_SECONDS = 60.0


class XandikosServer:
    """It asks nobody for a password."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def create_calendar(self) -> str:
        url = f"{self.url}/user/calendars/{uuid4().hex[:8]}/"
        httpx.request("MKCALENDAR", url, trust_env=False).raise_for_status()
        return url


@contextmanager
def running_xandikos(folder: Path) -> Iterator[XandikosServer]:
    port = _free_port()
    program = [sys.executable, "-m", "xandikos", "serve", "--directory", str(folder), "--defaults"]
    process = subprocess.Popen(
        [*program, "--listen-address", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server = XandikosServer(port)
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait(server: XandikosServer, process: subprocess.Popen[bytes]) -> None:
    ends = monotonic() + _START_SECONDS
    while monotonic() < ends and process.poll() is None:
        with suppress(httpx.TransportError):
            httpx.get(server.url, trust_env=False)
            return
    raise TimeoutError


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
