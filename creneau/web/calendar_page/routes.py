"""`/calendar/<token>`: the account is entered and tried, then a calendar of it is chosen and linked.

Looking changes nothing. What changes something comes from the browser that the form was given to: a cookie and a
hidden field say the same, and a form of another site is not taken.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from creneau.calendar_sync.calendar import CalendarError, NoCalendar
from creneau.calendar_sync.discovery import Discover, FoundCalendar
from creneau.core.domain.calendar import CalendarHealth
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind, require_credentials
from creneau.core.domain.errors import HoursNotApart, PageLinkSpent, TextInvalid
from creneau.core.domain.hours_calendar import is_own
from creneau.core.domain.page_links import LIFETIME, PagePurpose, PageVisit
from creneau.core.domain.people import Actor
from creneau.core.i18n.reader import Reader
from creneau.core.services.calendars import CalendarService
from creneau.core.services.page_links import PageLinkService
from creneau.web.calendar_page import wording
from creneau.web.calendar_page.chosen import Chosen, known_choice, read_choice
from creneau.web.form_guard import FormGuard
from creneau.web.page import page, visitor

PREFIX = "/calendar"


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
        """The account's fields; those of an account that is linked, but for the password, are filled in."""
        visit = self._visit(token)
        known = self._find_health(visit)
        if known is None:
            return self._form(token, visit)
        return self._form(
            token, visit, address=known.calendar_url, username=known.username, credential=known.credential
        )

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
                found = self._list_choosable(address, username, password, credential)
            except TextInvalid as refusal:
                errors = wording.unfit(reader, refusal)
            except CalendarError as error:
                errors = wording.failure(reader, error, credential)
        if errors:
            return self._form(token, visit, errors, address=address, username=username, credential=credential)
        account = {
            "username": username,
            "password": password,
            "credential": credential,
            "server": found[0].server,
            "calendars": [[one.url, one.name] for one in found],
        }
        chosen = known_choice(self._find_health(visit), [url for url, _ in account["calendars"]])
        return self._choice(token, visit, account, self._links.seal(visit, json.dumps(account)), chosen)

    def choose(self, token: str) -> Response:
        """Link the chosen one of the calendars that were found; the page's link is used up by it."""
        visit = self._visit(token)
        reader = Reader.from_user(visit.user)
        if not self._guard.is_ours():
            return self._form(token, visit, wording.not_from_here(reader))
        sealed = request.form.get("account", "")
        account = json.loads(self._links.unseal(visit, sealed))
        calendars = dict(account["calendars"])
        chosen = read_choice(list(calendars))
        if chosen is None:
            return self._form(token, visit, wording.not_from_here(reader))
        actor = Actor.from_user(visit.user)
        try:
            self._calendars.link_calendar(
                actor,
                actor.user_id,
                chosen.url,
                account["username"],
                account["password"],
                visit,
                chosen.busy,
                chosen.hours,
                CredentialKind(account["credential"]),
                ServerKind(account["server"]),
            )
        except TextInvalid as refusal:
            return self._form(token, visit, wording.unfit(reader, refusal), username=account["username"])
        except HoursNotApart:
            return self._choice(token, visit, account, sealed, chosen, wording.not_apart(reader))
        return page("message.html", reader, words=wording.done(reader, visit, calendars[chosen.url]))

    def _list_choosable(
        self, address: str, username: str, password: str, credential: CredentialKind
    ) -> list[FoundCalendar]:
        """Leave out what was made for hours, now or through an earlier link: nothing else is to go there.

        Raises: CalendarError.
        """
        found = [one for one in self._discover(address, username, password, credential) if not is_own(one.url)]
        if not found:
            raise NoCalendar
        return found

    def _find_health(self, visit: PageVisit) -> CalendarHealth | None:
        return self._calendars.find_health(Actor.from_user(visit.user), visit.user.id)

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
        chosen: Chosen,
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
            chosen=chosen,
            account=sealed,
            nonce=nonce,
            action=f"{PREFIX}/{token}/choice",
        )
        return self._guard.give(response, nonce)


def _read_credential() -> CredentialKind:
    """Return how the account is entered, as the form has it; a form without the field means a password."""
    is_token = request.form.get("credential") == CredentialKind.TOKEN
    return CredentialKind.TOKEN if is_token else CredentialKind.PASSWORD
