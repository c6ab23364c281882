"""Tickets: short-lived values that travel through a browser and come back, sealed so that nobody reads or forges them.

Each is for one purpose: a ticket for one thing opens nothing else. Who takes it decides whether it may be used twice.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from creneau.core.clock import Clock
from creneau.core.domain.errors import TicketInvalid
from creneau.core.secrets import SecretBox, SecretUnreadable

_LONGEST = 4096


class Tickets:
    def __init__(self, box: SecretBox, clock: Clock) -> None:
        self._box = box
        self._clock = clock

    def issue(self, purpose: str, values: Mapping[str, str], expires_at: datetime) -> str:
        """Return a ticket that is safe in a URL."""
        sealed = self._box.encrypt(json.dumps([int(expires_at.timestamp()), dict(values)]), _row_name(purpose))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, purpose: str, ticket: str) -> dict[str, str]:
        """Raises: `ticket.invalid` for one that is forged, for something else, or over."""
        if len(ticket) > _LONGEST:
            raise TicketInvalid
        try:
            sealed = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
            seconds, values = json.loads(self._box.decrypt(sealed, _row_name(purpose)))
        except (SecretUnreadable, binascii.Error, ValueError) as error:
            raise TicketInvalid from error
        if datetime.fromtimestamp(seconds, UTC) <= self._clock.now():
            raise TicketInvalid
        return dict(values)


def _row_name(purpose: str) -> str:
    return f"ticket:{purpose}"
