"""Clients of Slack's API, where the settings say that it is."""

import ssl
from collections.abc import Callable
from urllib.request import HTTPSHandler, build_opener, install_opener

from slack_sdk import WebClient

from creneau.app.settings import Settings

_TIMEOUT_SECONDS = 10


def open_slack_clients(settings: Settings) -> Callable[[str | None], WebClient]:
    """Return what makes a client for a token, without retries: the SDK's default posts twice when an answer is lost.

    The SDK calls by urllib's opener. All share one: to read this machine's certificates takes longer than a call, and
    with certificates of its own each call builds an opener, which takes as long again.
    """
    install_opener(build_opener(HTTPSHandler(context=ssl.create_default_context())))

    def open_client(token: str | None) -> WebClient:
        return WebClient(
            token=token,
            base_url=settings.slack_api_url,
            timeout=_TIMEOUT_SECONDS,
            retry_handlers=[],
        )

    return open_client
