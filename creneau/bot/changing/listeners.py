"""Reschedule, Cancel and "Can't come", from whatever message, list or window they are clicked in."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import chooser, inputs
from creneau.bot.acknowledging import show
from creneau.bot.answering.ids import PROPOSAL_OTHER
from creneau.bot.blocks import View
from creneau.bot.booking_window import BookingWindow
from creneau.bot.buttons import SESSION_RESCHEDULE
from creneau.bot.changing import views
from creneau.bot.changing.views import CANCEL_VIEW, MOVE_DAY, REASON_BLOCK, RESCHEDULE_VIEW
from creneau.bot.ids import SESSION_CANCEL, read_booking_value
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.clock import Clock
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import (
    BookingTooLate,
    ReasonRequired,
    Refusal,
    SameTime,
    SlotUnavailable,
    TextInvalid,
)
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import Action, require_possible
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.usecases.availability import LONGEST_LISTING


class ChangingListeners:
    def __init__(
        self,
        scheduling: SchedulingService,
        people: PeopleService,
        files: BookingFileService,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._scheduling = scheduling
        self._people = people
        self._files = files
        self._outbox = outbox
        self._window = BookingWindow(people, files, outbox)
        self._clock = clock

    def register(self, app: App) -> None:
        app.action(SESSION_CANCEL)(self.open_cancel)
        app.view(CANCEL_VIEW)(self.cancel)
        app.action(SESSION_RESCHEDULE)(self.open_reschedule)
        app.action(PROPOSAL_OTHER)(self.open_reschedule)
        app.action(MOVE_DAY)(self.change_day)
        app.view(RESCHEDULE_VIEW)(self.reschedule)

    def open_cancel(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._open(body, context, client, Action.CANCEL, lambda person, file: views.cancel(person.user, file))

    def open_reschedule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._open(body, context, client, Action.RESCHEDULE, self._draw_reschedule)

    def change_day(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Draw the times of another day."""
        ack()
        view, person = body["view"], get_person(self._people, body)
        file = self._files.open_booking_file(person.actor, read_booking_value(view["private_metadata"]))
        drawn = self._draw_reschedule(person, file, chooser.read_day(view))
        show(client, view["id"], drawn, view["hash"])

    def cancel(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        person, booking_id = get_person(self._people, body), read_booking_value(view["private_metadata"])
        try:
            self._scheduling.cancel_booking(person.actor, booking_id, inputs.typed(view, REASON_BLOCK))
        except TextInvalid as refusal:
            ack(response_action="errors", errors={REASON_BLOCK: sentence(person.reader, refusal)})
            return
        except Refusal as refusal:
            ack(response_action="update", view=self._refused(person, booking_id, Action.CANCEL, refusal))
        else:
            ack(response_action="clear")
        self._outbox.refresh_now(person.user.organization_id, booking_id)

    def reschedule(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Move the session; a time that has gone meanwhile is an error under the field, with the next free ones."""
        person, booking_id = get_person(self._people, body), read_booking_value(view["private_metadata"])
        try:
            chosen = chooser.read(view)
            reason = inputs.typed(view, REASON_BLOCK)
            self._scheduling.reschedule_booking(person.actor, booking_id, chosen.starts_at, chosen.slot_id, reason)
        except chooser.StaleTimes:
            file = self._files.open_booking_file(person.actor, booking_id)
            ack(response_action="update", view=self._draw_reschedule(person, file, chooser.read_day(view)))
            return
        except (SlotUnavailable, SameTime) as refusal:
            block = chooser.time_block(chooser.read_day(view) or date.min)
            ack(response_action="errors", errors={block: sentence(person.reader, refusal)})
            return
        except TextInvalid as refusal:
            ack(response_action="errors", errors={REASON_BLOCK: sentence(person.reader, refusal)})
            return
        except Refusal as refusal:
            ack(response_action="update", view=self._refused(person, booking_id, Action.RESCHEDULE, refusal))
        else:
            ack(response_action="clear")
        self._outbox.refresh_now(person.user.organization_id, booking_id)

    def _draw_reschedule(self, person: Person, file: BookingFile, day: date | None = None) -> View:
        booking, today = file.booking, self._clock.now().date()
        times = self._scheduling.get_available_slots_for_consultant(
            person.actor, booking.consultant_id, today, today + LONGEST_LISTING, booking.beneficiary_id
        )
        return views.reschedule(person.user, file, times, day)

    def _open(
        self,
        body: Mapping[str, Any],
        context: BoltContext,
        client: WebClient,
        action: Action,
        draw: Callable[[Person, BookingFile], View],
    ) -> None:
        """Open the window of an action, or say in it who can still do it, or that it is done already."""

        def draw_if_possible(person: Person, file: BookingFile) -> View:
            if file.is_too_late(person.user, action):
                return views.too_late(person.user, file, action)
            require_possible(file.booking, action, file.actions_of(person.user))
            return draw(person, file)

        self._window.open(body, context, client, draw_if_possible)

    def _refused(self, person: Person, booking_id: BookingId, action: Action, refusal: Refusal) -> View:
        """What to show in place of a form that was overtaken: by its deadline, or by what somebody else did."""
        if not isinstance(refusal, BookingTooLate | ReasonRequired):
            return self._window.refused(person, refusal)
        file = self._files.open_booking_file(person.actor, booking_id)
        if isinstance(refusal, BookingTooLate):
            return views.too_late(person.user, file, action)
        return views.cancel(person.user, file) if action is Action.CANCEL else self._draw_reschedule(person, file)
