"""From refusals and failures to HTTP: one table of statuses, one shape of body, and the last catch of the web front."""

from collections.abc import Mapping
from http import HTTPStatus

import psycopg
import sqlalchemy.exc
import structlog
from flask import Flask, Response, jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from creneau.core.domain.errors import (
    BeneficiaryBusy,
    BilanNotActive,
    BookingChanged,
    BookingTooEarly,
    BookingTooLate,
    HoursExhausted,
    IllegalTransition,
    LastAdministrator,
    NotAllowed,
    NotFound,
    Refusal,
    RequestRepeated,
    SessionNotCompleted,
    SlotBusyElsewhere,
    SlotInBuffer,
    SlotOverCap,
    SlotTaken,
    SlotUnavailable,
    UserAlreadyThere,
    UserHasBilans,
    WorkspaceAlreadyLinked,
)
from creneau.core.domain.rates import TooManyRequests
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words
from creneau.web.api.times import to_bookable_time
from creneau.web.auth import MalformedId, OrganizationRequired
from creneau.web.keys import KeysUnavailable
from creneau.web.tokens import Unauthenticated

STATUSES: Mapping[type[Refusal], HTTPStatus] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    MalformedId: HTTPStatus.BAD_REQUEST,
    OrganizationRequired: HTTPStatus.BAD_REQUEST,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    SlotTaken: HTTPStatus.CONFLICT,
    SlotInBuffer: HTTPStatus.CONFLICT,
    SlotOverCap: HTTPStatus.CONFLICT,
    SlotBusyElsewhere: HTTPStatus.CONFLICT,
    BeneficiaryBusy: HTTPStatus.CONFLICT,
    IllegalTransition: HTTPStatus.CONFLICT,
    BookingTooLate: HTTPStatus.CONFLICT,
    BookingChanged: HTTPStatus.PRECONDITION_FAILED,
    BookingTooEarly: HTTPStatus.CONFLICT,
    BilanNotActive: HTTPStatus.CONFLICT,
    HoursExhausted: HTTPStatus.CONFLICT,
    SessionNotCompleted: HTTPStatus.CONFLICT,
    RequestRepeated: HTTPStatus.CONFLICT,
    UserAlreadyThere: HTTPStatus.CONFLICT,
    UserHasBilans: HTTPStatus.CONFLICT,
    LastAdministrator: HTTPStatus.CONFLICT,
    WorkspaceAlreadyLinked: HTTPStatus.CONFLICT,
    Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""The status of a refusal is that of the nearest class above it."""

CODES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "request.malformed",
    HTTPStatus.NOT_FOUND: "route.not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "route.method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request.too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "request.not_json",
}
"""The codes of what Flask itself refuses."""

INVALID, CRASHED, UNAVAILABLE = "request.invalid", "internal", "service.unavailable"

RETRY_AFTER_SECONDS = 2

_DATABASE_FAILURES = (sqlalchemy.exc.TimeoutError, sqlalchemy.exc.OperationalError, psycopg.OperationalError)
_MOST_FIELDS = 20
_LONGEST_FIELD = 64
_READER = Reader("en", "UTC")
_PROBLEMS = {
    "uuid_parsing": "Input should be a valid UUID",
    "model_type": "Input should be a JSON object",
    "model_attributes_type": "Input should be a JSON object",
}
"""What a caller reads in place of pydantic's own words, which quote what was sent or name our classes."""

_log = structlog.get_logger(__name__)


def install_error_handlers(app: Flask) -> None:
    """Answer every refusal and failure of an app in the one shape."""
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(HTTPException, _answer_http_exception)
    for failure in _DATABASE_FAILURES:
        app.register_error_handler(failure, _answer_database_failure)
    app.register_error_handler(KeysUnavailable, _answer_keys_unavailable)
    app.register_error_handler(Exception, _answer_crash)


def answer_invalid(error: ValidationError) -> Response:
    """Answer a body, query or path that does not fit its model. Says which field and why, never what was sent."""
    fields = [
        {
            "field": ".".join(str(part) for part in problem["loc"])[:_LONGEST_FIELD],
            "problem": _PROBLEMS.get(problem["type"], problem["msg"]),
        }
        for problem in error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_FIELDS]
    ]
    return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, INVALID, {"fields": fields})


def error_response(
    status: int, code: str, details: Mapping[str, object] | None = None, values: Mapping[str, str | int] | None = None
) -> Response:
    """Return the body every error has. `values` fill the sentence in."""
    response = jsonify(error=_READER.text(code, **(values or {})), code=code, details=details or {})
    response.status_code = status
    return response


def unavailable_response(details: Mapping[str, object] | None = None) -> Response:
    response = error_response(HTTPStatus.SERVICE_UNAVAILABLE, UNAVAILABLE, details)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def status_of(refusal: type[Refusal]) -> HTTPStatus:
    return next(STATUSES[ancestor] for ancestor in refusal.__mro__ if ancestor in STATUSES)


def _answer_refusal(refusal: Refusal) -> Response:
    details: dict[str, object] = dict(refusal.details)
    if isinstance(refusal, SlotUnavailable):
        details["alternatives"] = [
            to_bookable_time(alternative).model_dump(mode="json") for alternative in refusal.alternatives
        ]
    if isinstance(refusal, OrganizationRequired):
        details["organization_ids"] = [str(organization_id) for organization_id in refusal.organization_ids]
    values = in_words(_READER, refusal.details)
    response = error_response(status_of(type(refusal)), refusal.code, details, values)
    if isinstance(refusal, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, TooManyRequests):
        response.headers["Retry-After"] = str(refusal.details["retry_after_seconds"])
    return response


def _answer_http_exception(exception: HTTPException) -> Response:
    ready = exception.get_response()
    if exception.code is None or exception.code < HTTPStatus.BAD_REQUEST:
        return Response(ready.get_data(), ready.status_code, ready.headers)
    response = error_response(exception.code, CODES.get(exception.code, "request.refused"))
    if "Allow" in ready.headers:
        response.headers["Allow"] = ready.headers["Allow"]
    return response


def _answer_database_failure(failure: Exception) -> Response:
    _log.warning("web.database_failed", failure=type(failure).__name__)
    return unavailable_response()


def _answer_keys_unavailable(_: KeysUnavailable) -> Response:
    return unavailable_response()


def _answer_crash(failure: Exception) -> Response:
    _log.error("web.request_crashed", failure=type(failure).__name__, exc_info=failure)
    return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, CRASHED)
