"""The API as a test calls it: the whole web front on the test's database, and a person's token on every request."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from werkzeug.test import TestResponse

from creneau.core.domain.people import User
from creneau.core.domain.rates import RateLimits
from creneau.core.services.administration import AdministrationService
from creneau.core.services.admission import AdmissionService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.emails import EmailService
from creneau.core.services.listings import ListingService
from creneau.core.services.notes import NotesService
from creneau.core.services.reminders import ReminderService
from creneau.web.api.services import ApiServices
from creneau.web.application import WebParts, create_web
from creneau.web.auth import Authenticator
from creneau.web.tokens import OwnTokens, Tokens, TokenSettings, issue_token
from tests.conftest import Centre, MovableClock, new_id

API = "/api/scheduling"
SETTINGS = TokenSettings("a secret of tests, long enough for HS512 too ".ljust(64, "x"), "creneau-api", "creneau-tests")


@dataclass(frozen=True)
class Api:
    app: Flask
    clock: MovableClock

    def bearer(self, user: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue_token(SETTINGS, user, self.clock.now(), timedelta(hours=1))}"}

    def get(self, user: User, path: str, **query: object) -> TestResponse:
        return self.app.test_client().get(API + path, query_string=query, headers=self.bearer(user))

    def post(self, user: User, path: str, body: object, **headers: str) -> TestResponse:
        return self.app.test_client().post(API + path, json=body, headers={**self.bearer(user), **headers})

    def put(self, user: User, path: str, body: object = None) -> TestResponse:
        sent = {} if body is None else {"json": body}
        return self.app.test_client().put(API + path, headers=self.bearer(user), **sent)

    def times(self, user: User, consultant: User, **query: object) -> list[dict[str, object]]:
        answer = self.get(user, f"/availability/{consultant.id}/slots", **query)
        assert answer.status_code == 200, answer.json
        return answer.json["data"]


def services_of(centre: Centre, clock: MovableClock) -> ApiServices:
    database = centre.people._database
    return ApiServices(
        centre.scheduling,
        AvailabilityService(database, clock, new_id),
        centre.people,
        NotesService(database, clock, new_id),
        ListingService(database, clock),
        ReminderService(database, clock),
        EmailService(database, clock),
        AdministrationService(database, clock, centre.published, new_id),
    )


def build_authenticator(
    centre: Centre, clock: MovableClock, limits: RateLimits | None = None, tokens: Tokens | None = None
) -> Authenticator:
    admission = AdmissionService(centre.people._database, clock, limits)
    return Authenticator(tokens or OwnTokens(SETTINGS, clock), admission)


def build_api(centre: Centre, clock: MovableClock, limits: RateLimits | None = None) -> Api:
    authenticator = build_authenticator(centre, clock, limits)
    parts = WebParts(services_of(centre, clock), authenticator, probe=lambda: {"database": True})
    return Api(create_web(parts), clock)


def a_booking(centre: Centre, **members: object) -> dict[str, object]:
    """The smallest body that asks for tomorrow at ten."""
    return {
        "bilan_id": str(centre.bilan.id),
        "consultant_id": str(centre.consultant.id),
        "scheduled_date": "2026-12-01",
        "scheduled_start_time": "10:00",
        **members,
    }
