"""What came of a request, in the words that a consultant can read."""

from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarError,
    CalendarMistrusted,
    CalendarNotMade,
    CalendarUnavailable,
    ForeignObject,
    HostNotAllowed,
    NotThere,
)
from creneau.core.domain.calendar import PushFailure
from creneau.core.secrets import SecretUnreadable

_FAILURES: tuple[tuple[type[Exception], PushFailure], ...] = (
    (AuthenticationFailed, PushFailure.WRONG_PASSWORD),
    (HostNotAllowed, PushFailure.HOST_NOT_ALLOWED),
    (NotThere, PushFailure.NOT_FOUND),
    (CalendarMistrusted, PushFailure.MISTRUSTED),
    (CalendarNotMade, PushFailure.NOT_MADE),
    (ForeignObject, PushFailure.OTHER_EVENT),
    (CalendarUnavailable, PushFailure.UNREACHABLE),
    (CalendarError, PushFailure.REFUSED),
    (SecretUnreadable, PushFailure.UNREADABLE),
)


def failure_of(error: Exception) -> PushFailure | None:
    """Return what a consultant can read of an error; None: a defect of ours is not theirs to read."""
    return next((failure for kind, failure in _FAILURES if isinstance(error, kind)), None)
