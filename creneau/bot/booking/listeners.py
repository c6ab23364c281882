"""`/book`, the shortcut and the Book button open the modal; a day redraws it; a submission books."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot.acknowledging import loading_view
from creneau.bot.blocks import View
from creneau.bot.booking import forms, views
from creneau.bot.failures import LOADING_VIEW
from creneau.bot.ids import BOOK_COMMAND, BOOK_DAY, BOOK_OPEN, BOOK_SHORTCUT, BOOK_VIEW
from creneau.bot.person import NotRegistered, Person, get_person
from creneau.bot.refusals import sentence, sentence_for_stranger
from creneau.core.clock import Clock
from creneau.core.domain.errors import BilanNotActive, Refusal, SlotUnavailable
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.domain.people import Role
from creneau.core.i18n.catalog import DEFAULT_LOCALE
from creneau.core.i18n.reader import Reader
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.usecases.availability import LONGEST_LISTING

STRANGER = Reader(DEFAULT_LOCALE, "Europe/Paris")


class BeneficiariesOnly(Refusal):
    """Consultants and administrators have no bilan of their own to book on."""

    code = "slack.beneficiaries_only"


class BookingListeners:
    def __init__(self, scheduling: SchedulingService, people: PeopleService, clock: Clock) -> None:
        self._scheduling = scheduling
        self._people = people
        self._clock = clock

    def register(self, app: App) -> None:
        app.command(BOOK_COMMAND)(self.open)
        app.shortcut(BOOK_SHORTCUT)(self.open)
        app.action(BOOK_OPEN)(self.open)
        app.action(BOOK_DAY)(self.change_day)
        app.view(BOOK_VIEW)(self.submit)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Open a loading view before anything is read (a trigger lives three seconds), then fill it."""
        ack()
        view_id: str = client.views_open(trigger_id=body["trigger_id"], view=loading_view())["view"]["id"]
        context[LOADING_VIEW] = view_id
        try:
            person = get_person(self._people, body)
        except NotRegistered as refusal:
            client.views_update(view_id=view_id, view=views.refused(STRANGER, sentence_for_stranger(refusal)))
            return
        try:
            if person.user.role is not Role.BENEFICIARY:
                raise BeneficiariesOnly
            bilan = self._people.find_active_bilan(person.user)
            if bilan is None:
                raise BilanNotActive
            view = self._draw(person, bilan.id, bilan.consultant_id)
        except Refusal as refusal:
            view = views.refused(person.reader, sentence(person.reader, refusal))
        client.views_update(view_id=view_id, view=view)

    def change_day(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Draw the times of another day."""
        ack()
        view = body["view"]
        person = get_person(self._people, body)
        client.views_update(view_id=view["id"], hash=view["hash"], view=self._redraw(person, view))

    def submit(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Book; a time that has gone meanwhile is an error under the field, with the next free ones."""
        person = get_person(self._people, body)
        try:
            booking = self._scheduling.create_session_booking(person.actor, forms.read_request(view))
        except forms.StaleTimes:
            ack(response_action="update", view=self._redraw(person, view))
        except SlotUnavailable as refusal:
            block = views.time_block(forms.read_day(view))
            ack(response_action="errors", errors={block: sentence(person.reader, refusal)})
        except Refusal as refusal:
            ack(response_action="update", view=views.refused(person.reader, sentence(person.reader, refusal)))
        else:
            hours = self._scheduling.get_bilan_hours(person.actor, booking.bilan_id)
            ack(response_action="update", view=views.sent(person.reader, booking, hours))

    def _redraw(self, person: Person, view: Mapping[str, Any]) -> View:
        shown = forms.read_shown(view)
        return self._draw(person, shown.bilan_id, shown.consultant_id, forms.read_day(view))

    def _draw(self, person: Person, bilan_id: BilanId, consultant_id: UserId, day: date | None = None) -> View:
        today = self._clock.now().date()
        times = self._scheduling.get_available_slots_for_consultant(
            person.actor, consultant_id, today, today + LONGEST_LISTING, person.user.id
        )
        consultant = self._people.get_user(person.user.organization_id, consultant_id)
        return views.choose(person.reader, consultant, bilan_id, times, day)
