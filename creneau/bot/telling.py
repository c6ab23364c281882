"""Telling a person something in answer to their click, and nobody else."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient


def tell(body: Mapping[str, Any], client: WebClient, text: str) -> None:
    """Say it where they clicked: in the conversation, or from App Home or a window in their direct messages."""
    channel = body.get("channel", {}).get("id") or body["user"]["id"]
    client.chat_postEphemeral(channel=channel, user=body["user"]["id"], text=text)
