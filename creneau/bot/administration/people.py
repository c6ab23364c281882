"""People: the button in App Home opens the list; its buttons open forms; forms act and show the list again."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import inputs, modals
from creneau.bot.acknowledging import show
from creneau.bot.administration import ids, people_views
from creneau.bot.administration.fields import A_PAGE
from creneau.bot.administration.list_window import ListWindow
from creneau.bot.calling import SlackRefused, SlackUnavailable
from creneau.bot.ids import reading
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.clock import Clock
from creneau.core.domain.booking import LIVE, Booking
from creneau.core.domain.errors import InvalidPerson, Refusal
from creneau.core.domain.ids import UserId
from creneau.core.domain.listing import Paging
from creneau.core.domain.people import Role, User
from creneau.core.domain.time import Span, find_zone
from creneau.core.i18n.catalog import closest_locale
from creneau.core.services.administration import AdministrationService
from creneau.core.services.listings import ListingService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import EVER, SchedulingService
from creneau.core.usecases.people import PersonDraft

_FIELDS = {"name": people_views.NAME_BLOCK, "email": people_views.EMAIL_BLOCK}


class NoProfile(Refusal):
    """Slack did not say who somebody is."""

    code = "slack.no_profile"


class PeopleListeners:
    def __init__(
        self,
        administration: AdministrationService,
        listings: ListingService,
        people: PeopleService,
        scheduling: SchedulingService,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._administration = administration
        self._listings = listings
        self._people = people
        self._window = ListWindow(people, self._list)
        self._scheduling = scheduling
        self._outbox = outbox
        self._clock = clock

    def register(self, app: App) -> None:
        app.action(ids.PEOPLE_OPEN)(self._window.open)
        app.action(ids.PEOPLE_PREVIOUS)(self._window.turn)
        app.action(ids.PEOPLE_NEXT)(self._window.turn)
        app.action(ids.PEOPLE_LINK)(self.link)
        app.action(ids.PERSON_ADD)(self.open_add)
        app.action(ids.PERSON_CHANGE)(self.open_change)
        app.action(ids.PERSON_DEACTIVATE)(self.open_deactivate)
        app.view(ids.PERSON_ADD_VIEW)(self.add)
        app.view(ids.PERSON_CHANGE_VIEW)(self.change)
        app.view(ids.PERSON_DEACTIVATE_VIEW)(self.deactivate)

    def link(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        """Let a job look everybody up by e-mail; what came of it is a message."""
        ack()
        view_id = modals.open_loading(client, body, context)
        person = get_person(self._people, body)
        try:
            self._administration.ask_for_links(person.actor)
            said = person.reader.text("People are being looked up in Slack by their e-mail. You will get a message.")
        except Refusal as refusal:
            said = sentence(person.reader, refusal)
        show(client, view_id, modals.told(person.reader, person.reader.text("Link by e-mail"), said))

    def open_add(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        show(client, view_id, people_views.add(get_person(self._people, body).reader))

    def open_change(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        self._open_about(body, client, context, lambda person, user: people_views.change(person.reader, user))

    def open_deactivate(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        self._open_about(
            body,
            client,
            context,
            lambda person, user: people_views.deactivate(person.reader, user, self._coming(person, user)),
        )

    def add(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        """Add the chosen Slack user, as Slack knows them unless the form says otherwise."""
        person = get_person(self._people, body)
        self._window.save(
            ack,
            body,
            client,
            person,
            lambda: self._administration.add_person(person.actor, self._draft(person, view)),
            _block_of,
        )

    def change(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person, user_id = get_person(self._people, body), UserId(ids.read_id(view["private_metadata"]))
        with reading():
            role = Role(inputs.chosen(view, people_views.ROLE_BLOCK) or "")
        self._window.save(
            ack, body, client, person, lambda: self._administration.change_role(person.actor, user_id, role), _block_of
        )

    def deactivate(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person, user_id = get_person(self._people, body), UserId(ids.read_id(view["private_metadata"]))
        reason = inputs.typed(view, people_views.REASON_BLOCK) or ""
        self._window.save(
            ack,
            body,
            client,
            person,
            lambda: self._administration.deactivate_person(person.actor, user_id, reason),
            _block_of,
        )

    def _draft(self, person: Person, view: Mapping[str, Any]) -> PersonDraft:
        """Read who is to be added. Raises: `slack.no_profile`, and the codes of who can be no person of a centre."""
        with reading():
            slack_user_id = view["state"]["values"][people_views.SLACK_BLOCK][people_views.SLACK_BLOCK]["selected_user"]
            role = Role(inputs.chosen(view, people_views.ROLE_BLOCK) or "")
        try:
            profile = self._outbox.get_profile(person.user.organization_id, slack_user_id)
        except (SlackUnavailable, SlackRefused) as problem:
            raise NoProfile from problem
        self._outbox.require_member(person.user.organization_id, profile)
        return PersonDraft(
            role,
            inputs.typed(view, people_views.NAME_BLOCK) or profile.get("real_name") or "",
            inputs.typed(view, people_views.EMAIL_BLOCK) or profile.get("profile", {}).get("email") or "",
            slack_user_id,
            profile.get("tz") if find_zone(profile.get("tz") or "") else None,
            closest_locale(profile["locale"]) if profile.get("locale") else None,
        )

    def _open_about(
        self,
        body: Mapping[str, Any],
        client: WebClient,
        context: BoltContext,
        draw: Callable[[Person, User], dict[str, Any]],
    ) -> None:
        view_id = modals.open_loading(client, body, context)
        person = get_person(self._people, body)
        try:
            user_id = UserId(ids.read_id(body["actions"][0]["value"]))
            view = draw(person, self._administration.get_person(person.actor, user_id))
        except Refusal as refusal:
            view = modals.told(person.reader, person.reader.text("People"), sentence(person.reader, refusal))
        show(client, view_id, view)

    def _coming(self, person: Person, user: User) -> list[Booking]:
        coming = Span(self._clock.now(), EVER.ends_at)
        return self._scheduling.get_beneficiary_bookings(person.actor, user.id, coming, LIVE)

    def _list(self, person: Person, number: int) -> dict[str, Any]:
        page = self._listings.list_users(person.actor, paging=Paging(A_PAGE, number * A_PAGE))
        return people_views.people(person.reader, page, number)


def _block_of(refusal: Refusal) -> str | None:
    return _FIELDS[str(refusal.details["field"])] if isinstance(refusal, InvalidPerson) else None
