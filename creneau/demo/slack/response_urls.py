"""The response URL: five answers within thirty minutes to whoever did something."""

import json
from typing import Any

from flask import Blueprint, Response, request

from creneau.demo.slack.api_chat import check_blocks, replace_content
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.workspace import Json
from creneau.demo.slack.world import ResponseUrl, World

KNOWN = {
    "text",
    "blocks",
    "response_type",
    "replace_original",
    "delete_original",
    "metadata",
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
    "thread_ts",
    "attachments",
}


class ResponseUrls:
    """Answers POST /response/<key>."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.blueprint = Blueprint("response_urls", __name__)
        self.blueprint.add_url_rule("/response/<key>", view_func=self.answer, methods=["POST"])

    def answer(self, key: str) -> Response:
        try:
            with self._world.lock:
                self._use(key, request.get_json(silent=True))
        except ApiError as refusal:
            self._world.problem(f"response_url: {refusal.code} {'; '.join(refusal.messages)}".strip())
            body = json.dumps({"ok": False, "error": refusal.code})
            status = 404 if refusal.code.endswith("_url") else 400
            return Response(body, status, content_type="application/json")
        return Response("ok", content_type="text/plain")

    def _use(self, key: str, body: Any) -> None:
        url = self._world.response_urls.get(key)
        if url is None or self._world.clock() > url.expires_at:
            raise ApiError("expired_url")
        if url.uses_left <= 0:
            raise ApiError("used_url")
        if not isinstance(body, dict):
            raise ApiError("invalid_payload")
        unknown = set(body) - KNOWN
        if unknown:
            raise ApiError("invalid_arguments", [f"unknown: {', '.join(sorted(unknown))}"])
        self._apply(url, body)
        url.uses_left -= 1
        self._world.changed()

    def _apply(self, url: ResponseUrl, body: Json) -> None:
        source = url.source
        if body.get("delete_original"):
            if source is None or source.is_deleted:
                raise ApiError("message_not_found")
            source.is_deleted = True
            return
        text, blocks = body.get("text") or "", body.get("blocks")
        if not text and not blocks:
            raise ApiError("no_text")
        if blocks:
            check_blocks(blocks)
        if body.get("replace_original") and source is not None and not source.is_deleted:
            replace_content(source, text, blocks)
            return
        only_for = None if body.get("response_type") == "in_channel" else url.person.id
        self._world.post(url.workspace, url.channel, text, blocks, only_for=only_for, metadata=body.get("metadata"))
