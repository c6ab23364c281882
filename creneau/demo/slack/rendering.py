"""What Slack adds to blocks when it stores them: block ids, action ids, emoji and verbatim flags."""

import copy
import secrets
from typing import Any

from creneau.demo.slack.blocks import elements_of
from creneau.demo.slack.workspace import Json


def stored_blocks(blocks: list[Json]) -> list[Json]:
    """Copy blocks as Slack gives them back: every block and element has an id."""
    stored = copy.deepcopy(blocks)
    for block in stored:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for _, element in elements_of(block):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    _complete_texts(stored)
    return stored


def stored_text(text: Json | None) -> Json | None:
    stored = copy.deepcopy(text)
    _complete_texts(stored)
    return stored


def _complete_texts(node: Any) -> None:
    if isinstance(node, list):
        for entry in node:
            _complete_texts(entry)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        elif node.get("type") == "mrkdwn" and "text" in node:
            node.setdefault("verbatim", False)
        for entry in node.values():
            _complete_texts(entry)
