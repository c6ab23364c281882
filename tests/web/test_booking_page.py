"""A session's page by its signed link: what a beneficiary without Slack sees and does, and what nobody else can."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import PageLinkSpent
from creneau.core.domain.people import Role, User
from creneau.core.domain.policy import PolicyChoices
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.booking_links import OUTLIVES_SESSION_BY, BookingLinkService
from creneau.core.storage.database import Database
from creneau.core.tickets import Tickets
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.booking_page.routes import PREFIX, booking_page_blueprint
from creneau.web.errors import install_error_handlers
from tests.conftest import Centre, MovableClock, new_id

TUESDAY_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
WEDNESDAY_AT_TEN = TUESDAY_AT_TEN + timedelta(days=1)
HIDDEN = re.compile(r'name="(nonce|version)" value="([^"]*)"')
KEPT = ("session_bookings", "booking_history", "booking_proposals", "audit_log", "session_reminders", "slot_holds")


@dataclass
class Visitor:
    """Zoé, who has no Slack account, in front of the page of her session."""

    centre: Centre
    zoe: User
    booking: Booking
    links: BookingLinkService
    browser: FlaskClient
    clock: MovableClock

    @property
    def token(self) -> str:
        return self.links.issue(self.booking, self.zoe)

    def get(self, path: str = "", token: str | None = None) -> TestResponse:
        return self.browser.get(f"{PREFIX}/{token or self.token}{path}")

    def post(self, path: str, shown: TestResponse, **fields: str) -> TestResponse:
        given = dict(HIDDEN.findall(shown.text)) | fields
        return self.browser.post(f"{PREFIX}/{self.token}{path}", data=given, headers={"Sec-Fetch-Site": "same-origin"})

    def now(self) -> Booking:
        return self.centre.scheduling.get_booking(self.centre.actor(self.zoe), self.booking.id)

    def kept(self) -> list[object]:
        with self.centre.people._database.transaction(self.centre.organization.id) as tx:
            return [
                tx.exec_driver_sql(f"select md5(string_agg(t::text, '' order by t::text)) from {table} t").scalar()  # noqa: S608
                for table in KEPT
            ]


@pytest.fixture
def visitor(centre: Centre, database: Database, clock: MovableClock) -> Visitor:
    """Her administrator booked for her, and her consultant confirmed."""
    zoe = centre.people.add_user(centre.organization, Role.BENEFICIARY, "Zoé <b>Sans</b>", f"{new_id()}@example.org")
    bilan = centre.people.open_bilan(zoe, centre.consultant)
    asked = centre.scheduling.create_session_booking(
        centre.actor(centre.admin), BookingRequest(bilan.id, centre.consultant.id, TUESDAY_AT_TEN)
    )
    booking = centre.scheduling.confirm_booking(centre.actor(centre.consultant), asked.id)
    box = SecretBox([generate_key()])
    links = BookingLinkService(database, Tickets(box, clock))
    app = Flask("creneau.web", static_folder=None)
    install_error_handlers(app)
    app.register_blueprint(
        booking_page_blueprint(links, centre.scheduling, BookingFileService(database, clock), clock, is_https=False)
    )
    return Visitor(centre, zoe, booking, links, app.test_client(), clock)


def test_the_page_shows_the_session_and_looking_changes_nothing(visitor: Visitor):
    before = visitor.kept()
    for path in ("", "/move", "/move?day=2026-12-02", "/move?day=x", "/cancel"):
        shown = visitor.get(path)
        assert shown.status_code == 200
        assert visitor.browser.head(f"{PREFIX}/{visitor.token}{path}").status_code == 200
        assert "<b>Sans" not in shown.text
        policy = shown.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy
        assert (shown.headers["Referrer-Policy"], shown.headers["Cache-Control"]) == ("no-referrer", "no-store")
        cookie = shown.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/booking"))
        assert "<script" not in shown.text
    for path in ("/accept", "/refuse"):
        assert visitor.get(path).status_code == 405
    assert visitor.kept() == before
    text = visitor.get().text
    for part in ("Mardi 1er décembre 2026 à 10:00", "Paul Martin", "Confirmé", visitor.booking.reference):
        assert part in text


def test_a_session_is_cancelled_once_and_the_page_shows_what_it_is_then(visitor: Visitor):
    asked = visitor.get("/cancel")

    done = visitor.post("/cancel", asked)
    assert done.status_code == 303
    assert done.headers["Location"].startswith(f"{PREFIX}/")
    assert visitor.now().status is Status.CANCELLED
    assert visitor.now().cancelled_by == visitor.zoe.id
    again = visitor.post("/cancel", asked)
    assert again.status_code in (409, 412)
    shown = visitor.get()
    assert "Annulé" in shown.text
    assert "/cancel" not in shown.text
    assert visitor.get("/cancel").status_code == visitor.get("/move").status_code == 303
    assert [entry.action for entry in _history(visitor)].count("CANCEL") == 1


def test_a_session_is_moved_to_a_time_that_is_free_and_to_no_other(visitor: Visitor):
    shown = visitor.get("/move?day=2026-12-02")
    assert 'aria-current="true">mer. 02/12' in shown.text
    [at_ten] = [value for value in re.findall(r'name="time" value="([^"]+)"', shown.text) if "T09:00" in value]

    for wrong in ("", "x", at_ten.split(" ")[0], at_ten.replace("T09", "T03"), at_ten.removesuffix("+00:00")):
        assert visitor.post("/move", shown, time=wrong).status_code in (409, 422)
    assert visitor.post("/move", shown, time=at_ten, version="99").status_code == 412
    assert visitor.now().span.starts_at == TUESDAY_AT_TEN

    assert visitor.post("/move", shown, time=at_ten).status_code == 303
    moved = visitor.now()
    assert (moved.span.starts_at, moved.status) == (WEDNESDAY_AT_TEN, Status.SCHEDULED)
    assert visitor.post("/move", shown, time=at_ten).status_code == 412
    assert "Mercredi 2 décembre 2026 à 10:00" in visitor.get().text


def test_a_proposed_time_is_accepted_and_one_that_was_taken_is_not(visitor: Visitor):
    centre = visitor.centre
    paul = centre.actor(centre.consultant)
    centre.scheduling.propose_times(paul, visitor.booking.id, [WEDNESDAY_AT_TEN, WEDNESDAY_AT_TEN + timedelta(hours=1)])
    _, nadia_s = centre.add_beneficiary()
    centre.scheduling.create_session_booking(
        centre.actor(centre.admin), BookingRequest(nadia_s.id, centre.consultant.id, WEDNESDAY_AT_TEN)
    )
    shown = visitor.get()
    taken, free = re.findall(r'name="proposal" value="([^"]+)"', shown.text)
    assert shown.text.count(" disabled") == 1

    assert visitor.post("/accept", shown).status_code == 422
    assert visitor.post("/accept", shown, proposal=str(new_id())).status_code in (404, 409)
    refused = visitor.post("/accept", shown, proposal=taken)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert visitor.now().span.starts_at == TUESDAY_AT_TEN
    assert visitor.post("/accept", shown, proposal=free).status_code == 303
    assert visitor.now().span.starts_at == WEDNESDAY_AT_TEN + timedelta(hours=1)

    centre.scheduling.propose_times(paul, visitor.booking.id, [WEDNESDAY_AT_TEN + timedelta(days=1)])
    assert visitor.post("/refuse", visitor.get()).status_code == 303
    assert 'name="proposal"' not in visitor.get().text


def test_past_its_deadline_the_page_says_whom_to_ask_and_the_form_is_refused(visitor: Visitor, database: Database):
    asked = visitor.get("/cancel")
    admin = visitor.centre.actor(visitor.centre.admin)
    AvailabilityService(database, visitor.clock, new_id, visitor.centre.published).set_policy(
        admin, None, PolicyChoices(cancellation_deadline_minutes=48 * 60, reschedule_deadline_minutes=48 * 60)
    )

    refused = visitor.post("/cancel", asked)

    assert refused.status_code == 409
    assert visitor.now().status is Status.CONFIRMED
    shown = visitor.get().text
    assert "Veuillez contacter Paul Martin" in shown
    assert "/cancel" not in shown


def test_a_form_from_elsewhere_does_nothing(visitor: Visitor):
    shown = visitor.get("/cancel")
    hidden = dict(HIDDEN.findall(shown.text))
    address = f"{PREFIX}/{visitor.token}/cancel"
    sent = [
        visitor.browser.post(address, data=hidden, headers={"Sec-Fetch-Site": "cross-site"}),
        visitor.browser.post(address, data=hidden | {"nonce": "other"}, headers={"Sec-Fetch-Site": "same-origin"}),
        visitor.browser.post(address, data={"version": hidden["version"]}),
        visitor.browser.application.test_client().post(address, data=hidden),  # without the cookie
    ]
    assert [one.status_code for one in sent] == [422] * 4
    assert visitor.now().status is Status.CONFIRMED


def test_a_link_is_for_one_person_one_session_and_one_address_until_a_week_after(
    visitor: Visitor, other_centre: Centre, database: Database
):
    centre, token = visitor.centre, visitor.token
    forger = BookingLinkService(database, Tickets(SecretBox([generate_key()]), visitor.clock))
    of_another_purpose = visitor.links._tickets.issue("install", {"of": "x"}, visitor.clock.now() + timedelta(1))
    wrong = [
        "",
        "x" * 5000,
        token[:-2],
        token.swapcase(),
        forger.issue(visitor.booking, visitor.zoe),
        of_another_purpose,
        visitor.links.issue(visitor.booking, centre.beneficiary),  # not whose session it is
        visitor.links.issue(visitor.booking, centre.consultant),
        visitor.links.issue(visitor.booking, other_centre.beneficiary),
    ]
    for one in wrong:
        with pytest.raises(PageLinkSpent):
            visitor.links.visit(one)
    pages = {(visitor.get(token=one).status_code, visitor.get(token=one).text) for one in wrong[1:]}
    assert len(pages) == 1
    assert next(iter(pages))[0] == 410

    visitor.clock.set(visitor.booking.span.ends_at + OUTLIVES_SESSION_BY - timedelta(seconds=1))
    assert visitor.links.visit(token).booking_id == visitor.booking.id
    visitor.clock.move(seconds=1)
    with pytest.raises(PageLinkSpent):
        visitor.links.visit(token)


def test_an_address_that_was_put_right_ends_the_links_that_went_to_the_wrong_one(visitor: Visitor, database: Database):
    token = visitor.token
    with database.transaction(visitor.centre.organization.id) as tx:
        tx.exec_driver_sql(
            "update users set email = %(email)s where id = %(id)s", {"email": "zoe@new.example", "id": visitor.zoe.id}
        )
    with pytest.raises(PageLinkSpent):
        visitor.links.visit(token)


def _history(visitor: Visitor) -> list[object]:
    return list(visitor.centre.scheduling.get_booking_history(visitor.centre.actor(visitor.zoe), visitor.booking.id))
