"""Block Kit as small functions: the blocks that this app draws, with user text made literal.

https://docs.slack.dev/reference/block-kit
"""

import re
from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]

_OPENING = re.compile(r"[*_~`]|:(?=[\w+'-]+:)|(?m:^)&gt;")
_HALF_ESCAPED = re.compile(r"&[a-z]{0,3}$")
_LONGEST_OPTION = 75
LONGEST_SECTION = 3000
_ENDS_LINK = str.maketrans({"&": "&amp;", "<": "%3C", ">": "%3E", "|": "%7C"})


def literal(text: str) -> str:
    """Return text that Slack shows as it is: no mention, link, formatting, quote or emoji gets through mrkdwn."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A word joiner, which nobody sees, keeps a mark from opening bold, italic, strike, code, an emoji or a quote.
    return _OPENING.sub(lambda mark: f"{mark[0]}\u2060" if mark[0] != "&gt;" else "\u2060&gt;", escaped)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": _cut(text), "verbatim": True}


def _cut(text: str) -> str:
    """Return as much as a block holds, without half of an escaped character at its end."""
    return text if len(text) <= LONGEST_SECTION else _HALF_ESCAPED.sub("", text[:LONGEST_SECTION])


def section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


class Link(str):
    """An https address to be followed: Slack shows all of it. What would end a link in mrkdwn is %-encoded."""

    __slots__ = ()

    def to_mrkdwn(self) -> str:
        return f"<{self.translate(_ENDS_LINK)}>"


def fields(*labelled: tuple[str, str]) -> Block:
    """Labelled values, two a row. The values are made literal, but for links."""
    return {"type": "section", "fields": [mrkdwn(f"*{label}*\n{_value(value)}") for label, value in labelled]}


def _value(value: str) -> str:
    return value.to_mrkdwn() if isinstance(value, Link) else literal(value)


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text)]}


def plain_context(text: str) -> Block:
    """A small line in which nothing means anything to Slack: for what people wrote."""
    return {"type": "context", "elements": [plain(text)]}


def beside(block: Block, element: Block) -> Block:
    """A section with an element to its right."""
    return {**block, "accessory": element}


def divider() -> Block:
    return {"type": "divider"}


def actions(buttons: Sequence[Block], block_id: str | None = None) -> Block:
    block: Block = {"type": "actions", "elements": list(buttons)}
    if block_id:
        block["block_id"] = block_id
    return block


def button(text: str, action_id: str, value: str, style: str | None = None, confirm: Block | None = None) -> Block:
    """A button; `style` is `primary` or `danger`, `confirm` a dialog that Slack asks first."""
    element: Block = {"type": "button", "text": plain(text), "action_id": action_id, "value": value}
    if style:
        element["style"] = style
    if confirm:
        element["confirm"] = confirm
    return element


def link_button(text: str, action_id: str, url: str) -> Block:
    """A button that opens an address. Slack still tells us of the click, under `action_id`."""
    return {"type": "button", "text": plain(text), "action_id": action_id, "url": url, "style": "primary"}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A dialog before something that cannot be taken back."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no), "style": "danger"}


def option(text: str, value: str) -> Block:
    shown = text if len(text) <= _LONGEST_OPTION else text[: _LONGEST_OPTION - 1] + "…"
    return {"text": plain(shown), "value": value}


def select(
    label: str,
    block_id: str,
    action_id: str,
    options: Sequence[Block],
    chosen: Block,
    *,
    dispatch: bool = False,
) -> Block:
    """An input with a choice already made; `dispatch` sends an action as soon as the choice changes."""
    return field(label, block_id, static_select(action_id, options, chosen), dispatch=dispatch)


def static_select(
    action_id: str, options: Sequence[Block], chosen: Block | None = None, placeholder: str | None = None
) -> Block:
    """A list to choose from: of options, or of groups of options, each of a hundred at most."""
    kind = "option_groups" if options and "label" in options[0] else "options"
    element: Block = {"type": "static_select", "action_id": action_id, kind: list(options)}
    if chosen:
        element["initial_option"] = chosen
    if placeholder:
        element["placeholder"] = plain(placeholder)
    return element


def field(label: str, block_id: str, element: Block, *, dispatch: bool = False, optional: bool = False) -> Block:
    """An input of a form; `dispatch` sends an action as soon as its value changes."""
    block: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    if dispatch:
        block["dispatch_action"] = True
    if optional:
        block["optional"] = True
    return block


def modal(title: str, close: str, blocks: Sequence[Block], **more: Any) -> View:
    return {"type": "modal", "title": plain(title), "close": plain(close), "blocks": list(blocks), **more}
