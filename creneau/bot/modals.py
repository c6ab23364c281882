"""Opening a modal before anything is read: a trigger lives three seconds, a database may not answer in them."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.bot import blocks
from creneau.bot.acknowledging import loading_view, show
from creneau.bot.blocks import View
from creneau.bot.failures import LOADING_VIEW, is_trigger_gone
from creneau.core.i18n.reader import Reader


def open_loading(client: WebClient, body: Mapping[str, Any], context: BoltContext) -> str:
    """Open a loading view, on top of the one that was clicked in if there is one, and return its id.

    It is left in the context: what fails after this is told there.
    """
    is_in_modal = body.get("view", {}).get("type") == "modal"
    open_ = client.views_push if is_in_modal else client.views_open
    view_id: str = open_(trigger_id=body["trigger_id"], view=loading_view())["view"]["id"]
    context[LOADING_VIEW] = view_id
    return view_id


def ask(client: WebClient, body: Mapping[str, Any], view: View) -> bool:
    """Put a window on top of the one that was clicked in, or in its place where the trigger has expired meanwhile.

    Return whether the one beneath is still there. For what mostly needs no window, so that none was opened first.
    """
    try:
        client.views_push(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as error:
        if not is_trigger_gone(error):
            raise
        show(client, body["view"]["id"], view)
        return False
    return True


def show_beneath(client: WebClient, body: Mapping[str, Any], view: View) -> None:
    """Draw again the window at the bottom; a form that a message opened has none beneath it."""
    root = body.get("view", {}).get("root_view_id")
    if root:
        show(client, root, view)


def told(reader: Reader, title: str, sentence: str) -> View:
    """What is said instead of a form: that something is not possible (any more), or that it is done."""
    return blocks.modal(title, reader.text("Close"), [blocks.section(blocks.literal(sentence))])
