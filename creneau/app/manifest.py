"""The app's manifest, as Slack is given it: the one place that lists its scopes, commands and events."""

from pathlib import Path
from typing import Any

import yaml

import creneau


def read_manifest() -> dict[str, Any]:
    package = Path(creneau.__file__).parent
    places = (package / "manifest.yml", package.parent / "manifest.yml")  # of a wheel, of a checkout
    found = next(place for place in places if place.exists())
    parsed: dict[str, Any] = yaml.safe_load(found.read_text(encoding="utf-8"))
    return parsed


def bot_scopes() -> list[str]:
    """List the scopes that an installation asks for."""
    scopes: list[str] = read_manifest()["oauth_config"]["scopes"]["bot"]
    return scopes
