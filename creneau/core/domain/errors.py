"""Refusals: every reason the core says no, as a class with a stable dotted code.

No text, no HTTP status and no Slack here: sentences live in the catalogs, statuses in `web`, surfaces in `bot`.
"""

from datetime import datetime
from typing import ClassVar

from creneau.core.domain.time import BookableTime


class Refusal(Exception):
    """The core's coded no. `details` holds values for the sentence; never a name or a note."""

    code: ClassVar[str]

    def __init__(self, **details: str | int) -> None:
        super().__init__(self.code)
        self.details = details
        self.alternatives: tuple[BookableTime, ...] = ()


class NotFound(Refusal):
    """Unknown, or of another organization: the two are told apart nowhere."""


class OrganizationNotFound(NotFound):
    code = "organization.not_found"


class UserNotFound(NotFound):
    code = "user.not_found"


class UserAlreadyThere(Refusal):
    """Somebody of the organization has this e-mail address or this Slack user already."""

    code = "user.already_there"


class InvalidPerson(Refusal):
    """A person needs a name and an e-mail address; `details["field"]` names what is missing."""

    code = "user.invalid"


class UserHasBilans(Refusal):
    """The person stands in open bilans or has sessions to come, which their role is needed for."""

    code = "user.has_bilans"


class LastAdministrator(Refusal):
    """An organization keeps at least one administrator."""

    code = "user.last_admin"


class InvalidPreferences(Refusal):
    """A choice of one's own that cannot be; `details["field"]` names it."""

    code = "preferences.invalid"


class WorkspaceAlreadyLinked(Refusal):
    """Another organization has this Slack workspace."""

    code = "organization.workspace_already_linked"


class HasAnotherWorkspace(Refusal):
    """The organization lives in another Slack workspace; an administrator of the server may move it."""

    code = "organization.has_another_workspace"


class WorkspaceUnknown(NotFound):
    """No organization has this Slack workspace, and none was named."""

    code = "organization.workspace_unknown"


class TicketInvalid(Refusal):
    """A link, or a step of an installation, that is forged, over, used, or begun in another browser."""

    code = "ticket.invalid"


class BilanNotFound(NotFound):
    code = "bilan.not_found"


class SlotNotFound(NotFound):
    code = "slot.not_found"


class TimeOffNotFound(NotFound):
    code = "time_off.not_found"


class BookingNotFound(NotFound):
    code = "booking.not_found"


class NotAllowed(Refusal):
    """The actor's role, or their part in the booking, does not permit the action."""

    code = "actor.not_allowed"


class InvalidTimeRange(Refusal):
    code = "time.invalid_range"


class UnknownZone(Refusal):
    code = "time.unknown_zone"


class LocalTimeDoesNotExist(Refusal):
    """The clocks jump over this wall-clock time (start of summer time)."""

    code = "time.does_not_exist"


class InvalidSlot(Refusal):
    code = "slot.invalid"


class InvalidPolicy(Refusal):
    """A choice cannot be made; `details["field"]` names it."""

    code = "policy.invalid"


class PolicyOutOfBounds(InvalidPolicy):
    """A number is less than `details["least"]` or more than `details["most"]`."""

    code = "policy.out_of_bounds"


class BilanNotActive(Refusal):
    code = "bilan.not_active"


class TooManyHours(Refusal):
    """A bilan lasts 24 hours at most (article L6313-4 of the Code du travail)."""

    code = "bilan.too_many_hours"


class HoursExhausted(Refusal):
    """The bilan's hours do not suffice: `remaining_minutes` are left, `wanted_minutes` were asked for."""

    code = "bilan.hours_exhausted"


class SlotUnavailable(Refusal):
    """The start `wanted_at` cannot be booked. `alternatives` carries the next free times when there are any."""

    wanted_at: datetime | None = None


class SlotTaken(SlotUnavailable):
    code = "slot.taken"


class SlotInThePast(SlotUnavailable):
    code = "slot.past"


class SlotBeyondHorizon(SlotUnavailable):
    code = "slot.horizon"


class SlotOutsideRules(SlotUnavailable):
    code = "slot.outside_rules"


class SlotInBuffer(SlotUnavailable):
    """The time between this session and its neighbours would be too short."""

    code = "slot.buffer"


class SlotTooSoon(SlotUnavailable):
    """The notice the consultant asks for is longer."""

    code = "slot.notice"


class SlotOverCap(SlotUnavailable):
    """The consultant has as many sessions that day, or that week, as they take."""

    code = "slot.cap"


class SlotOnHoliday(SlotUnavailable):
    code = "slot.holiday"


class SlotInTimeOff(SlotUnavailable):
    code = "slot.time_off"


class SlotBusyElsewhere(SlotUnavailable):
    """The consultant's own calendar has something then."""

    code = "slot.busy_elsewhere"


class SlotBusyUnknown(SlotUnavailable):
    """The consultant's calendar was not read lately enough to be relied on."""

    code = "slot.busy_unknown"


class BeneficiaryBusy(SlotUnavailable):
    """The beneficiary already has a session that overlaps."""

    code = "beneficiary.busy"


class IllegalTransition(Refusal):
    """The booking's state does not allow the action; `details["status"]` is the state it is in."""

    code = "booking.illegal_transition"


class BookingChanged(Refusal):
    """The booking is not as the caller knew it; `details["version"]` is what it is at now."""

    code = "booking.changed"


class ReasonRequired(Refusal):
    """Past a deadline, those who may still act say why."""

    code = "booking.reason_required"


class BookingTooLate(Refusal):
    """The deadline for moving or cancelling a session has passed."""

    code = "booking.too_late"


class BookingTooEarly(Refusal):
    """A session is neither opened nor over before its time."""

    code = "booking.too_early"


class SameTime(Refusal):
    """The session stands at this time already."""

    code = "booking.same_time"


class ProposalNotFound(NotFound):
    """Unknown, answered already, or overtaken by something else that was done with the booking."""

    code = "proposal.not_found"


class InvalidProposal(Refusal):
    """One to `details["most"]` different times are proposed at once."""

    code = "proposal.invalid"


class SessionNotCompleted(Refusal):
    """Only a session that took place is rated; `details["status"]` is the state it is in."""

    code = "booking.not_completed"


class RatingInvalid(Refusal):
    """A rating is a whole number from 1 to 5."""

    code = "rating.invalid"


class IdempotencyKeyReused(Refusal):
    """The key was given before, with another request."""

    code = "idempotency.key_reused"


class RequestRepeated(Refusal):
    """The front handed in a request that has been acted on already: it does nothing a second time."""

    code = "request.repeated"


class InvalidIdempotencyKey(Refusal):
    """A key is 1 to 255 printable characters."""

    code = "idempotency.invalid_key"


class PageLinkSpent(Refusal):
    """A link to a page of ours that was used, has expired, was replaced or is none: told apart nowhere."""

    code = "page_link.spent"


class CalendarNotLinked(NotFound):
    code = "calendar.not_linked"


class HoursNotApart(Refusal):
    """Bookable hours were to go where sessions go, or where events close times."""

    code = "calendar.hours_not_apart"


class CalendarChangeSettled(Refusal):
    """What was seen in the calendar is settled: answered, undone there, or overtaken by another time."""

    code = "calendar_change.settled"


class TextInvalid(Refusal):
    """A text is too long or holds control characters; `details["field"]` names it."""

    code = "text.invalid"


class LinkInvalid(TextInvalid):
    """A link is no https address."""

    code = "link.invalid"
