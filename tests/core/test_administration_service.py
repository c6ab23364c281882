"""What administrators do with people and bilans: who may, what is refused, and what follows."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from creneau.core.domain.bilan import BilanStatus, Phase
from creneau.core.domain.booking import CancellationCode, Status
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.errors import (
    BilanNotActive,
    InvalidPerson,
    InvalidPolicy,
    LastAdministrator,
    NotAllowed,
    Refusal,
    TooManyHours,
    UserAlreadyThere,
    UserHasBilans,
    UserNotFound,
)
from creneau.core.domain.events import BookingCancelled
from creneau.core.domain.people import Role
from creneau.core.domain.policy import Discretion, PolicyChoices
from creneau.core.domain.reminders import Lease, ReminderState, ReminderType
from creneau.core.services.administration import AdministrationService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.reminders import ReminderService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.core.usecases.people import PersonDraft
from tests.conftest import Centre, MovableClock, new_id

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NEWCOMER = PersonDraft(Role.CONSULTANT, "Nina Faure", "nina@example.org")


@pytest.fixture
def administration(database: Database, centre: Centre, clock: MovableClock) -> AdministrationService:
    return AdministrationService(database, clock, centre.published, new_id)


def test_an_administrator_adds_a_person_who_speaks_the_centres_language(
    administration: AdministrationService, centre: Centre
):
    user = administration.add_person(centre.actor(centre.admin), NEWCOMER)

    assert centre.people.get_user(centre.organization.id, user.id) == user
    assert (user.locale, user.timezone) == ("fr", "Europe/Paris")
    with pytest.raises(UserAlreadyThere):
        administration.add_person(centre.actor(centre.admin), NEWCOMER)


@pytest.mark.parametrize(("name", "email", "field"), [(" ", "a@b", "name"), ("Nina", "nina", "email")])
def test_a_person_has_a_name_and_an_address(
    administration: AdministrationService, centre: Centre, name: str, email: str, field: str
):
    with pytest.raises(InvalidPerson) as refusal:
        administration.add_person(centre.actor(centre.admin), PersonDraft(Role.BENEFICIARY, name, email))

    assert refusal.value.details == {"field": field}


def test_nobody_but_an_administrator_may(administration: AdministrationService, centre: Centre):
    for user in (centre.consultant, centre.beneficiary):
        actor = centre.actor(user)
        for act in (
            lambda actor=actor: administration.add_person(actor, NEWCOMER),
            lambda actor=actor: administration.change_role(actor, centre.admin.id, Role.CONSULTANT),
            lambda actor=actor: administration.link_slack_user(actor, centre.admin.id, "U1"),
            lambda actor=actor: administration.deactivate_person(actor, centre.beneficiary.id, "Départ"),
            lambda actor=actor: administration.change_bilan(actor, centre.bilan.id, 60, Phase.INVESTIGATION),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_another_organizations_people_and_bilans_are_not_there(
    administration: AdministrationService, centre: Centre, other_centre: Centre
):
    admin = centre.actor(centre.admin)

    for act in (
        lambda: administration.change_role(admin, other_centre.beneficiary.id, Role.CONSULTANT),
        lambda: administration.link_slack_user(admin, other_centre.beneficiary.id, "U1"),
        lambda: administration.deactivate_person(admin, other_centre.beneficiary.id, "Départ"),
        lambda: administration.change_bilan(admin, other_centre.bilan.id, 60, Phase.INVESTIGATION),
    ):
        with pytest.raises(Refusal, match=r"\.not_found"):
            act()


def test_who_stands_in_an_open_bilan_keeps_their_role(administration: AdministrationService, centre: Centre):
    admin = centre.actor(centre.admin)
    with pytest.raises(UserHasBilans):
        administration.change_role(admin, centre.beneficiary.id, Role.CONSULTANT)

    centre.people.close_bilan(centre.organization.id, centre.bilan.id, admin)

    assert administration.change_role(admin, centre.beneficiary.id, Role.CONSULTANT).role is Role.CONSULTANT


def test_the_last_administrator_stays(administration: AdministrationService, centre: Centre):
    admin = centre.actor(centre.admin)
    for act in (
        lambda: administration.change_role(admin, centre.admin.id, Role.CONSULTANT),
        lambda: administration.deactivate_person(admin, centre.admin.id, "Départ"),
    ):
        with pytest.raises(LastAdministrator):
            act()

    administration.add_person(admin, PersonDraft(Role.ORG_ADMIN, "Nina Faure", "nina@example.org"))

    assert administration.change_role(admin, centre.admin.id, Role.CONSULTANT).role is Role.CONSULTANT


def test_who_is_let_go_is_nobody_their_sessions_end_and_so_do_their_bilans(
    administration: AdministrationService, centre: Centre
):
    admin = centre.actor(centre.admin)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    booking = centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)

    (cancelled,) = administration.deactivate_person(admin, centre.consultant.id, "Départ")

    assert (cancelled.id, cancelled.status) == (booking.id, Status.CANCELLED)
    assert cancelled.cancellation_code is CancellationCode.BY_ADMIN
    assert centre.published.events[-1] == BookingCancelled(cancelled)
    assert centre.people.get_bilan(admin, centre.bilan.id).bilan.status is BilanStatus.COMPLETED
    with pytest.raises(UserNotFound):
        centre.people.get_user(centre.organization.id, centre.consultant.id)


def test_a_slack_user_of_somebody_who_left_may_be_somebody_again(administration: AdministrationService, centre: Centre):
    admin, left = centre.actor(centre.admin), centre.beneficiary
    with pytest.raises(UserAlreadyThere):
        administration.link_slack_user(admin, centre.consultant.id, left.slack_user_id)

    administration.deactivate_person(admin, left.id, "Départ")

    linked = administration.link_slack_user(admin, centre.consultant.id, left.slack_user_id)
    assert linked.slack_user_id == left.slack_user_id


def test_the_hours_and_the_phase_of_an_open_bilan_are_changed(administration: AdministrationService, centre: Centre):
    admin = centre.actor(centre.admin)

    bilan = administration.change_bilan(admin, centre.bilan.id, 840, Phase.INVESTIGATION)

    assert (bilan.purchased_minutes, bilan.phase) == (840, Phase.INVESTIGATION)
    with pytest.raises(TooManyHours):
        administration.change_bilan(admin, centre.bilan.id, 25 * 60, Phase.INVESTIGATION)
    centre.people.close_bilan(centre.organization.id, centre.bilan.id, admin)
    with pytest.raises(BilanNotActive):
        administration.change_bilan(admin, centre.bilan.id, 60, Phase.CONCLUSION)


@pytest.mark.parametrize("name", ["discretion", "calendar_detail"])
def test_how_much_is_told_is_the_centres_alone_to_choose(
    database: Database, centre: Centre, clock: MovableClock, name: str
):
    availability = AvailabilityService(database, clock, new_id)
    detailed = PolicyChoices(**{name: {"discretion": Discretion, "calendar_detail": CalendarDetail}[name].DETAILED})

    assert getattr(availability.set_policy(centre.actor(centre.admin), None, detailed), name) == "DETAILED"
    with pytest.raises(InvalidPolicy):
        availability.set_policy(centre.actor(centre.admin), centre.consultant.id, detailed)


def test_a_message_for_somebody_who_left_is_given_up(
    administration: AdministrationService, centre: Centre, clock: MovableClock, database: Database
):
    request = BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    booking = centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)
    consultant = centre.actor(centre.consultant)
    centre.scheduling.confirm_booking(consultant, booking.id)
    clock.set(AT_TEN + timedelta(hours=1))
    centre.scheduling.complete_session(consultant, booking.id, attended=True)
    administration.deactivate_person(centre.actor(centre.admin), centre.beneficiary.id, "Départ")
    reminders = ReminderService(database, clock)
    clock.set(AT_TEN + timedelta(hours=2))

    leases = chain.from_iterable(iter(reminders.claim_due, []))  # other tests' organizations have due ones as well

    assert reminders.list_due(centre.organization.id, of_centre(list(leases), centre)) == []
    states = {one.type: one.state for one in reminders.list_of_booking(consultant, booking.id)}
    assert states[ReminderType.BENEFICIARY_POST_SESSION] is ReminderState.SKIPPED


def of_centre(leases: list[Lease], centre: Centre) -> list[Lease]:
    return [lease for lease in leases if lease.organization_id == centre.organization.id]
