"""The stand-in as a whole: builds the parts, serves them on 127.0.0.1, hands out actors."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from creneau.demo.slack.actor import Actor
from creneau.demo.slack.delivery import ACK_SECONDS, Delivered, Delivery
from creneau.demo.slack.events import Events
from creneau.demo.slack.faults import Call, Faults
from creneau.demo.slack.gestures import Gestures
from creneau.demo.slack.manifest import Manifest
from creneau.demo.slack.oauth import OAuth
from creneau.demo.slack.page_routes import PageRoutes
from creneau.demo.slack.panels import Panel
from creneau.demo.slack.response_urls import ResponseUrls
from creneau.demo.slack.sockets import Sockets
from creneau.demo.slack.web_api import WebApi
from creneau.demo.slack.workspace import Person, Workspace
from creneau.demo.slack.world import World

SLACK_RETRIES = (0.0, 60.0, 300.0)


class QuietHandler(WSGIRequestHandler):
    """Serves without a line of log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class SlackStandIn:
    """A local Slack. `request_url` and `manifest` may be set after the start.

    `retry_delays` None leaves the retries of events to `retry_events`; `clock` gives the seconds that triggers,
    response URLs and message timestamps live by; `panels` are boxes of your own on the page.
    """

    def __init__(
        self,
        workspaces: Iterable[Workspace],
        signing_secret: str,
        request_url: str = "",
        *,
        manifest: Manifest | None = None,
        app_token: str = "xapp-1-local",  # noqa: S107 (a local token, given to the demo's own app)
        clock: Callable[[], float] = time.time,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: Sequence[float] | None = SLACK_RETRIES,
        panels: Sequence[Panel] = (),
    ) -> None:
        self.world = World(workspaces, manifest or Manifest(), clock)
        self.faults = Faults()
        self.sockets = Sockets(next(iter(self.world.workspaces.values())).app_id)
        self.delivery = Delivery(signing_secret, request_url, self.sockets, ack_seconds)
        self.events = Events(self.world, self.delivery, retry_delays)
        self.oauth = OAuth(self.world)
        self.web_api = WebApi(self.world, self.faults, self.oauth, app_token, self.sockets.new_url)
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.url = ""
        self._server: BaseWSGIServer | None = None
        self.flask = Flask(__name__, static_folder="page", static_url_path="/page")
        page = PageRoutes(self.world, self.person, panels)
        for part in (self.web_api, self.oauth, ResponseUrls(self.world), self.sockets, page):
            self.flask.register_blueprint(part.blueprint)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def request_url(self) -> str:
        return self.delivery.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self.delivery.request_url = url

    @property
    def calls(self) -> list[Call]:
        return self.web_api.calls

    @property
    def delivered(self) -> list[Delivered]:
        return self.delivery.delivered

    @property
    def problems(self) -> list[str]:
        """What the app did that Slack would have met with an error on the person's screen."""
        return self.world.problems

    def calls_to(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def person(self, team_id: str, user_id: str) -> Actor:
        """Raises: LookupError for someone who is not in that workspace."""
        workspace = self.world.workspaces.get(team_id)
        person: Person | None = workspace.find_person(user_id) if workspace else None
        if workspace is None or person is None:
            raise LookupError(f"nobody {user_id} in {team_id}")
        gestures = Gestures(self.world, self.delivery, self.events, lambda: f"{self.url}/response/", workspace, person)
        return Actor(gestures, self.web_api)

    def uninstall(self, team_id: str) -> None:
        """Remove the app from a workspace: its tokens end, and it is told in the order that Slack happens to choose."""
        workspace = self.world.workspaces[team_id]
        self.oauth.end(workspace)
        tokens = {"oauth": [], "bot": [workspace.bot_user_id]}
        self.events.send(workspace, {"type": "tokens_revoked", "tokens": tokens})
        self.events.send(workspace, {"type": "app_uninstalled"})

    def join(self, team_id: str, person: Person) -> Actor:
        """Let somebody come into a workspace; the app hears of it."""
        workspace = self.world.workspaces[team_id]
        workspace.people.append(person)
        self._tell_of(workspace, person, "team_join")
        return self.person(team_id, person.id)

    def set_active(self, team_id: str, user_id: str, *, is_active: bool) -> None:
        """Close somebody's account, or open it again; the app hears of it."""
        workspace = self.world.workspaces[team_id]
        person = self.person(team_id, user_id).person
        person.deleted = not is_active
        self._tell_of(workspace, person, "user_change")

    def _tell_of(self, workspace: Workspace, person: Person, event: str) -> None:
        profile = person.to_slack(workspace.team_id, self.world.clock(), with_email=True, with_locale=True)
        self.events.send(workspace, {"type": event, "user": profile, "event_ts": self.world.new_ts()})

    def retry_events(self) -> int:
        """Send the events that the app did not take once more, at once."""
        return self.events.retry()

    def start(self, port: int = 0) -> Self:
        """Serve on 127.0.0.1; port 0 takes a free one."""
        self._server = make_server("127.0.0.1", port, self.flask, threaded=True, request_handler=QuietHandler)
        self.url = self.sockets.base_url = f"http://127.0.0.1:{self._server.server_port}"
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, name="slack-stand-in", daemon=True).start()
        return self

    def stop(self) -> None:
        self.world.close()
        self.events.close()
        self.sockets.close()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self.delivery.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
