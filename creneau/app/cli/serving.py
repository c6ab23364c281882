"""`creneau web`, `creneau socket`, `creneau worker`: the processes of a running service."""

import signal
import threading
from collections.abc import Mapping
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from slack_bolt.adapter.socket_mode import SocketModeHandler

from creneau.app.cli.opening import open_creneau
from creneau.app.logging import configure_logging
from creneau.app.postgres import open_postgres
from creneau.app.settings import Settings, SettingsInvalid, read_settings
from creneau.app.wiring import wire
from creneau.app.worker import run_worker

_THREADS = 16
_GRACEFUL_SECONDS = 20


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes; each has its own database connections.")
def web(bind: str, workers: int) -> None:
    """Serve Slack's requests, the API and the calendar feeds."""
    configure_logging()
    settings = read_settings()
    with open_postgres(settings) as urls:
        options = {
            "bind": bind,
            "workers": workers,
            "worker_class": "gthread",
            "threads": _THREADS,
            "graceful_timeout": _GRACEFUL_SECONDS,
            "accesslog": None,  # a feed's address is a secret
            "control_socket_disable": True,
        }
        _Gunicorn(settings, urls.runtime, options).run()


@click.command()
def socket() -> None:
    """Receive Slack's requests by Socket Mode, for a server without a public address."""
    with open_creneau() as creneau:
        if creneau.settings.slack_app_token is None:
            raise SettingsInvalid(["SLACK_APP_TOKEN: is not set; Socket Mode needs an app-level token (xapp-...)"])
        handler = SocketModeHandler(creneau.bot, creneau.settings.slack_app_token.get_secret_value())
        handler.connect()  # type: ignore[no-untyped-call]
        _wait_for_stop()
        handler.close()  # type: ignore[no-untyped-call]


@click.command()
def worker() -> None:
    """Do what is due: messages, reminders, calendars. Run as many as you like."""
    with open_creneau() as creneau:
        run_worker(creneau.jobs)


def _wait_for_stop() -> None:
    """Return at SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our settings. Each worker process wires itself: connections do not survive a fork."""

    def __init__(self, settings: Settings, database_url: str, options: Mapping[str, Any]) -> None:
        self._settings = settings
        self._database_url = database_url
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return wire(self._settings, self._database_url, pool_size=_THREADS).web
