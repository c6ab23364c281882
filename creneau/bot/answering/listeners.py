"""The buttons that answer: confirm, propose, decline by the consultant; accept, refuse by the beneficiary."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot.acting import Acting
from creneau.bot.answering import forms, modals
from creneau.bot.answering.ids import (
    DECLINE_VIEW,
    OWN_DAY_BLOCK,
    OWN_TIME_BLOCK,
    PROPOSAL_ACCEPT,
    PROPOSAL_REFUSE,
    PROPOSE_VIEW,
    REASON_BLOCK,
    read_proposal_value,
)
from creneau.bot.blocks import View
from creneau.bot.booking_window import BookingWindow
from creneau.bot.buttons import ANSWER_PROPOSE
from creneau.bot.ids import ANSWER_CONFIRM, ANSWER_DECLINE, read_booking_value
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import InvalidProposal, LocalTimeDoesNotExist, Refusal, SlotUnavailable, TextInvalid
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import Action, require_possible
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService


class AnsweringListeners:
    def __init__(
        self,
        scheduling: SchedulingService,
        people: PeopleService,
        files: BookingFileService,
        outbox: Outbox,
        acting: Acting,
    ) -> None:
        self._scheduling = scheduling
        self._people = people
        self._outbox = outbox
        self._window = BookingWindow(people, files, outbox)
        self._acting = acting

    def register(self, app: App) -> None:
        app.action(ANSWER_CONFIRM)(self.confirm)
        app.action(ANSWER_DECLINE)(self.open_decline)
        app.view(DECLINE_VIEW)(self.decline)
        app.action(ANSWER_PROPOSE)(self.open_propose)
        app.view(PROPOSE_VIEW)(self.propose)
        app.action(re.compile(rf"^{PROPOSAL_ACCEPT}_\d$"))(self.accept)
        app.action(PROPOSAL_REFUSE)(self.refuse)

    def confirm(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._acting.act(body, context, client, _booking_of(body), self._scheduling.confirm_booking)

    def accept(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Accept one proposed time; if it is taken by now, say so with the next free ones."""
        ack()
        booking_id, proposal_id = read_proposal_value(body["actions"][0]["value"])
        self._acting.act(
            body, context, client, booking_id, lambda who, id_: self._scheduling.accept_proposal(who, id_, proposal_id)
        )

    def refuse(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._acting.act(body, context, client, _booking_of(body), self._scheduling.refuse_proposals)

    def open_decline(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._open(body, context, client, Action.DECLINE, lambda person, file: modals.decline(person.user, file))

    def decline(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        person = get_person(self._people, body)
        booking_id = read_booking_value(view["private_metadata"])
        try:
            self._scheduling.decline_booking(person.actor, booking_id, forms.read_reason(view))
        except TextInvalid as refusal:
            ack(response_action="errors", errors={REASON_BLOCK: sentence(person.reader, refusal)})
            return
        except Refusal as refusal:
            ack(response_action="update", view=self._window.refused(person, refusal, person.reader.text("Decline")))
        else:
            ack(response_action="clear")
        self._outbox.refresh_now(person.user.organization_id, booking_id)

    def open_propose(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._open(body, context, client, Action.PROPOSE, self._draw_propose)

    def propose(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Propose; what cannot be proposed is an error under its field, with the reason and the next free times."""
        person = get_person(self._people, body)
        booking_id = read_booking_value(view["private_metadata"])
        if forms.has_half_a_time(view):
            both = person.reader.text("Please enter a day and a time.")
            ack(response_action="errors", errors={OWN_DAY_BLOCK: both, OWN_TIME_BLOCK: both})
            return
        errors, instead = self._propose(person, booking_id, view)
        if errors:
            ack(response_action="errors", errors=errors)
            return
        if instead:
            ack(response_action="update", view=instead)
        else:
            ack(response_action="clear")
        self._outbox.refresh_now(person.user.organization_id, booking_id)

    def _propose(
        self, person: Person, booking_id: BookingId, view: Mapping[str, Any]
    ) -> tuple[dict[str, str], View | None]:
        """Return what is wrong with which field, or what to show because nothing can be proposed any more."""
        try:
            proposed = forms.read_proposed(view, person.reader)
        except LocalTimeDoesNotExist as refusal:
            return {OWN_TIME_BLOCK: sentence(person.reader, refusal)}, None
        try:
            self._scheduling.propose_times(person.actor, booking_id, proposed.starts)
        except SlotUnavailable as refusal:
            return {proposed.field_of(refusal.wanted_at): sentence(person.reader, refusal)}, None
        except InvalidProposal as refusal:
            return {proposed.field_of(None): sentence(person.reader, refusal)}, None
        except Refusal as refusal:
            return {}, self._window.refused(person, refusal, person.reader.text("Other times"))
        return {}, None

    def _draw_propose(self, person: Person, file: BookingFile) -> View:
        booking = file.booking
        times = self._scheduling.get_available_slots_for_consultant(
            person.actor, booking.consultant_id, beneficiary_id=booking.beneficiary_id
        )
        return modals.propose(person.user, file, times)

    def _open(
        self,
        body: Mapping[str, Any],
        context: BoltContext,
        client: WebClient,
        action: Action,
        draw: Callable[[Person, BookingFile], View],
    ) -> None:
        """Open a window for an action that is still possible."""

        def draw_if_possible(person: Person, file: BookingFile) -> View:
            require_possible(file.booking, action, file.actions_of(person.user))
            return draw(person, file)

        self._window.open(body, context, client, draw_if_possible)


def _booking_of(body: Mapping[str, Any]) -> BookingId:
    return read_booking_value(body["actions"][0]["value"])
