"""The manifest that Slack is given says what the app does: no more, no less, and within Slack's limits."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from slack_bolt import App, BoltRequest, BoltResponse

import creneau
from creneau.app.settings import Settings
from creneau.app.wiring import wire
from creneau.core.secrets import generate_key
from tests.conftest import Urls

PACKAGE = Path(creneau.__file__).parent
MANIFEST: dict[str, Any] = yaml.safe_load((PACKAGE.parent / "manifest.yml").read_text())


def text(longest: int, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def listed(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most, "uniqueItems": True}


def closed(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


YES_OR_NO = {"type": "boolean"}
ADDRESS = {"type": "string", "pattern": "^https://"}
SCHEMA = closed(
    "display_information",
    _metadata=closed("major_version", major_version={"const": 2}, minor_version={"type": "integer"}),
    display_information=closed(
        "name",
        name=text(35),
        description=text(140),
        long_description=text(4000, shortest=175),
        background_color={"type": "string", "pattern": "^#([0-9a-fA-F]{3}){1,2}$"},
    ),
    features=closed(
        app_home=closed(
            home_tab_enabled=YES_OR_NO, messages_tab_enabled=YES_OR_NO, messages_tab_read_only_enabled=YES_OR_NO
        ),
        bot_user=closed("display_name", display_name=text(80), always_online=YES_OR_NO),
        shortcuts=listed(
            closed(
                "name type callback_id description",
                name=text(24),
                type={"enum": ["global", "message"]},
                callback_id=text(255),
                description=text(150),
            ),
            10,
        ),
        slash_commands=listed(
            closed(
                "command description",
                command={**text(32), "pattern": "^/[a-z0-9_-]+$"},
                url=ADDRESS,
                description=text(2000),
                usage_hint=text(1000),
                should_escape=YES_OR_NO,
            ),
            50,
        ),
        unfurl_domains=listed(text(255), 5),
    ),
    oauth_config=closed(
        redirect_urls=listed(ADDRESS, 1000),
        scopes=closed(**{kind: listed(text(100), 255) for kind in ("bot", "user", "bot_optional", "user_optional")}),
        token_management_enabled=YES_OR_NO,
        pkce_enabled=YES_OR_NO,
    ),
    settings=closed(
        event_subscriptions=closed(
            request_url=ADDRESS, bot_events=listed(text(100), 100), user_events=listed(text(100), 100)
        ),
        interactivity=closed("is_enabled", is_enabled=YES_OR_NO, request_url=ADDRESS, message_menu_options_url=ADDRESS),
        org_deploy_enabled=YES_OR_NO,
        socket_mode_enabled=YES_OR_NO,
        token_rotation_enabled=YES_OR_NO,
        allowed_ip_address_ranges=listed(text(43), 10),
    ),
)
"""Slack's second manifest schema, as far as an app of this kind goes."""

SCOPES_OF_METHODS: dict[str, set[str]] = {
    "auth.revoke": set(),
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"im:history"},
    "conversations.open": {"im:write"},
    "oauth.v2.access": set(),
    "users.info": {"users:read"},
    "users.lookupByEmail": {"users:read.email"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
"""What each Web API method asks for: https://docs.slack.dev/reference/methods"""

SCOPES_OF_EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_uninstalled": set(),
    "message.im": {"im:history"},
    "team_join": {"users:read"},
    "tokens_revoked": set(),
    "user_change": {"users:read"},
}

REGISTERED_BY = {"command": "slash_commands", "shortcut": "shortcuts", "event": "bot_events"}


@pytest.fixture(scope="module")
def bot(worker_urls: Urls) -> Iterator[App]:
    settings = Settings.model_validate(
        {
            "CRENEAU_ENCRYPTION_KEYS": generate_key(),
            "CRENEAU_JWT_SECRET": "a-secret-for-tests-of-32-bytes-or-more",
            "SLACK_SIGNING_SECRET": "signing-secret",
            "SLACK_API_URL": "http://127.0.0.1:9/api/",
        }
    )
    creneau = wire(settings, worker_urls.runtime)
    yield creneau.bot
    creneau.close()


def in_manifest(kind: str) -> set[str]:
    if kind == "bot_events":
        return set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    name = {"slash_commands": "command", "shortcuts": "callback_id"}[kind]
    return {entry[name] for entry in MANIFEST["features"].get(kind, [])}


def registered(bot: App, kind: str) -> set[str]:
    """The names that listeners wait for, from the functions that Bolt built to match them."""
    names = set()
    for listener in bot._listeners:
        matcher = listener.matchers[0].func  # type: ignore[attr-defined]
        if matcher.__qualname__.startswith(f"{kind}."):
            names |= {value for value in inspect.getclosurevars(matcher).nonlocals.values() if isinstance(value, str)}
    return names


def is_heard(bot: App, body: dict[str, Any]) -> bool:
    request, response = BoltRequest(body=body, mode="socket_mode"), BoltResponse(status=404)
    return any(
        all(matcher.matches(request, response) for matcher in listener.matchers)  # type: ignore[attr-defined]
        for listener in bot._listeners
    )


def methods_called() -> set[str]:
    """The Web API methods that the bot calls: by the client's own functions, or by name."""
    known = {method.replace(".", "_"): method for method in SCOPES_OF_METHODS}
    families = tuple(sorted({method.split(".")[0] + "_" for method in SCOPES_OF_METHODS}))
    found = set()
    for path in sorted((PACKAGE / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"(auth|chat|conversations|users|views|team|reactions|files)\.[a-zA-Z.]+", node.value):
                    found.add(node.value)
            elif isinstance(node, ast.Attribute) and node.attr.startswith(families):
                is_on_a_client = isinstance(node.value, ast.Name | ast.Attribute | ast.Call)
                if is_on_a_client and (node.attr in known or "client" in ast.dump(node.value)):
                    found.add(known.get(node.attr, node.attr))
    return found


def test_the_manifest_is_one_that_slack_takes():
    jsonschema.Draft202012Validator(SCHEMA).validate(MANIFEST)


@pytest.mark.parametrize(
    "broken",
    [
        {"display_information": {"name": "x" * 36}},
        {"display_information": {"name": "Creneau", "colour": "#fff"}},
        {"_metadata": {"major_version": 1}, "display_information": {"name": "Creneau"}},
        {"display_information": {"name": "Creneau"}, "features": {"shortcuts": [{"name": "x" * 25}]}},
        {"display_information": {"name": "Creneau"}, "unknown": {}},
    ],
)
def test_the_schema_of_this_test_refuses_what_slack_refuses(broken: dict[str, Any]):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_direct_messages_and_home_are_switched_on():
    home = MANIFEST["features"]["app_home"]

    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]
    assert "bot_user" in MANIFEST["features"]


@pytest.mark.parametrize(("kind", "listed_as"), list(REGISTERED_BY.items()))
def test_what_is_registered_is_what_the_manifest_lists(bot: App, kind: str, listed_as: str):
    assert registered(bot, kind) == in_manifest(listed_as) != set()


def test_every_command_shortcut_and_event_of_the_manifest_is_heard(bot: App):
    for command in in_manifest("slash_commands"):
        assert is_heard(bot, {"command": command, "trigger_id": "1.2", "user_id": "U1"})
    for callback_id in in_manifest("shortcuts"):
        assert is_heard(bot, {"type": "shortcut", "callback_id": callback_id, "trigger_id": "1.2"})
    for event in in_manifest("bot_events"):
        assert is_heard(bot, {"type": "event_callback", "event": {"type": event.split(".")[0], "user": "U1"}})
    assert not is_heard(bot, {"command": "/nothing", "trigger_id": "1.2", "user_id": "U1"})


def test_every_method_that_the_bot_calls_is_covered_by_the_scopes():
    called = methods_called()
    granted = set(MANIFEST["oauth_config"]["scopes"]["bot"])

    assert {"chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish"} <= called
    assert called <= set(SCOPES_OF_METHODS), "add the method and its scopes to the table"
    assert {scope for method in called for scope in SCOPES_OF_METHODS[method]} <= granted


def test_no_scope_is_asked_for_without_need():
    needed = {scope for method in methods_called() for scope in SCOPES_OF_METHODS[method]}
    needed |= {scope for event in in_manifest("bot_events") for scope in SCOPES_OF_EVENTS[event]}
    needed |= {"commands"} if in_manifest("slash_commands") | in_manifest("shortcuts") else set()

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_every_address_is_the_one_that_the_web_front_serves():
    addresses = re.findall(r"https://[^\s\"]+", (PACKAGE.parent / "manifest.yml").read_text())
    ours = {address for address in addresses if "api.slack.com" not in address}

    assert {address.split("YOUR-HOST", 1)[-1] for address in ours} <= {"/slack/events", "/slack/oauth_redirect"}


def test_an_administrator_can_read_what_each_scope_and_event_is_for():
    told = (PACKAGE.parent / "docs" / "slack.md").read_text()
    asked = set(MANIFEST["oauth_config"]["scopes"]["bot"]) | in_manifest("bot_events")

    assert {name for name in asked if f"`{name}`" not in told} == set()
