"""EmailService: the ledger of e-mails about bookings. A message is written here before it is sent: there is one."""

from datetime import datetime

from creneau.core.clock import Clock
from creneau.core.domain.emails import SETTLED, Email, EmailKey, EmailState
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings, emails, users
from creneau.core.storage.database import Database, Transaction

_OPEN = frozenset(EmailState) - SETTLED


class EmailService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def is_known(self, key: EmailKey) -> bool:
        """Tell whether a message went, or goes, by e-mail: then it is none for Slack any more."""
        with self._database.transaction(key.organization_id) as tx:
            return emails.find(tx, key) is not None

    def claim(self, key: EmailKey, slack_problem: str, wanted_at: datetime) -> Email:
        """Write down that a message goes by e-mail, and return how it stands. WAITING: it is to be sent.

        One that was handed over before without an answer is AMBIGUOUS from now on, and so is one that was wanted before
        a backup was restored: it may have gone out since. Somebody who was let go gets none.
        """
        with self._database.transaction(key.organization_id) as tx:
            email = emails.claim(tx, key, slack_problem, self._clock.now())
            if email.state in SETTLED:
                return email
            outcome = self._outcome(tx, email, wanted_at)
            changed = emails.change(tx, key, _OPEN, *outcome) if outcome else None
            return changed or email

    def begin_sending(self, key: EmailKey) -> bool:
        """Note, before a server gets the text, that it may be out from now on; False when somebody else did."""
        with self._database.transaction(key.organization_id) as tx:
            began = emails.change(tx, key, {EmailState.WAITING}, EmailState.SENDING, self._clock.now())
            return began is not None

    def record_sent(self, key: EmailKey) -> None:
        with self._database.transaction(key.organization_id) as tx:
            taken = {EmailState.SENDING, EmailState.AMBIGUOUS}  # AMBIGUOUS: somebody came by while ours was slow
            emails.change(tx, key, taken, EmailState.SENT, self._clock.now())

    def record(self, key: EmailKey, state: EmailState, reason: str) -> None:
        """Record that a message was not sent (WAITING: yet), or that nobody knows."""
        with self._database.transaction(key.organization_id) as tx:
            emails.change(tx, key, _OPEN, state, self._clock.now(), reason)

    def list_of_booking(self, actor: Actor, booking_id: BookingId) -> list[Email]:
        """List the e-mails about a booking and what came of them. Raises: `booking.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            require_visible(bookings.get(tx, actor.organization_id, booking_id), actor)
            return emails.list_of_booking(tx, actor.organization_id, booking_id)

    def _outcome(self, tx: Transaction, email: Email, wanted_at: datetime) -> tuple[EmailState, datetime, str] | None:
        """Return what has come of a message that nobody has settled; None: it is to be sent."""
        now, key = self._clock.now(), email.key
        restored_at = emails.last_restored_at(tx)
        if restored_at is not None and wanted_at <= restored_at:
            return EmailState.AMBIGUOUS, now, "restored"
        if email.state is EmailState.SENDING:
            return EmailState.AMBIGUOUS, now, "no_answer"
        if users.find(tx, key.organization_id, key.recipient_id) is None:
            return EmailState.FAILED, now, "recipient_let_go"
        return None
