"""The API as one blueprint: its door (who asks, is the body readable JSON) and all its routes."""

from http import HTTPStatus

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.web.api.actor import set_actor
from creneau.web.api.agenda import add_agenda_routes
from creneau.web.api.answers import ErrorAnswer
from creneau.web.api.availability import add_availability_routes
from creneau.web.api.bookings import add_booking_routes
from creneau.web.auth import Authenticator
from creneau.web.rates import announce_standing

PREFIX = "/api/scheduling"
LARGEST_BODY = 64 * 1024
SECURITY_SCHEME = "bearer"

_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def create_api(scheduling: SchedulingService, people: PeopleService, authenticator: Authenticator) -> APIBlueprint:
    api = APIBlueprint(
        "api",
        __name__,
        url_prefix=PREFIX,
        abp_security=[{SECURITY_SCHEME: []}],
        abp_responses=dict.fromkeys(_ERRORS, ErrorAnswer),
        operation_id_callback=_operation_id,
    )

    @api.before_request
    def authenticate() -> None:
        caller = authenticator.admit(request.headers)
        set_actor(caller.actor)
        announce_standing(caller.standing)

    @api.before_request
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

    @api.after_request
    def forbid_storing(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response

    add_availability_routes(api, scheduling, people)
    add_booking_routes(api, scheduling, people)
    add_agenda_routes(api, scheduling, people)
    return api


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 - the library's names
    return name
