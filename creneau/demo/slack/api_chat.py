"""Web API methods that write messages."""

from typing import Any

from creneau.demo.slack.api_arguments import Arguments
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.api_people import get_channel_member, get_person
from creneau.demo.slack.blocks import problems_of_message
from creneau.demo.slack.messages import Message
from creneau.demo.slack.rendering import stored_blocks
from creneau.demo.slack.values import carry_over
from creneau.demo.slack.workspace import Json, Person, Workspace
from creneau.demo.slack.world import World

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000


def post_message(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    person = _recipient(workspace, arguments)
    text, blocks = _content(arguments, LONGEST_POST)
    channel = workspace.channel_of(person.id)
    message = world.post(workspace, channel, text, blocks, metadata=_metadata(arguments))
    return {"channel": message.channel, "ts": message.ts, "message": message.to_slack(workspace)}


def post_ephemeral(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    """Only into a conversation that the reader is in, named by its D... id."""
    channel = arguments.text("channel", error="channel_not_found")
    member = get_channel_member(workspace, channel)
    if get_person(workspace, arguments.text("user", error="user_not_found")) is not member:
        raise ApiError("user_not_in_channel")
    text, blocks = _content(arguments, LONGEST_POST)
    message = world.post(workspace, channel, text, blocks, only_for=member.id)
    return {"message_ts": message.ts}


def update(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    message = _own_message(world, workspace, arguments, "cant_update_message")
    text, blocks = _content(arguments, LONGEST_UPDATE)
    metadata = _metadata(arguments)
    replace_content(message, text, blocks)
    if metadata is not None:
        message.metadata = metadata or None
    world.changed()
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message.to_slack(workspace),
    }


def delete(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    message = _own_message(world, workspace, arguments, "cant_delete_message")
    message.is_deleted = True
    world.changed()
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    channel = arguments.text("channel", error="channel_not_found")
    get_channel_member(workspace, channel)
    message = world.find_message(workspace, channel, arguments.text("message_ts", error="message_not_found"))
    if message is None:
        raise ApiError("message_not_found")
    link = f"https://{workspace.domain}.slack.com/archives/{channel}/p{message.ts.replace('.', '')}"
    return {"channel": channel, "permalink": link}


def replace_content(message: Message, text: str, blocks: list[Json] | None) -> None:
    """Replace text and blocks: blocks that are not given again are gone, and only text leaves an edited mark."""
    message.text = text
    message.blocks = stored_blocks(blocks or [])
    message.values = carry_over(message.values, message.blocks)
    message.is_edited = message.is_edited or not blocks


def check_blocks(blocks: Any) -> None:
    """Raises: ApiError `invalid_blocks` with every reason."""
    problems = problems_of_message(blocks)
    if problems:
        raise ApiError("invalid_blocks", problems)


def _recipient(workspace: Workspace, arguments: Arguments) -> Person:
    channel = arguments.text("channel", error="channel_not_found")
    person = workspace.find_person(channel) or workspace.find_channel_member(channel)
    if person is None or person.deleted:
        raise ApiError("channel_not_found")
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    return person


def _own_message(world: World, workspace: Workspace, arguments: Arguments, not_ours: str) -> Message:
    channel = arguments.text("channel", error="channel_not_found")
    get_channel_member(workspace, channel)
    message = world.find_message(workspace, channel, arguments.text("ts", error="message_not_found"))
    if message is None or message.is_ephemeral:
        raise ApiError("message_not_found")
    if not message.is_from_app:
        raise ApiError(not_ours)
    return message


def _content(arguments: Arguments, longest: int) -> tuple[str, list[Json] | None]:
    text, blocks = arguments.text("text", ""), arguments.nested("blocks")
    if not text and not blocks:
        raise ApiError("no_text")
    if len(text) > longest:
        raise ApiError("msg_too_long")
    if blocks is not None:
        check_blocks(blocks)
    return text, blocks


def _metadata(arguments: Arguments) -> Json | None:
    metadata = arguments.nested("metadata")
    if metadata is None or metadata == {}:
        return None if metadata is None else {}
    is_valid = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
        and set(metadata) <= {"event_type", "event_payload"}
    )
    if not is_valid:
        raise ApiError("invalid_metadata_format")
    return dict(metadata)
