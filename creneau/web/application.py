"""The Flask application: what wiring hands over, mounted in one app with one way to answer errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, jsonify
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.openapi import OpenAPI

from creneau.web.api.blueprint import PREFIX, SECURITY_SCHEME, create_api
from creneau.web.api.envelope import ErrorAnswer
from creneau.web.api.services import ApiServices
from creneau.web.auth import ORGANIZATION_HEADER, Authenticator
from creneau.web.doors import Door, open_doors
from creneau.web.errors import answer_invalid, install_error_handlers
from creneau.web.health import ReadinessProbe, create_health
from creneau.web.metrics import Metrics
from creneau.web.observing import Observed, note_routes
from creneau.web.reference import reference_blueprint
from creneau.web.security_headers import security_headers
from creneau.web.strict_json import StrictJSON
from creneau.web.welcome import welcome_blueprint

DOCUMENT_PATH = f"{PREFIX}/openapi.json"
REFERENCE_PATH = f"{PREFIX}/docs"

_ABOUT = f"""Sessions between beneficiaries and their consultants.

`day_of_week` is 0 = Sunday to 6 = Saturday. Dates are YYYY-MM-DD, wall-clock times HH:MM in the `timezone` beside
them, instants UTC in ISO 8601 with Z. The header `{ORGANIZATION_HEADER}` chooses among the organizations that the
caller belongs to; who belongs to one need not send it. Requests are counted per token and per organization:
`RateLimit` says what is left, and too many are answered 429 with `Retry-After`."""


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the web front is made of. `blueprints` are mounted as they are, `doors` stand before Flask."""

    services: ApiServices
    authenticator: Authenticator
    probe: ReadinessProbe
    blueprints: Sequence[Blueprint] = ()
    metrics: Metrics = field(default_factory=Metrics)
    base_url: str = "http://127.0.0.1:8000"
    doors: Mapping[str, Door] = field(default_factory=dict)


def create_web(parts: WebParts) -> OpenAPI:
    app = OpenAPI(
        __name__,
        info=Info(title="Creneau scheduling", version="1", description=_ABOUT),
        security_schemes={SECURITY_SCHEME: SecurityScheme(type="http", scheme="bearer", bearerFormat="JWT")},
        validation_error_model=ErrorAnswer,
        validation_error_callback=answer_invalid,
        doc_ui=False,
        static_folder=None,
    )
    app.json = StrictJSON(app)
    note_routes(app)
    install_error_handlers(app)
    app.register_api(create_api(parts.services, parts.authenticator))
    app.register_blueprint(create_health(parts.probe))
    app.register_blueprint(welcome_blueprint(REFERENCE_PATH))
    app.register_blueprint(reference_blueprint(app.api_doc, REFERENCE_PATH, DOCUMENT_PATH))
    for blueprint in parts.blueprints:
        app.register_blueprint(blueprint)

    document = app.api_doc

    @app.get(DOCUMENT_PATH, doc_ui=False)
    def show_document() -> Response:
        return jsonify(document)

    open_doors(app, parts.doors)
    app.wsgi_app = Observed(app.wsgi_app, parts.metrics, security_headers(parts.base_url))  # type: ignore[method-assign]
    return app
