"""`/calendar/<token>`: the account is entered and tried, then a calendar of it is chosen and linked.

Looking changes nothing. What changes something comes from the browser that the form was given to: a cookie and a
hidden field say the same, and a form of another site is not taken.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from creneau.calendar_sync.calendar import CalendarError
from creneau.calendar_sync.discovery import Discover, FoundCalendar
from creneau.core.domain.calendar import CalendarHealth
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind, require_credentials
from creneau.core.domain.errors import HoursNotApart, PageLinkSpent, TextInvalid
from creneau.core.domain.hours_calendar import HoursWish
from creneau.core.domain.page_links import LIFETIME, PagePurpose, PageVisit
from creneau.core.domain.people import Actor
from creneau.core.i18n.reader import Reader
from creneau.core.services.calendars import CalendarService
from creneau.core.services.page_links import PageLinkService
from creneau.web.calendar_page import wording
from creneau.web.form_guard import FormGuard
from creneau.web.page import page, visitor

PREFIX = "/calendar"

_NOWHERE, _NEW = "none", "new"


def calendar_page_blueprint(
    links: PageLinkService, calendars: CalendarService, discover: Discover, *, is_https: bool
) -> Blueprint:
    blueprint = Blueprint("calendar_page", __name__)
    pages = _Pages(links, calendars, discover, is_https=is_https)
    blueprint.get(f"{PREFIX}/<token>")(pages.show)
    blueprint.post(f"{PREFIX}/<token>")(pages.find)
    blueprint.post(f"{PREFIX}/<token>/choice")(pages.choose)
    blueprint.get(f"{PREFIX}/<token>/choice")(pages.show)  # Enter in the address bar

    @blueprint.errorhandler(PageLinkSpent)
    def spent(_refusal: PageLinkSpent) -> Response:
        reader = visitor()
        return page("message.html", reader, 410, words=wording.spent(reader))

    return blueprint


class _Pages:
    def __init__(
        self, links: PageLinkService, calendars: CalendarService, discover: Discover, *, is_https: bool
    ) -> None:
        self._links = links
        self._calendars = calendars
        self._discover = discover
        self._guard = FormGuard(PREFIX, LIFETIME, is_https)

    def show(self, token: str) -> Response:
        return self._form(token, self._visit(token))

    def find(self, token: str) -> Response:
        """Try the account at its server, and show the calendars it has."""
        visit = self._visit(token)
        reader = Reader.from_user(visit.user)
        address, username, password = (request.form.get(name, "") for name in ("address", "username", "password"))
        credential = _read_credential()
        needed = {"address": address, "password": password}
        if credential is CredentialKind.PASSWORD:
            needed["username"] = username
        errors = {} if self._guard.is_ours() else wording.not_from_here(reader)
        errors = errors or wording.missing(reader, **needed)
        if not errors:
            try:
                require_credentials(username, password, credential)
                self._links.count_try(visit)
                found = self._discover(address, username, password, credential)
            except TextInvalid as refusal:
                errors = wording.unfit(reader, refusal)
            except CalendarError as error:
                errors = wording.failure(reader, error)
        if errors:
            return self._form(token, visit, errors, address=address, username=username, credential=credential)
        account = {
            "username": username,
            "password": password,
            "credential": credential,
            "server": found[0].server,
            "calendars": [[calendar.url, calendar.name] for calendar in self._without_hours(visit, found)],
        }
        return self._choice(token, visit, account, self._links.seal(visit, json.dumps(account)))

    def choose(self, token: str) -> Response:
        """Link the chosen one of the calendars that were found; the page's link is used up by it."""
        visit = self._visit(token)
        reader = Reader.from_user(visit.user)
        if not self._guard.is_ours():
            return self._form(token, visit, wording.not_from_here(reader))
        sealed = request.form.get("account", "")
        account = json.loads(self._links.unseal(visit, sealed))
        chosen = _find(account["calendars"], request.form.get("calendar", ""))
        if chosen is None:
            return self._form(token, visit, wording.not_from_here(reader))
        url, name = chosen
        busy = [
            other
            for number, (other, _) in enumerate(account["calendars"])
            if str(number) in request.form.getlist("busy")
        ]
        actor = Actor.from_user(visit.user)
        hours = _read_hours(account["calendars"])
        try:
            self._calendars.link_calendar(
                actor,
                actor.user_id,
                url,
                account["username"],
                account["password"],
                visit,
                busy,
                hours,
                CredentialKind(account["credential"]),
                ServerKind(account["server"]),
            )
        except TextInvalid as refusal:
            return self._form(token, visit, wording.unfit(reader, refusal), username=account["username"])
        except HoursNotApart:
            return self._choice(token, visit, account, sealed, wording.not_apart(reader))
        return page("message.html", reader, words=wording.done(reader, visit, name))

    def _without_hours(self, visit: PageVisit, found: list[FoundCalendar]) -> list[FoundCalendar]:
        """Leave out the calendar that we made for hours: nothing else is to go there."""
        health = self._calendars.find_health(Actor.from_user(visit.user), visit.user.id)
        own = health.hours.url if health is not None and health.hours is not None and health.hours.is_own else None
        return [calendar for calendar in found if calendar.url != own]

    def _visit(self, token: str) -> PageVisit:
        """Raises: `page_link.spent`."""
        self._guard.limit()
        return self._links.visit(token, PagePurpose.CONNECT_CALENDAR)

    def _form(
        self,
        token: str,
        visit: PageVisit,
        errors: Mapping[str, str] | None = None,
        address: str = "",
        username: str = "",
        credential: CredentialKind = CredentialKind.PASSWORD,
    ) -> Response:
        """The account's fields; what was entered stays, but for the password."""
        reader = Reader.from_user(visit.user)
        nonce = self._guard.new_nonce()
        response = page(
            "calendar_account.html",
            reader,
            422 if errors else 200,
            words=wording.account(reader, visit),
            errors=errors or {},
            address=address,
            username=username,
            credential=credential,
            nonce=nonce,
            action=f"{PREFIX}/{token}",
        )
        return self._guard.give(response, nonce)

    def _choice(
        self,
        token: str,
        visit: PageVisit,
        account: Mapping[str, Any],
        sealed: str,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        """The calendars of an account; `sealed` is the account as it comes back with the choice."""
        reader = Reader.from_user(visit.user)
        nonce = self._guard.new_nonce()
        response = page(
            "calendar_choice.html",
            reader,
            422 if errors else 200,
            words=wording.choice(reader, visit),
            errors=errors or {},
            calendars=[FoundCalendar(url, name) for url, name in account["calendars"]],
            hours=_shown(self._calendars.find_health(Actor.from_user(visit.user), visit.user.id)),
            account=sealed,
            nonce=nonce,
            action=f"{PREFIX}/{token}/choice",
        )
        return self._guard.give(response, nonce)


def _find(calendars: Sequence[tuple[str, str]], place: str) -> tuple[str, str] | None:
    """Return the calendar at a place of the list that the form was made of; None: it was made up."""
    is_place = place.isascii() and place.isdigit() and int(place) < len(calendars)
    return calendars[int(place)] if is_place else None


def _read_credential() -> CredentialKind:
    """Return how the account is entered, as the form has it; a form without the field means a password."""
    is_token = request.form.get("credential") == CredentialKind.TOKEN
    return CredentialKind.TOKEN if is_token else CredentialKind.PASSWORD


def _read_hours(calendars: Sequence[tuple[str, str]]) -> HoursWish:
    """Return where bookable hours are wanted, as the form has it."""
    place = request.form.get("hours", _NOWHERE)
    chosen = _find(calendars, place)
    return HoursWish(
        chosen[0] if chosen else None,
        tells_inbox=request.form.get("inbox") == "1",
        is_shown=chosen is not None or place == _NEW,
    )


def _shown(health: CalendarHealth | None) -> HoursWish:
    """Return where hours are shown now: what the form begins with."""
    hours = health.hours if health is not None else None
    if hours is None or hours.is_ending:
        return HoursWish(is_shown=False)
    return HoursWish(None if hours.is_own else hours.url, hours.tells_inbox)
