"""Bearer tokens (JWT): what may be read from one once its signature, its times and its addressee are known to be good.

The algorithm and the key are ours to choose, never the token's: of its header only `kid` is read, as a name to look up.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import jwt

from creneau.core.clock import Clock
from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Membership, User
from creneau.core.services.admission import AdmissionService
from creneau.web.keys import IdentityKeys
from creneau.web.strict_json import parse_strictly

ALGORITHM = "HS256"
LEEWAY = timedelta(seconds=30)

_SHORTEST_SECRET = 32  # bytes, RFC 7518 section 3.2
_LONGEST_EMAIL = 320
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REQUIRED = ("sub", "iat", "exp", "aud", "iss")
_OWN_KEYS = frozenset({"jwk", "jku", "x5u", "x5c"})


class Unauthenticated(Refusal):
    """No token, or one that is not good: which of the many reasons it was is told to nobody."""

    code = "auth.required"


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """How we sign tokens ourselves. Raises ValueError for a secret of less than 32 bytes."""

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


class Tokens(Protocol):
    def list_memberships(self, token: str) -> list[Membership]:
        """Return whom a token may speak for: one at least. Whether they are still there is looked up later.

        Raises: `auth.required`.
        """
        ...


class OwnTokens:
    """Tokens that we signed: each names one person of one organization."""

    def __init__(self, settings: TokenSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def list_memberships(self, token: str) -> list[Membership]:
        _read_header(token)
        claims = _verify(
            token, self._settings.secret, ALGORITHM, self._settings.audience, self._settings.issuer, self._clock.now()
        )
        return [Membership(OrganizationId(_id_claim(claims, "org")), UserId(_id_claim(claims, "sub")))]


class ProviderTokens:
    """Tokens of an identity provider: whoever has the e-mail address that it verified, in each organization."""

    def __init__(
        self, keys: IdentityKeys, audience: str, issuer: str, admission: AdmissionService, clock: Clock
    ) -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer
        self._admission = admission
        self._clock = clock

    def list_memberships(self, token: str) -> list[Membership]:
        """Raises: `auth.required`; KeysUnavailable."""
        kid = _read_header(token).get("kid")
        key = self._keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise Unauthenticated
        claims = _verify(token, key.public, key.algorithm, self._audience, self._issuer, self._clock.now())
        memberships = self._admission.list_memberships(_verified_email(claims))
        if not memberships:
            raise Unauthenticated
        return memberships


def _read_header(token: str) -> dict[str, Any]:
    """Return a token's header, which proves nothing. One that brings a key of its own is refused."""
    header = _part(token, 0)
    if _OWN_KEYS & header.keys():
        raise Unauthenticated
    return header


def _verify(token: str, key: Any, algorithm: str, audience: str, issuer: str, now: datetime) -> dict[str, Any]:
    try:
        jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            # The library reads the machine's clock, so the times are checked below against ours.
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Unauthenticated from None
    claims = _part(token, 1)  # read again, strictly: the library takes the last of two claims of one name
    at, leeway = int(now.timestamp()), int(LEEWAY.total_seconds())
    if _time_claim(claims, "exp") + leeway <= at:
        raise Unauthenticated
    if any(_time_claim(claims, name) - leeway > at for name in ("iat", "nbf") if name in claims):
        raise Unauthenticated
    return claims


def _part(token: str, place: int) -> dict[str, Any]:
    try:
        encoded = token.split(".")[place]
        read = parse_strictly(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, IndexError):
        raise Unauthenticated from None
    if not isinstance(read, dict):
        raise Unauthenticated
    return read


def _verified_email(claims: Mapping[str, object]) -> str:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        raise Unauthenticated
    if "@" not in email or len(email) > _LONGEST_EMAIL or not email.isprintable():
        raise Unauthenticated
    return email


def _id_claim(claims: Mapping[str, object], name: str) -> UUID:
    value = claims.get(name)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Unauthenticated
    return UUID(value)


def _time_claim(claims: Mapping[str, object], name: str) -> int:
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unauthenticated
    return value
