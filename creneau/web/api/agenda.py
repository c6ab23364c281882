"""Routes on somebody's bookings: a beneficiary's and a consultant's."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import InvalidTimeRange, UnknownZone
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.time import Span, find_zone, to_span_of_days
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import EVER, SchedulingService
from creneau.web.api.actor import current_actor
from creneau.web.api.answers import BookingsAnswer, show, to_booking
from creneau.web.api.requests import BeneficiaryPath, BookingsQuery, ConsultantPath


def add_agenda_routes(api: APIBlueprint, scheduling: SchedulingService, people: PeopleService) -> None:
    @api.get("/beneficiary/<beneficiaryId>/bookings", responses={200: BookingsAnswer})
    def list_beneficiary_bookings(path: BeneficiaryPath, query: BookingsQuery) -> Response:
        """List a beneficiary's bookings by start; days are those of the organization's zone."""
        actor = current_actor()
        person = people.get_user(actor.organization_id, UserId(path.beneficiaryId))
        span = _span(people, actor.organization_id, query)
        return _page(scheduling.get_beneficiary_bookings(actor, person.id, span, _statuses(query)), query)

    @api.get("/consultant/<consultantId>/bookings", responses={200: BookingsAnswer})
    def list_consultant_bookings(path: ConsultantPath, query: BookingsQuery) -> Response:
        """List a consultant's bookings by start; days are those of the organization's zone."""
        actor = current_actor()
        person = people.get_user(actor.organization_id, UserId(path.consultantId))
        span = _span(people, actor.organization_id, query)
        return _page(scheduling.get_consultant_bookings(actor, person.id, span, _statuses(query)), query)


def _span(people: PeopleService, organization_id: OrganizationId, query: BookingsQuery) -> Span:
    if query.date_from is None and query.date_to is None:
        return EVER
    timezone = people.get_organization(organization_id).timezone
    zone = find_zone(timezone)
    if zone is None:
        raise UnknownZone(timezone=timezone)
    first = query.date_from or EVER.starts_at.date()
    last = query.date_to or EVER.ends_at.date()
    if last < first:
        raise InvalidTimeRange
    return to_span_of_days(first, last, zone)


def _statuses(query: BookingsQuery) -> frozenset[Status]:
    return frozenset(Status) if query.status is None else frozenset({query.status})


def _page(bookings: list[Booking], query: BookingsQuery) -> Response:
    page = bookings[query.offset : query.offset + query.limit]
    answer = BookingsAnswer(data=[to_booking(b) for b in page], total=len(bookings), message="Bookings listed")
    return show(answer)
