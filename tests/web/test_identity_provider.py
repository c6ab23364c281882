"""Tokens of an identity provider: its keys open the API to the people whose address it verified, and to nobody else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from flask import Flask

from creneau.calendar_sync.hosts import Hosts
from creneau.core.domain.people import Membership, Role
from creneau.core.services.admission import AdmissionService
from creneau.core.storage.database import Database
from creneau.web import jwks
from creneau.web.application import WebParts, create_web
from creneau.web.jwks import open_jwks
from creneau.web.keys import FetchFailed, IdentityKeys, read_keys
from creneau.web.tokens import ProviderTokens
from tests.conftest import MONDAY, Centre, MovableClock, Urls, build_centre, plain
from tests.web.api_client import API, build_authenticator, services_of
from tests.web.conftest import RelayedClock
from tests.web.identity_provider import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    RSA_KEY,
    IdentityProvider,
    public_jwk,
    running_provider,
    sign,
)

Claims = dict[str, object]
OTHER_KEY = rsa.generate_private_key(65537, 2048)
LOOPBACK = Hosts.parse(["127.0.0.1"])


@pytest.fixture(scope="module")
def server() -> Iterator[IdentityProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def provider(server: IdentityProvider) -> IdentityProvider:
    fresh = IdentityProvider()
    server.keys, server.fault, server.fetches = fresh.keys, None, 0
    return server


class RelayedTokens:
    """The tokens of whichever test runs."""

    tokens: ProviderTokens

    def list_memberships(self, token: str) -> list[Membership]:
        return self.tokens.list_memberships(token)


@pytest.fixture(scope="module")
def relayed(database: Database) -> tuple[Flask, RelayedClock, RelayedTokens]:
    """The web front, built once: its document takes a third of a second."""
    relay, tokens = RelayedClock(MovableClock(MONDAY)), RelayedTokens()
    centre = build_centre(database, relay)
    authenticator = build_authenticator(centre, relay, tokens=tokens)
    return create_web(WebParts(services_of(centre, relay), authenticator, dict)), relay, tokens


@pytest.fixture
def app(
    relayed: tuple[Flask, RelayedClock, RelayedTokens],
    clock: MovableClock,
    database: Database,
    provider: IdentityProvider,
) -> Flask:
    app, relay, tokens = relayed
    relay.clock = clock
    keys = IdentityKeys(open_jwks(f"{provider.url}/keys", LOOPBACK), clock)
    tokens.tokens = ProviderTokens(keys, AUDIENCE, ISSUER, AdmissionService(database, clock), clock)
    return app


def claims_of(centre: Centre, clock: MovableClock, **changes: object) -> Claims:
    now = int(clock.now().timestamp())
    claims: Claims = {
        "sub": "auth0|1234",
        "email": centre.beneficiary.email,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
        "aud": [AUDIENCE, "account"],
        "iss": ISSUER,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def ask(app: Flask, centre: Centre, token: str, **headers: str) -> Any:
    path = f"{API}/availability/{centre.consultant.id}/slots"
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}", **headers})


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(RSA_KEY, "RS256", "rsa-1"), (EC_KEY, "ES256", "ec-1")], ids=["RS256", "ES256"]
)
def test_a_token_of_the_provider_opens_the_api(
    app: Flask, centre: Centre, clock: MovableClock, key: Any, algorithm: str, kid: str
):
    token = sign(claims_of(centre, clock), key, algorithm, kid=kid)

    assert ask(app, centre, token).status_code == 200


def test_the_address_is_compared_without_its_case_and_the_role_is_the_database_s(
    app: Flask, centre: Centre, clock: MovableClock
):
    token = sign(claims_of(centre, clock, email=centre.beneficiary.email.upper(), role="ORG_ADMIN", org=str(uuid4())))
    rule = {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00", "consultant_id": str(centre.consultant.id)}

    assert ask(app, centre, token).status_code == 200
    answer = app.test_client().post(f"{API}/availability", json=rule, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


# Which organization


def test_the_header_chooses_among_the_organizations_of_a_person(
    app: Flask, centre: Centre, other_centre: Centre, clock: MovableClock
):
    email = centre.beneficiary.email
    other_centre.people.add_user(other_centre.organization, Role.CONSULTANT, "Marie Durand", email)
    token = sign(claims_of(centre, clock))
    ours, theirs = str(centre.organization.id), str(other_centre.organization.id)

    undecided = ask(app, centre, token)

    assert (undecided.status_code, undecided.json["code"]) == (400, "organization.required")
    assert undecided.json["details"] == {"organization_ids": sorted([ours, theirs])}
    assert ask(app, centre, token, **{"x-organization-id": ours}).status_code == 200
    assert ask(app, other_centre, token, **{"x-organization-id": theirs}).status_code == 200
    assert ask(app, centre, token, **{"x-organization-id": theirs}).json["code"] == "user.not_found"


def test_the_header_opens_no_organization_that_the_person_does_not_belong_to(
    app: Flask, centre: Centre, other_centre: Centre, clock: MovableClock
):
    token = sign(claims_of(centre, clock))

    for organization in (other_centre.organization.id, uuid4()):
        answer = ask(app, other_centre, token, **{"x-organization-id": str(organization)})
        assert (answer.status_code, answer.json["code"]) == (404, "organization.not_found")
    assert ask(app, centre, token, **{"x-organization-id": "1' or '1'='1"}).status_code == 400


def test_whoever_left_is_refused_at_once(app: Flask, centre: Centre, clock: MovableClock, worker_urls: Urls):
    token = sign(claims_of(centre, clock))
    assert ask(app, centre, token).status_code == 200

    with psycopg.connect(plain(worker_urls.owner)) as owner:
        owner.execute("update users set deleted_at = now() where id = %s", (centre.beneficiary.id,))

    assert ask(app, centre, token).status_code == 401


# What is refused, all alike


def with_public_key_as_secret(claims: Claims) -> str:
    """HS256 with the published key for a secret: what a library accepts that believes the token's `alg`."""
    pem = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}) + "." + encoded(claims)
    return head + "." + bare(hmac.new(pem, head.encode(), hashlib.sha256).digest())


def with_doubled_claim(claims: Claims) -> str:
    """Signed well, with the address twice: readers could disagree on which one counts."""
    return signed_text(json.dumps(claims)[:-1] + ', "email": "victim@example.org"}')


def signed_text(payload: str) -> str:
    head = encoded({"alg": "RS256", "kid": "rsa-1"}) + "." + bare(payload.encode())
    return head + "." + bare(RSA_KEY.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))


def encoded(part: object) -> str:
    return bare(json.dumps(part).encode())


def bare(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def own_key(name: str, value: object) -> Callable[[Claims], str]:
    return lambda claims: sign(claims, OTHER_KEY, **{name: value})


TRICKS: dict[str, Callable[[Claims], str]] = {
    "none": lambda claims: encoded({"alg": "none", "kid": "rsa-1"}) + "." + encoded(claims) + ".",
    "HS256 with the public key": with_public_key_as_secret,
    "HS256 with a secret": lambda claims: sign(claims, "k" * 32, "HS256"),
    "RS512 with the right key": lambda claims: sign(claims, RSA_KEY, "RS512"),
    "PS256 with the right key": lambda claims: sign(claims, RSA_KEY, "PS256"),
    "RS256 under the name of the EC key": lambda claims: sign(claims, RSA_KEY, kid="ec-1"),
    "ES256 under the name of the RSA key": lambda claims: sign(claims, EC_KEY, "ES256"),
    "another key": lambda claims: sign(claims, OTHER_KEY),
    "no kid": lambda claims: encoded({"alg": "RS256"}) + "." + sign(claims).split(".", 1)[1],
    "unknown kid": lambda claims: sign(claims, kid="rsa-2"),
    "kid that is a path": lambda claims: sign(claims, kid="../../../../dev/null"),
    "kid that is an address": lambda claims: sign(claims, kid="https://evil.example.org/keys"),
    "kid that is SQL": lambda claims: sign(claims, kid="' union select 'secret"),
    "kid with NUL": lambda claims: sign(claims, kid="rsa-1\0"),
    "kid that is long": lambda claims: sign(claims, kid="k" * 2000),
    "kid that is a number": lambda claims: encoded({"alg": "RS256", "kid": 1}) + "." + sign(claims).split(".", 1)[1],
    "jwk in the header": lambda claims: sign(claims, OTHER_KEY, jwk=public_jwk(OTHER_KEY, "rsa-1")),
    "jku": own_key("jku", "http://127.0.0.1:1/keys"),
    "x5u": own_key("x5u", "http://127.0.0.1:1/keys"),
    "x5c": own_key("x5c", ["MIIB"]),
    "jku beside a good signature": lambda claims: sign(claims, jku="http://127.0.0.1:1/keys"),
    "crit": lambda claims: sign(claims, crit=["b64"], b64=False),
    "doubled claim": with_doubled_claim,
    "NaN": lambda claims: signed_text(json.dumps(claims)[:-1] + ', "n": NaN}'),
    "no object": lambda _: signed_text("[]"),
    "address not verified": lambda claims: sign({**claims, "email_verified": False}),
    "verified in words": lambda claims: sign({**claims, "email_verified": "true"}),
    "address of nobody": lambda claims: sign({**claims, "email": "nobody@example.org"}),
    "address that is a list": lambda claims: sign({**claims, "email": [claims["email"]]}),
    "address with NUL": lambda claims: sign({**claims, "email": f"{claims['email']}\0"}),
    "address with a wildcard": lambda claims: sign({**claims, "email": "%@example.org"}),
    "wrong audience": lambda claims: sign({**claims, "aud": "account"}),
    "wrong issuer": lambda claims: sign({**claims, "iss": ISSUER.rstrip("/")}),
    "expired": lambda claims: sign({**claims, "exp": claims["iat"] - 31}),
    "not yet": lambda claims: sign({**claims, "nbf": claims["exp"]}),
    "from the future": lambda claims: sign({**claims, "iat": claims["exp"]}),
    "huge": lambda claims: sign({**claims, "pad": "x" * 60_000}),
    "bad base64": lambda claims: sign(claims).replace(".", ".=", 1),
    "two parts": lambda claims: sign(claims).rsplit(".", 1)[0],
    "own token": lambda claims: sign({**claims, "sub": str(uuid4()), "org": str(uuid4()), "email": None}),
    **{
        f"no {name}": lambda claims, name=name: sign({k: v for k, v in claims.items() if k != name})
        for name in ("sub", "iat", "exp", "aud", "iss", "email", "email_verified")
    },
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_bad_token_is_refused_in_the_same_words(app: Flask, centre: Centre, clock: MovableClock, trick: str):
    good = sign(claims_of(centre, clock))
    bare_answer = app.test_client().get(f"{API}/availability/{centre.consultant.id}/slots")

    answer = ask(app, centre, TRICKS[trick](claims_of(centre, clock)))

    assert (answer.status_code, answer.data) == (401, bare_answer.data)
    assert sorted(answer.headers.keys()) == sorted(bare_answer.headers.keys())
    assert ask(app, centre, good).status_code == 200


# Keys come and go


def test_keys_are_fetched_once_and_again_after_ten_minutes(
    app: Flask, centre: Centre, clock: MovableClock, provider: IdentityProvider
):
    token = sign(claims_of(centre, clock))
    for _ in range(5):
        assert ask(app, centre, token).status_code == 200
    assert provider.fetches == 1

    clock.move(minutes=10)
    assert ask(app, centre, token).status_code == 200
    assert provider.fetches == 2


def test_a_new_key_is_found_at_its_first_use_and_a_withdrawn_one_is_forgotten(
    app: Flask, centre: Centre, clock: MovableClock, provider: IdentityProvider
):
    old, new = sign(claims_of(centre, clock)), sign(claims_of(centre, clock), OTHER_KEY, kid="rsa-2")
    assert ask(app, centre, old).status_code == 200

    provider.keys = [public_jwk(OTHER_KEY, "rsa-2")]
    clock.move(seconds=30)

    assert ask(app, centre, new).status_code == 200
    assert ask(app, centre, old).status_code == 401


def test_unknown_names_of_keys_do_not_make_us_ask_more_than_twice_a_minute(
    app: Flask, centre: Centre, clock: MovableClock, provider: IdentityProvider
):
    for n in range(20):
        assert ask(app, centre, sign(claims_of(centre, clock), kid=f"guess-{n}")).status_code == 401
    assert provider.fetches == 1

    clock.move(seconds=30)
    for n in range(20):
        ask(app, centre, sign(claims_of(centre, clock), kid=f"guess-{n}"))
    assert provider.fetches == 2


@pytest.mark.parametrize("fault", [500, 404, "drop", "redirect", "huge", "garbage"])
def test_while_the_provider_is_down_its_last_keys_serve_for_a_day(
    app: Flask, centre: Centre, clock: MovableClock, provider: IdentityProvider, fault: int | str
):
    token = sign(claims_of(centre, clock, exp=int(clock.now().timestamp()) + 10**6))
    assert ask(app, centre, token).status_code == 200

    provider.fault = fault
    clock.move(hours=23, minutes=59)
    assert ask(app, centre, token).status_code == 200
    assert provider.fetches == 2
    clock.move(minutes=1)
    answer = ask(app, centre, token)
    assert (answer.status_code, answer.json["code"]) == (503, "service.unavailable")

    provider.fault = None
    clock.move(minutes=1)
    assert ask(app, centre, token).status_code == 200


def test_a_provider_that_stalls_is_given_up(
    centre: Centre, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(jwks, "DEADLINE_SECONDS", 0.2)
    provider.fault = "slow"

    with pytest.raises(FetchFailed, match="Timeout"):
        open_jwks(f"{provider.url}/keys", LOOPBACK)()


def test_many_threads_ask_once(provider: IdentityProvider, clock: MovableClock):
    keys = IdentityKeys(open_jwks(f"{provider.url}/keys", LOOPBACK), clock)
    start, found = Barrier(16), []

    def find() -> None:
        start.wait()
        found.append(keys.find("rsa-1"))

    threads = [Thread(target=find) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert provider.fetches == 1
    assert [key is not None for key in found] == [True] * 16


def test_plain_http_and_private_addresses_need_the_operator_s_leave(provider: IdentityProvider):
    with pytest.raises(FetchFailed, match="HostNotAllowed"):
        open_jwks(f"{provider.url}/keys", Hosts())()
    assert provider.fetches == 0


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "kid": "rsa-1", "k": "a2tr" * 16},
        public_jwk(RSA_KEY, "rsa-1", use="enc"),
        public_jwk(RSA_KEY, "rsa-1", alg="RS512"),
        public_jwk(RSA_KEY, "rsa-1", alg="HS256"),
        public_jwk(rsa.generate_private_key(65537, 1024), "rsa-1"),  # noqa: S505 - to be left out
        public_jwk(ec.generate_private_key(ec.SECP384R1()), "ec-1"),
        {key: value for key, value in public_jwk(RSA_KEY, "rsa-1").items() if key != "kid"},
        {**public_jwk(RSA_KEY, "rsa-1"), "n": "!"},
        {**public_jwk(EC_KEY, "ec-1"), "x": public_jwk(EC_KEY, "ec-1")["y"]},
        "rsa-1",
        None,
    ],
    ids=["secret", "encryption", "RS512", "HS256", "weak", "P-384", "nameless", "broken", "off curve", "text", "null"],
)
def test_a_key_that_is_not_for_us_is_left_out(entry: object):
    good = public_jwk(RSA_KEY, "good")

    assert set(read_keys(json.dumps({"keys": [entry, good]}).encode())) == {"good"}
    with pytest.raises(FetchFailed):
        read_keys(json.dumps({"keys": [entry]}).encode())
