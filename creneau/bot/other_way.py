"""What becomes of a message that Slack cannot deliver: an e-mail, or else those concerned are told, once."""

from datetime import datetime

import structlog

from creneau.bot.calling import SlackRefused
from creneau.bot.outbox import Outbox
from creneau.bot.presence.views import undelivered
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.emails import BY_EMAIL, EmailKey, EmailState
from creneau.core.domain.ids import UserId
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import Role
from creneau.core.services.people import PeopleService
from creneau.mail.postman import Outcome, Postman

log = structlog.get_logger()


class OtherWay:
    def __init__(self, postman: Postman, outbox: Outbox, people: PeopleService) -> None:
        self._postman = postman
        self._outbox = outbox
        self._people = people

    def is_taken(self, file: BookingFile, recipient_id: UserId, purpose: Purpose, version: int) -> bool:
        """Tell whether a message went this way before: then Slack is not asked again, even if it could by now."""
        return purpose in BY_EMAIL and self._postman.has_begun(_key(file, recipient_id, purpose, version))

    def take(
        self,
        file: BookingFile,
        recipient_id: UserId,
        purpose: Purpose,
        version: int,
        problem: str,
        wanted_at: datetime,
    ) -> Outcome:
        """Deliver a message that Slack refused for good, with its word for why.

        Raises: MailUnavailable, SlackUnavailable: to be tried again.
        """
        if purpose not in BY_EMAIL:
            return Outcome(EmailState.FAILED, problem)
        outcome = self._postman.deliver(file, purpose, _key(file, recipient_id, purpose, version), problem, wanted_at)
        if outcome.state is EmailState.FAILED:
            self._tell(file, recipient_id)
        return outcome

    def _tell(self, file: BookingFile, missed_id: UserId) -> None:
        """Tell the other side, and administrators, who have not heard of it with the departure. Once a booking."""
        missed, booking = file.party(missed_id), file.booking
        try:
            self._outbox.tell_unreachable(file, missed_id, may_be_out=True)
        except SlackRefused as refused:
            log.warning("slack.unreachable_untold", booking_id=str(booking.id), problem=refused.problem)
        if missed.slack_left_at is not None:
            return
        metadata = {"undelivered": str(booking.id), "to": str(missed_id)}
        for admin in self._people.list_users(booking.organization_id):
            if admin.role is Role.ORG_ADMIN and admin.is_in_slack:
                self._outbox.tell(admin, undelivered(admin, file, missed), metadata, may_be_out=True)


def _key(file: BookingFile, recipient_id: UserId, purpose: Purpose, version: int) -> EmailKey:
    booking = file.booking
    return EmailKey(booking.organization_id, booking.id, recipient_id, purpose, version)
