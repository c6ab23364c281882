"""Where everything is and who is there, for programs that want to try the product from outside: `demo.json` and `env`.

The second is what a shell reads before `creneau` is called: the settings that the demonstration runs with.
"""

import json
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.people import User
from creneau.demo.sample import PASSWORD, Cast
from creneau.demo.stage import Stage

_TOKEN_LIFETIME = timedelta(days=365)


def write_description(stage: Stage, folder: Path) -> None:
    """Write each file whole or not at all: the presence of `demo.json`, the last, says that all is up."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in stage.environment.items()]
    _write(folder / "env", "\n".join(settings))
    _write(folder / "demo.json", json.dumps(describe(stage), indent=2, ensure_ascii=False))


def remove_description(folder: Path) -> None:
    for name in ("demo.json", "env"):
        (folder / name).unlink(missing_ok=True)


def _write(path: Path, content: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(content + "\n", encoding="utf-8")
    unfinished.rename(path)


def describe(stage: Stage) -> dict[str, Any]:
    return {
        "web_url": stage.web_url,
        "database_url": stage.urls.owner,
        "slack": {
            "url": stage.slack.url,
            "api_url": stage.slack.api_url,
            "signing_secret": stage.signing_secret,
        },
        "caldav_url": stage.calendars.url,
        "organizations": [_organization(stage, cast) for cast in stage.casts],
    }


def _organization(stage: Stage, cast: Cast) -> dict[str, Any]:
    return {
        "id": str(cast.organization.id),
        "name": cast.organization.name,
        "slack_team_id": cast.sample.slack_team_id,
        "users": [_user(stage, login, user) for login, user in cast.users.items()],
        "bilans": [
            {
                "id": str(bilan.id),
                "beneficiary_id": str(bilan.beneficiary_id),
                "consultant_id": str(bilan.consultant_id),
            }
            for bilan in cast.bilans
        ],
    }


def _user(stage: Stage, login: str, user: User) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": str(user.id),
        "role": user.role.value,
        "name": user.name,
        "email": user.email,
        "slack_user_id": user.slack_user_id,
        "locale": user.locale,
        "api_token": stage.creneau.issue_token(user, _TOKEN_LIFETIME),
        "feeds": {
            kind.value: f"{stage.web_url}/feeds/{stage.creneau.feeds.issue_feed_token(user, kind)}/{kind.value}.ics"
            for kind in FeedKind
        },
    }
    if login in stage.calendar_urls:
        described["caldav"] = {"url": stage.calendar_urls[login], "username": login, "password": PASSWORD}
    return described
