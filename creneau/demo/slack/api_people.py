"""Web API methods about the token, the team, its people and conversations."""

from math import inf

from creneau.demo.slack.api_arguments import Arguments
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.workspace import Json, Person, Workspace
from creneau.demo.slack.world import World


def auth_test(world: World, workspace: Workspace, _: Arguments) -> Json:
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": world.manifest.name.lower(),
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def team_info(_: World, workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("team", workspace.team_id) != workspace.team_id:
        raise ApiError("team_not_found")
    return {
        "team": {
            "id": workspace.team_id,
            "name": workspace.name,
            "domain": workspace.domain,
            "email_domain": "",
            "url": f"https://{workspace.domain}.slack.com/",
        }
    }


def users_info(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    person = get_person(workspace, arguments.text("user", error="user_not_found"))
    return {"user": _render(world, workspace, person, with_locale=arguments.flag("include_locale"))}


def users_lookup_by_email(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    person = workspace.find_person_by_email(arguments.text("email"))
    if person is None:
        raise ApiError("users_not_found")
    return {"user": _render(world, workspace, person, with_locale=False)}


def users_list(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    limit = arguments.number("limit", 0) or len(workspace.people)
    start = arguments.number("cursor", 0)
    with_locale = arguments.flag("include_locale")
    members = [
        _render(world, workspace, person, with_locale=with_locale) for person in workspace.people[start : start + limit]
    ]
    cursor = str(start + limit) if start + limit < len(workspace.people) else ""
    return {
        "members": members,
        "cache_ts": int(world.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


def conversations_open(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.has("channel"):
        person = get_channel_member(workspace, arguments.text("channel"))
    else:
        users = arguments.text("users", error="users_list_not_supplied").split(",")
        if len(users) > 1:
            raise ApiError("method_not_supported_for_channel_type")
        person = get_person(workspace, users[0])
    if person.deleted:
        raise ApiError("user_disabled")
    channel = workspace.channel_of(person.id)
    already = bool(world.conversation(workspace, channel))
    if not arguments.flag("return_im"):
        return {"no_op": already, "already_open": already, "channel": {"id": channel}}
    return {"no_op": already, "already_open": already, "channel": _channel(channel, person)}


def conversations_info(_: World, workspace: Workspace, arguments: Arguments) -> Json:
    channel = arguments.text("channel", error="channel_not_found")
    return {"channel": _channel(channel, get_channel_member(workspace, channel))}


def conversations_history(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    """Newest first, without ephemeral messages; `oldest` and `latest` are exclusive unless `inclusive`."""
    channel = arguments.text("channel", error="channel_not_found")
    get_channel_member(workspace, channel)
    oldest, latest = arguments.stamp("oldest", 0), arguments.stamp("latest", inf)
    inclusive = arguments.flag("inclusive") and not arguments.text("cursor", "")
    latest = arguments.stamp("cursor", latest)
    limit = min(arguments.number("limit", 100) or 100, 999)
    found = [
        message
        for message in reversed(world.conversation(workspace, channel))
        if not message.is_ephemeral
        and (oldest < float(message.ts) < latest or (inclusive and float(message.ts) in (oldest, latest)))
    ]
    page = found[:limit]
    with_metadata = arguments.flag("include_all_metadata")
    return {
        "messages": [message.to_slack(workspace, with_metadata=with_metadata) for message in page],
        "has_more": len(found) > limit,
        "response_metadata": {"next_cursor": page[-1].ts if len(found) > limit else ""},
    }


def get_person(workspace: Workspace, user_id: str) -> Person:
    person = workspace.find_person(user_id)
    if person is None:
        raise ApiError("user_not_found")
    return person


def get_channel_member(workspace: Workspace, channel: str) -> Person:
    person = workspace.find_channel_member(channel)
    if person is None:
        raise ApiError("channel_not_found")
    return person


def _render(world: World, workspace: Workspace, person: Person, *, with_locale: bool) -> Json:
    with_email = workspace.has_scope("users:read.email")
    return person.to_slack(workspace.team_id, world.clock(), with_email=with_email, with_locale=with_locale)


def _channel(channel: str, person: Person) -> Json:
    return {
        "id": channel,
        "created": 1700000000,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "user": person.id,
        "is_user_deleted": person.deleted,
        "is_open": True,
    }
