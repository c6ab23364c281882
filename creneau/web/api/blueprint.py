"""The API as one blueprint: its door (who asks, may they, is the body readable JSON) and all its routes."""

from flask import request
from flask_openapi3.blueprint import APIBlueprint

from creneau.web.api.actor import set_actor
from creneau.web.api.bilans import add_bilan_routes
from creneau.web.api.bookable import add_bookable_routes
from creneau.web.api.booking_records import add_booking_record_routes
from creneau.web.api.bookings import add_booking_routes
from creneau.web.api.door import check_role, forbid_storing, read_body
from creneau.web.api.moves import add_move_routes
from creneau.web.api.policies import add_policy_routes
from creneau.web.api.proposals import add_proposal_routes
from creneau.web.api.records import add_record_routes
from creneau.web.api.refusals import error_responses, error_schemas
from creneau.web.api.services import ApiServices
from creneau.web.api.sessions import add_session_routes
from creneau.web.api.slots import add_slot_routes
from creneau.web.api.time_off import add_time_off_routes
from creneau.web.api.users import add_user_routes
from creneau.web.auth import Authenticator
from creneau.web.rates import announce_standing

PREFIX = "/api/scheduling"
SECURITY_SCHEME = "bearer"

ROUTES = (
    add_slot_routes,
    add_bookable_routes,
    add_booking_routes,
    add_move_routes,
    add_proposal_routes,
    add_session_routes,
    add_booking_record_routes,
    add_time_off_routes,
    add_policy_routes,
    add_bilan_routes,
    add_user_routes,
    add_record_routes,
)


def create_api(services: ApiServices, authenticator: Authenticator) -> APIBlueprint:
    api = APIBlueprint(
        "api",
        __name__,
        url_prefix=PREFIX,
        abp_security=[{SECURITY_SCHEME: []}],
        abp_responses=error_responses(),
        operation_id_callback=_operation_id,
    )

    @api.before_request
    def authenticate() -> None:
        caller = authenticator.admit(request.headers)
        set_actor(caller.actor)
        announce_standing(caller.standing)

    api.before_request(check_role)
    api.before_request(read_body)
    api.after_request(forbid_storing)
    api.components_schemas.update(error_schemas())
    for add_routes in ROUTES:
        add_routes(api, services)
    return api


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 - the library's names
    return name
