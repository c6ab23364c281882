"""`/booking/<token>`: a session as it is, and what its beneficiary may do with it. Looking changes nothing.

Mail scanners open every link. What changes something is a form that comes back from the browser it was given to, by
the same service as everybody's: its rules, its deadlines, and the version that the page was drawn from.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, request

from creneau.core.clock import Clock
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import PageLinkSpent, Refusal
from creneau.core.domain.ids import ProposalId, SlotId
from creneau.core.domain.lifecycle import Action
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.booking_links import BookingLinkService, BookingVisit
from creneau.core.services.scheduling import SchedulingService
from creneau.core.usecases.availability import LONGEST_LISTING
from creneau.web.booking_page import wording
from creneau.web.errors import status_of
from creneau.web.form_guard import FormGuard
from creneau.web.page import page, visitor

PREFIX = "/booking"

_UNFIT = 422
_FORM_LIVES = timedelta(hours=2)


class FormUnfit(Exception):
    """A form that is none of ours, or that nothing was chosen in."""


def booking_page_blueprint(
    links: BookingLinkService, scheduling: SchedulingService, files: BookingFileService, clock: Clock, *, is_https: bool
) -> Blueprint:
    blueprint = Blueprint("booking_page", __name__)
    pages = _Pages(links, scheduling, files, clock, FormGuard(PREFIX, _FORM_LIVES, is_https))
    blueprint.get(f"{PREFIX}/<token>")(pages.show)
    blueprint.get(f"{PREFIX}/<token>/move")(pages.show_times)
    blueprint.get(f"{PREFIX}/<token>/cancel")(pages.ask_to_cancel)
    blueprint.post(f"{PREFIX}/<token>/accept")(pages.accept)
    blueprint.post(f"{PREFIX}/<token>/refuse")(pages.refuse)
    blueprint.post(f"{PREFIX}/<token>/move")(pages.move)
    blueprint.post(f"{PREFIX}/<token>/cancel")(pages.cancel)

    @blueprint.errorhandler(PageLinkSpent)
    def spent(_refusal: PageLinkSpent) -> Response:
        reader = visitor()
        return page("message.html", reader, 410, words=wording.spent(reader))

    return blueprint


class _Pages:
    def __init__(
        self,
        links: BookingLinkService,
        scheduling: SchedulingService,
        files: BookingFileService,
        clock: Clock,
        guard: FormGuard,
    ) -> None:
        self._links = links
        self._scheduling = scheduling
        self._files = files
        self._clock = clock
        self._guard = guard

    def show(self, token: str) -> Response:
        return self._session(token, self._visit(token))

    def show_times(self, token: str) -> Response:
        visit = self._visit(token)
        file = self._file(visit)
        if Action.RESCHEDULE not in file.actions_of(file.beneficiary):
            return _back_to(token)
        reader = Reader.from_user(visit.user)
        today = self._clock.now().date()
        times = self._scheduling.get_available_slots_for_consultant(
            visit.actor, file.booking.consultant_id, today, today + LONGEST_LISTING, visit.user.id
        )
        days = wording.days_of(reader, times)
        chosen = _read_day()
        day = chosen if chosen in days else next(iter(days), None)
        return self._form(
            "booking_move.html",
            token,
            reader,
            file,
            words=wording.move(reader, file),
            days=[(one.isoformat(), reader.short_day(one), one == day) for one in days],
            day=reader.heading(reader.day(day)) if day else "",
            times=wording.times_of(reader, times, day) if day else [],
        )

    def ask_to_cancel(self, token: str) -> Response:
        visit = self._visit(token)
        file = self._file(visit)
        if Action.CANCEL not in file.actions_of(file.beneficiary):
            return _back_to(token)
        reader = Reader.from_user(visit.user)
        return self._form("booking_cancel.html", token, reader, file, words=wording.cancel(reader, file))

    def accept(self, token: str) -> Response:
        return self._act(
            token,
            lambda visit, version: self._scheduling.accept_proposal(
                visit.actor, visit.booking_id, ProposalId(_read_id("proposal")), version
            ),
        )

    def refuse(self, token: str) -> Response:
        return self._act(
            token,
            lambda visit, version: self._scheduling.refuse_proposals(visit.actor, visit.booking_id, version),
        )

    def move(self, token: str) -> Response:
        def act(visit: BookingVisit, version: int) -> object:
            slot_id, starts_at = _read_time()
            return self._scheduling.reschedule_booking(
                visit.actor, visit.booking_id, starts_at, slot_id, expected_version=version
            )

        return self._act(token, act)

    def cancel(self, token: str) -> Response:
        return self._act(
            token,
            lambda visit, version: self._scheduling.cancel_booking(
                visit.actor, visit.booking_id, expected_version=version
            ),
        )

    def _act(self, token: str, act: Callable[[BookingVisit, int], object]) -> Response:
        """Do what a form asks for, and show what the session is then; a refusal stands above it."""
        visit = self._visit(token)
        reader = Reader.from_user(visit.user)
        if not self._guard.is_ours():
            said = reader.text("For your safety the form was not taken. Please fill it in again, with cookies allowed.")
            return self._session(token, visit, said, _UNFIT)
        try:
            act(visit, _read_version())
        except FormUnfit:
            return self._session(token, visit, reader.text("Please choose first."), _UNFIT)
        except Refusal as refusal:
            said = reader.text(refusal.code, **in_words(reader, refusal.details))
            return self._session(token, visit, said, status_of(type(refusal)))
        return _back_to(token)

    def _session(self, token: str, visit: BookingVisit, said: str = "", status: int = 200) -> Response:
        file = self._file(visit)
        reader, actions = Reader.from_user(visit.user), file.actions_of(file.beneficiary)
        return self._form(
            "booking.html",
            token,
            reader,
            file,
            status,
            words=wording.session(reader, visit, file),
            said=said,
            proposals=wording.proposals_of(reader, file) if Action.ACCEPT in actions else [],
            can_accept=Action.ACCEPT in actions and len(file.gone) < len(file.proposals),
            can_move=Action.RESCHEDULE in actions,
            can_cancel=Action.CANCEL in actions,
            is_live=file.is_live,
        )

    def _form(
        self, template: str, token: str, reader: Reader, file: BookingFile, status: int = 200, **shown: object
    ) -> Response:
        nonce = self._guard.keep_nonce()
        action = f"{PREFIX}/{token}"
        response = page(template, reader, status, nonce=nonce, action=action, version=file.booking.version, **shown)
        return self._guard.give(response, nonce)

    def _visit(self, token: str) -> BookingVisit:
        """Raises: `page_link.spent`."""
        self._guard.limit()
        return self._links.visit(token)

    def _file(self, visit: BookingVisit) -> BookingFile:
        return self._files.open_booking_file(visit.actor, visit.booking_id)


def _back_to(token: str) -> Response:
    """Have the browser ask for the session as it is now, so that a reload sends no form again."""
    return Response(status=303, headers={"Location": f"{PREFIX}/{token}", "Cache-Control": "no-store"})


def _read_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _read_id(name: str) -> UUID:
    """Raises: FormUnfit."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError as error:
        raise FormUnfit from error


def _read_version() -> int:
    """Raises: FormUnfit."""
    version = request.form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise FormUnfit
    return int(version)


def _read_time() -> tuple[SlotId, datetime]:
    """Raises: FormUnfit."""
    slot_id, _, starts_at = request.form.get("time", "").partition(" ")
    try:
        instant = datetime.fromisoformat(starts_at)
        if instant.tzinfo is None:
            raise FormUnfit
        return SlotId(UUID(slot_id)), instant
    except ValueError as error:
        raise FormUnfit from error
