"""The door of the API: what every request passes before its route, and every answer after it."""

from flask import Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from creneau.core.domain.errors import NotAllowed
from creneau.web.api.access import ACCESS
from creneau.web.api.actor import current_actor

LARGEST_BODY = 64 * 1024


def check_role() -> None:
    """Refuse a route without a row, and by role where the address names nothing; else the core looks first."""
    access = ACCESS.get(str(request.endpoint).rpartition(".")[2])
    if access is None or (not request.view_args and current_actor().role not in access.roles):
        raise NotAllowed


def read_body() -> None:
    """Read a body once and strictly: the routes' models get what was parsed here."""
    # One more than is allowed: werkzeug cuts a chunked body at the limit without a word.
    request.max_content_length = LARGEST_BODY + 1
    body = request.get_data()
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if not body:
        return
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if not isinstance(request.get_json(), dict):
        raise BadRequest


def forbid_storing(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    return response
