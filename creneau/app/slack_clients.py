"""Clients of Slack's API, where the settings say that it is."""

import ssl
from collections.abc import Callable

from slack_sdk import WebClient

from creneau.app.settings import Settings

_TIMEOUT_SECONDS = 10


def open_slack_clients(settings: Settings) -> Callable[[str | None], WebClient]:
    """Return what makes a client for a token, without retries: the SDK's default posts twice when an answer is lost.

    All share what they trust: to read this machine's certificates takes longer than a call.
    """
    trusted = ssl.create_default_context()

    def open_client(token: str | None) -> WebClient:
        return WebClient(
            token=token,
            base_url=settings.slack_api_url,
            timeout=_TIMEOUT_SECONDS,
            retry_handlers=[],
            ssl=trusted,
        )

    return open_client
