"""The public keys of an identity provider (JWKS, RFC 7517): fetched when needed, kept a while, looked up by name."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from creneau.core.clock import Clock
from creneau.web.strict_json import parse_strictly

FRESH_FOR = timedelta(minutes=10)
"""After this the keys are fetched again when one is needed."""
USABLE_FOR = timedelta(hours=24)
"""How long keys serve while the provider does not answer."""
BETWEEN_FETCHES = timedelta(seconds=30)
"""A token can name any key: unknown names do not make us fetch more often than this."""

_SMALLEST_RSA = 2048
_MOST_KEYS = 100

_log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """The provider does not answer, and there are no keys, or none that are recent enough."""


class FetchFailed(Exception):
    """The provider did not answer with a key set. The message says why, for the log."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key and the one algorithm that it verifies: chosen by its kind, so that no token can choose."""

    public: Any
    algorithm: str


@dataclass(frozen=True, slots=True)
class _Keys:
    by_kid: Mapping[str, VerificationKey]
    fetched_at: datetime


class IdentityKeys:
    """Keys of one provider, for many threads: one of them fetches, the others go on with what is there."""

    def __init__(self, fetch: Callable[[], bytes], clock: Clock) -> None:
        """`fetch` raises FetchFailed; it is never called by two threads at once."""
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: _Keys | None = None
        self._tried_at: datetime | None = None

    def find(self, kid: str) -> VerificationKey | None:
        """Raises: KeysUnavailable."""
        keys = self._keys
        if keys is None or kid not in keys.by_kid or self._age(keys) >= FRESH_FOR:
            self._refresh(is_needed=keys is None or kid not in keys.by_kid)
            keys = self._keys
        if keys is None or self._age(keys) >= USABLE_FOR:
            raise KeysUnavailable
        return keys.by_kid.get(kid)

    def _refresh(self, *, is_needed: bool) -> None:
        """Fetch unless that was just tried. Waits for another thread's fetch only when its keys are needed."""
        if not self._lock.acquire(blocking=is_needed):
            return
        try:
            now = self._clock.now()
            if self._tried_at is not None and now - self._tried_at < BETWEEN_FETCHES:
                return
            self._tried_at = now
            try:
                self._keys = _Keys(read_keys(self._fetch()), now)
            except FetchFailed as failure:
                _log.warning("auth.keys_unavailable", problem=str(failure))
        finally:
            self._lock.release()

    def _age(self, keys: _Keys) -> timedelta:
        return self._clock.now() - keys.fetched_at


def read_keys(document: bytes) -> dict[str, VerificationKey]:
    """Read a key set: the keys in it that can verify a signature, by `kid`. Raises: FetchFailed when there are none."""
    try:
        listed = parse_strictly(document)["keys"]
    except (ValueError, TypeError, KeyError):
        raise FetchFailed("not a key set") from None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise FetchFailed("not a key set")
    found: dict[str, VerificationKey] = {}
    for entry in listed:
        key = _to_key(entry)
        if key is not None:
            found.setdefault(entry["kid"], key)
    if not found:
        raise FetchFailed("no key that can be used")
    return found


def _to_key(entry: Any) -> VerificationKey | None:
    """Return a key that is meant for signatures and strong enough. Secrets (`oct`) are none: anybody can read them."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
        return None
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(entry.get("kty")))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    try:
        public = jwt.PyJWK({**entry, "alg": algorithm}).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    match public:
        case RSAPublicKey() if public.key_size >= _SMALLEST_RSA:
            return VerificationKey(public, algorithm)
        case EllipticCurvePublicKey() if public.curve.name == "secp256r1":
            return VerificationKey(public, algorithm)
    return None
