"""A booking with all that its messages and windows say of it, read at one moment: what they may show and offer."""

from dataclasses import dataclass
from datetime import datetime

from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.calendar_change import CalendarQuestion
from creneau.core.domain.ids import ProposalId
from creneau.core.domain.lifecycle import (
    Action,
    deadline_of,
    free_until,
    is_locked_out,
    needs_reason,
    next_status,
    possible_actions,
    require_begun,
)
from creneau.core.domain.messages import Place, PostedMessage, Purpose
from creneau.core.domain.people import Actor, User
from creneau.core.domain.policy import Policy
from creneau.core.domain.proposal import Proposal
from creneau.core.domain.rating import can_rate


@dataclass(frozen=True, slots=True)
class BookingFile:
    """A booking with its people, what is proposed, and the messages that are out about it, read at one moment."""

    booking: Booking
    consultant: User
    beneficiary: User
    messages: tuple[PostedMessage, ...]
    hours: BilanHours
    policy: Policy
    proposals: tuple[Proposal, ...]
    """Those that wait for an answer."""
    read_at: datetime
    question: CalendarQuestion | None = None
    """What its consultant is asked about the session in their own calendar."""
    gone: frozenset[ProposalId] = frozenset()
    """Those of the proposals that could not be accepted any more: the time was taken, or has passed."""

    def told(self, recipient: User, purpose: Purpose, place: Place) -> PostedMessage:
        """Return what is remembered of a message that speaks of the booking as it is here."""
        booking = self.booking
        return PostedMessage(
            booking.id, recipient.id, purpose, place.channel_id, place.ts, booking.version, booking.span.starts_at
        )

    def party(self, user_id: object) -> User:
        return self.consultant if user_id == self.consultant.id else self.beneficiary

    def other(self, user: User) -> User:
        """Whom a party has the session with."""
        return self.beneficiary if user.id == self.consultant.id else self.consultant

    @property
    def is_live(self) -> bool:
        return self.booking.is_live

    @property
    def is_asked(self) -> bool:
        """Whether the booking is a request that waits for its answer."""
        return self.booking.status is Status.SCHEDULED

    @property
    def is_agreed(self) -> bool:
        """Whether both sides agreed and nothing came of it yet."""
        return self.booking.status is Status.CONFIRMED

    @property
    def is_to_come(self) -> bool:
        """Whether both sides are to meet, or are meeting: where to is worth showing."""
        return self.booking.status in (Status.CONFIRMED, Status.IN_PROGRESS)

    @property
    def is_rated(self) -> bool:
        """Whether the beneficiary said how it was. What a consultant recorded for them does not count."""
        return self.booking.rated_by == self.booking.beneficiary_id

    def require_recordable(self, actor: Actor, *, has_attended: bool) -> None:
        """Raise what recording the outcome of the session now would: see `usecases.sessions.complete`."""
        action = Action.COMPLETE if has_attended else Action.NO_SHOW
        next_status(self.booking, action, actor)
        require_begun(self.booking, action, self.read_at)

    def can_rate(self, user: User) -> bool:
        return can_rate(self.booking, Actor.from_user(user))

    def waits_for(self, user: User) -> bool:
        """Whether an answer is asked of a person: of the consultant to a request, of the beneficiary to proposals."""
        return bool({Action.CONFIRM, Action.ACCEPT} & self.actions_of(user))

    def told_before(self, user: User) -> datetime | None:
        """Return the time that a person was last asked about, where the booking has another by now."""
        told = [message.starts_at for message in self.messages if message.recipient_id == user.id]
        others = [starts_at for starts_at in told if starts_at not in (None, self.booking.span.starts_at)]
        return others[-1] if others else None

    def free_until(self, action: Action) -> datetime:
        """Return the last instant at which the beneficiary may take an action with a deadline alone."""
        return free_until(self.booking, deadline_of(self.policy, action))

    def has_deadline(self, action: Action) -> bool:
        """Whether the centre set a deadline for an action, and this booking's time is bound by it."""
        return bool(deadline_of(self.policy, action))

    def is_too_late(self, user: User, action: Action) -> bool:
        """Whether a person could do something alone once, and now has to ask for it."""
        return is_locked_out(self.booking, Actor.from_user(user), self.policy, action, self.read_at)

    def needs_reason(self, user: User, action: Action) -> bool:
        """Whether a person who may still do something will be asked why."""
        return needs_reason(self.booking, Actor.from_user(user), self.policy, action, self.read_at)

    def actions_of(self, user: User) -> frozenset[Action]:
        """What a person may do with the booking at this moment."""
        actor = Actor.from_user(user)
        return possible_actions(self.booking, actor, self.policy, self.read_at, is_proposed_to=bool(self.proposals))
