"""Refusals: every reason the core says no, as a class with a stable dotted code.

No text, no HTTP status and no Slack here: sentences live in the catalogs, statuses in `web`, surfaces in `bot`.
"""

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


class WorkspaceAlreadyLinked(Refusal):
    """Another organization has this Slack workspace."""

    code = "organization.workspace_already_linked"


class BilanNotFound(NotFound):
    code = "bilan.not_found"


class SlotNotFound(NotFound):
    code = "slot.not_found"


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


class BilanNotActive(Refusal):
    code = "bilan.not_active"


class SlotUnavailable(Refusal):
    """This start cannot be booked. `alternatives` carries the next free times when there are any."""


class SlotTaken(SlotUnavailable):
    code = "slot.taken"


class SlotInThePast(SlotUnavailable):
    code = "slot.past"


class SlotBeyondHorizon(SlotUnavailable):
    code = "slot.horizon"


class SlotOutsideRules(SlotUnavailable):
    code = "slot.outside_rules"


class BeneficiaryBusy(SlotUnavailable):
    """The beneficiary already has a session that overlaps."""

    code = "beneficiary.busy"


class IllegalTransition(Refusal):
    """The booking's state does not allow the action; `details["status"]` is the state it is in."""

    code = "booking.illegal_transition"


class ReasonRequired(Refusal):
    code = "booking.reason_required"


class TextInvalid(Refusal):
    """A text is too long or holds control characters; `details["field"]` names it."""

    code = "text.invalid"
