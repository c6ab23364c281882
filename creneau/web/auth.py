"""Who calls the API: bearer tokens (JWT, HS256) in, an Actor out. The role is the database's, never the token's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from werkzeug.datastructures import Headers

from creneau.core.clock import Clock
from creneau.core.domain.errors import NotAllowed, OrganizationNotFound, Refusal, UserNotFound
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.services.people import PeopleService

ALGORITHM = "HS256"
LEEWAY = timedelta(seconds=30)
ORGANIZATION_HEADER = "x-organization-id"

_SHORTEST_SECRET = 32  # bytes, RFC 7518 section 3.2
_LONGEST_TOKEN = 4096
_BEARER = re.compile(r"Bearer +([A-Za-z0-9_.-]+)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REQUIRED = ("sub", "org", "iat", "exp", "aud", "iss")


class Unauthenticated(Refusal):
    """No token, or one that is not good: which of the many reasons it was is told to nobody."""

    code = "auth.required"


class MalformedId(Refusal):
    """Not a UUID, where the address or a header must carry one; `details["field"]` names it."""

    code = "request.malformed_id"


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Raises ValueError for a secret of less than 32 bytes."""

    secret: str = field(repr=False)
    audience: str
    issuer: str

    def __post_init__(self) -> None:
        if len(self.secret.encode()) < _SHORTEST_SECRET:
            raise ValueError(f"the secret of API tokens needs {_SHORTEST_SECRET} bytes or more")


def issue_token(settings: TokenSettings, user: User, now: datetime, lifetime: timedelta) -> str:
    """Return a bearer token that speaks for a user until its lifetime has passed."""
    claims = {
        "sub": str(user.id),
        "org": str(user.organization_id),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "aud": settings.audience,
        "iss": settings.issuer,
    }
    return jwt.encode(claims, settings.secret, algorithm=ALGORITHM)


class Authenticator:
    """Turns the headers of a request into the actor it speaks for."""

    def __init__(self, settings: TokenSettings, people: PeopleService, clock: Clock) -> None:
        self._settings = settings
        self._people = people
        self._clock = clock

    def actor(self, headers: Headers) -> Actor:
        """Return who asks.

        Raises: `auth.required`, `organization.not_found` when `x-organization-id` names another organization than
        the token, `request.malformed_id` when it names none.
        """
        claims = self._verified_claims(_bearer(headers))
        organization_id, user_id = OrganizationId(_id_claim(claims, "org")), UserId(_id_claim(claims, "sub"))
        try:
            user = self._people.get_user(organization_id, user_id)
        except UserNotFound:
            raise Unauthenticated from None
        asked_for = headers.get(ORGANIZATION_HEADER)
        if asked_for is not None and parse_id(asked_for, ORGANIZATION_HEADER) != organization_id:
            raise OrganizationNotFound
        return Actor.from_user(user)

    def _verified_claims(self, token: str) -> dict[str, object]:
        try:
            claims: dict[str, object] = jwt.decode(
                token,
                self._settings.secret,
                algorithms=[ALGORITHM],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                # The library reads the machine's clock, so the times are checked below against ours.
                options={"require": list(_REQUIRED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise Unauthenticated from None
        now, leeway = int(self._clock.now().timestamp()), int(LEEWAY.total_seconds())
        if _time_claim(claims, "exp") + leeway <= now:
            raise Unauthenticated
        if any(_time_claim(claims, name) - leeway > now for name in ("iat", "nbf") if name in claims):
            raise Unauthenticated
        return claims


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise `actor.not_allowed` unless the actor has one of the roles."""
    if actor.role not in roles:
        raise NotAllowed


def parse_id(value: str, name: str) -> UUID:
    """Return a UUID in its usual form. Raises: `request.malformed_id`."""
    if not _UUID.fullmatch(value):
        raise MalformedId(field=name)
    return UUID(value)


def _bearer(headers: Headers) -> str:
    header = headers.get("Authorization", "")
    bearer = _BEARER.fullmatch(header) if len(header) <= _LONGEST_TOKEN else None
    if bearer is None:
        raise Unauthenticated
    return bearer[1]


def _id_claim(claims: Mapping[str, object], name: str) -> UUID:
    value = claims[name]
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Unauthenticated
    return UUID(value)


def _time_claim(claims: Mapping[str, object], name: str) -> int:
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unauthenticated
    return value
