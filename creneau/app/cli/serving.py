"""`creneau web`, `creneau socket`, `creneau worker`: the processes of a running service."""

import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.app.cli.opening import open_creneau
from creneau.app.logging import configure_logging
from creneau.app.postgres import open_postgres
from creneau.app.process_counts import ProcessCounts, counts_folder
from creneau.app.settings import Settings, SettingsInvalid, read_settings
from creneau.app.wiring import wire
from creneau.app.worker import run_worker
from creneau.bot.socket_mode import SocketMode

_GUNICORN = {
    "worker_class": "gthread",
    "timeout": 60,  # a worker that gives no sign of life for so long is replaced
    "graceful_timeout": 20,  # statements end within 15
    "keepalive": 75,  # longer than nginx keeps its end (60), so that it never sends into a closing connection
    "limit_request_line": 4094,
    "limit_request_fields": 60,
    "limit_request_field_size": 8190,
    "accesslog": None,  # it would have addresses, and a feed's is a secret; each request has a line of ours
    "control_socket_disable": True,
}


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--threads",
    default=16,
    show_default=True,
    type=click.IntRange(1, 128),
    help="Requests at once in a process, and the database connections that it may hold.",
)
@click.option(
    "--max-requests",
    default=20_000,
    show_default=True,
    type=click.IntRange(0),
    help="Replace a process after about so many requests: a leak ends with it. 0: never.",
)
@click.option(
    "--forwarded-allow-ips",
    default="127.0.0.1,::1",
    show_default=True,
    help="Addresses of proxies whose X-Forwarded-Proto is believed.",
)
def web(bind: str, workers: int, threads: int, max_requests: int, forwarded_allow_ips: str) -> None:
    """Serve Slack's requests, the API and the feeds. SIGHUP replaces the processes and drops no request."""
    configure_logging()
    settings = read_settings()
    with open_postgres(settings) as urls, counts_folder() as folder:
        counts = ProcessCounts(folder)
        options = {
            **_GUNICORN,
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "max_requests": max_requests,
            "max_requests_jitter": max_requests // 10,  # not all at once
            "forwarded_allow_ips": forwarded_allow_ips,
            "pre_fork": counts.give_place,
            "post_fork": counts.take_place,
            "child_exit": counts.leave_place,
        }
        _Gunicorn(settings, urls.runtime, options, counts.folder).run()


@click.command()
def socket() -> None:
    """Receive Slack's requests by Socket Mode, for a server without a public address.

    At SIGTERM what has come is answered and done first.
    """
    with open_creneau() as creneau:
        if creneau.settings.slack_app_token is None:
            raise SettingsInvalid(["SLACK_APP_TOKEN: is not set; Socket Mode needs an app-level token (xapp-...)"])
        front = SocketMode(creneau.bot, creneau.settings.slack_app_token.get_secret_value())
        try:
            front.open()
        except SlackApiError as error:
            raise click.ClickException(f"slack.refused: SLACK_APP_TOKEN: {error.response['error']}") from None
        except (SlackClientError, OSError) as error:
            raise click.ClickException(f"slack.unreachable: {type(error).__name__}") from None
        _wait_for_stop()
        front.close()


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

    def __init__(self, settings: Settings, database_url: str, options: Mapping[str, Any], counts_folder: Path) -> None:
        self._settings = settings
        self._database_url = database_url
        self._options = options
        self._counts_folder = counts_folder
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        threads = self._options["threads"]
        return wire(self._settings, self._database_url, pool_size=threads, counts_folder=self._counts_folder).web
