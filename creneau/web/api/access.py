"""Who may do what: one row a route. A route without a row is refused to everybody.

A row says which roles may, and what becomes of somebody who may but asks about a colleague's: it is as if it were not
there, or it is seen and refused, or it is open to all of the organization. Administrators may act on anybody's.
Another organization's is never there. The door refuses by role where the address names nothing; where it names
something the core decides, so that what is not there is not found by any role. A test asks every cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from creneau.core.domain.people import Role


class OfColleagues(StrEnum):
    HIDDEN = "hidden"
    FORBIDDEN = "forbidden"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Access:
    roles: frozenset[Role]
    of_colleagues: OfColleagues


EVERYBODY = frozenset(Role)
STAFF = frozenset({Role.CONSULTANT, Role.ORG_ADMIN})
ADMINISTRATORS = frozenset({Role.ORG_ADMIN})
BENEFICIARIES = frozenset({Role.BENEFICIARY})
PARTIES = frozenset({Role.BENEFICIARY, Role.CONSULTANT})
HIDDEN, FORBIDDEN, OPEN = OfColleagues.HIDDEN, OfColleagues.FORBIDDEN, OfColleagues.OPEN

ACCESS: Mapping[str, Access] = {
    "create_availability_slot": Access(STAFF, FORBIDDEN),
    "create_availability_slots": Access(STAFF, FORBIDDEN),
    "list_availability_slots": Access(STAFF, FORBIDDEN),
    "update_availability_slot": Access(STAFF, FORBIDDEN),
    "delete_availability_slot": Access(STAFF, FORBIDDEN),
    "preview_slot_change": Access(STAFF, FORBIDDEN),
    "preview_slot_deletion": Access(STAFF, FORBIDDEN),
    "list_bookable_times": Access(EVERYBODY, OPEN),
    "explain_time": Access(EVERYBODY, OPEN),
    "create_session_booking": Access(EVERYBODY, HIDDEN),
    "list_bookings": Access(EVERYBODY, HIDDEN),
    "get_booking": Access(EVERYBODY, HIDDEN),
    "list_bilan_bookings": Access(EVERYBODY, HIDDEN),
    "list_beneficiary_bookings": Access(EVERYBODY, HIDDEN),
    "list_consultant_bookings": Access(EVERYBODY, HIDDEN),
    "confirm_booking": Access(STAFF, HIDDEN),
    "decline_booking": Access(STAFF, HIDDEN),
    "cancel_booking": Access(EVERYBODY, HIDDEN),
    "reschedule_booking": Access(EVERYBODY, HIDDEN),
    "propose_times": Access(STAFF, HIDDEN),
    "accept_proposal": Access(BENEFICIARIES, HIDDEN),
    "refuse_proposals": Access(BENEFICIARIES, HIDDEN),
    "start_session": Access(STAFF, HIDDEN),
    "complete_session": Access(STAFF, HIDDEN),
    "set_meeting_place": Access(STAFF, HIDDEN),
    "rate_session": Access(BENEFICIARIES, HIDDEN),
    "list_booking_history": Access(EVERYBODY, HIDDEN),
    "list_booking_reminders": Access(EVERYBODY, HIDDEN),
    "list_booking_emails": Access(EVERYBODY, HIDDEN),
    "list_proposals": Access(EVERYBODY, HIDDEN),
    "get_notes": Access(PARTIES, HIDDEN),
    "set_notes": Access(PARTIES, HIDDEN),
    "add_time_off": Access(STAFF, FORBIDDEN),
    "list_time_off": Access(STAFF, FORBIDDEN),
    "remove_time_off": Access(STAFF, FORBIDDEN),
    "get_organization_policy": Access(STAFF, OPEN),
    "set_organization_policy": Access(ADMINISTRATORS, FORBIDDEN),
    "get_consultant_policy": Access(STAFF, FORBIDDEN),
    "set_consultant_policy": Access(STAFF, FORBIDDEN),
    "list_bilans": Access(EVERYBODY, HIDDEN),
    "open_bilan": Access(ADMINISTRATORS, FORBIDDEN),
    "get_bilan": Access(EVERYBODY, HIDDEN),
    "get_bilan_hours": Access(EVERYBODY, HIDDEN),
    "set_bilan_hours": Access(ADMINISTRATORS, HIDDEN),
    "close_bilan": Access(ADMINISTRATORS, HIDDEN),
    "get_me": Access(EVERYBODY, HIDDEN),
    "list_users": Access(EVERYBODY, HIDDEN),
    "add_user": Access(ADMINISTRATORS, FORBIDDEN),
    "get_consultant_analytics": Access(STAFF, FORBIDDEN),
    "list_audit": Access(ADMINISTRATORS, FORBIDDEN),
}
