"""Tokens: one that is good opens the API, every other is refused in the same words."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest

from creneau.web.tokens import TokenSettings, issue_token
from tests.conftest import Centre, MovableClock
from tests.web.api_client import API, SETTINGS, Api

Claims = dict[str, object]


def claims_of(centre: Centre, clock: MovableClock, **changes: object) -> Claims:
    now = int(clock.now().timestamp())
    claims: Claims = {
        "sub": str(centre.beneficiary.id),
        "org": str(centre.organization.id),
        "iat": now,
        "exp": now + 60,
        "aud": SETTINGS.audience,
        "iss": SETTINGS.issuer,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: Claims, secret: str = SETTINGS.secret, algorithm: str = "HS256", **header: object) -> str:
    return jwt.encode(claims, secret, algorithm=algorithm, headers=header or None)


def unsigned(claims: Claims, algorithm: str) -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def with_another_body(claims: Claims) -> str:
    head, _, signature = signed(claims).split(".")
    _, body, _ = signed({**claims, "sub": str(uuid4())}).split(".")
    return f"{head}.{body}.{signature}"


TRICKS: dict[str, Callable[[Claims], str]] = {
    "none": lambda claims: unsigned(claims, "none"),
    "NoNe": lambda claims: unsigned(claims, "NoNe"),
    "empty alg": lambda claims: unsigned(claims, ""),
    "HS384 with our secret": lambda claims: signed(claims, algorithm="HS384"),
    "HS512 with our secret": lambda claims: signed(claims, algorithm="HS512"),
    "other secret": lambda claims: signed(claims, "another secret, as long as the first"),
    "no signature": lambda claims: signed(claims).rsplit(".", 1)[0] + ".",
    "other body": with_another_body,
    "crit header": lambda claims: signed(claims, crit=["b64"], b64=False),
    "own key in header": lambda claims: signed(claims, "k" * 32, jwk={"kty": "oct", "k": "a2tr"}),
    "wrong audience": lambda claims: signed({**claims, "aud": "other"}),
    "wrong issuer": lambda claims: signed({**claims, "iss": "other"}),
    "expired": lambda claims: signed({**claims, "exp": claims["iat"] - 31}),
    "expiry that is no number": lambda claims: signed({**claims, "exp": "never"}),
    "infinite expiry": lambda claims: signed({**claims, "exp": float("inf")}),
    "not yet": lambda claims: signed({**claims, "nbf": claims["exp"]}),
    "from the future": lambda claims: signed({**claims, "iat": claims["exp"]}),
    **{
        f"no {name}": lambda claims, name=name: signed({k: v for k, v in claims.items() if k != name})
        for name in ("exp", "sub", "org", "aud", "iss", "iat")
    },
    "subject that is no id": lambda claims: signed({**claims, "sub": "admin"}),
    "subject that is a number": lambda claims: signed({**claims, "sub": 1}),
    "organization with NUL": lambda claims: signed({**claims, "org": "\0"}),
    "unknown user": lambda claims: signed({**claims, "sub": str(uuid4())}),
    "unknown organization": lambda claims: signed({**claims, "org": str(uuid4())}),
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "nothing": lambda _: "",
    "huge": lambda claims: signed({**claims, "pad": "x" * 60_000}),
    "deep": lambda _: "a." + base64.urlsafe_b64encode(b"[" * 2000).decode().rstrip("=") + ".c",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_bad_token_is_refused_in_the_same_words(api: Api, centre: Centre, clock: MovableClock, trick: str):
    client = api.app.test_client()
    bare = client.get(f"{API}/bookings/{uuid4()}")

    token = TRICKS[trick](claims_of(centre, clock))
    answer = client.get(f"{API}/bookings/{uuid4()}", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.data) == (401, bare.data)
    assert answer.json["code"] == "auth.required"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "bearer", "Token x", "Bearer a b", "\xe9"])
def test_a_header_that_is_no_bearer_token_is_refused(api: Api, header: str):
    answer = api.app.test_client().get(f"{API}/bookings/{uuid4()}", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_token_is_good_until_thirty_seconds_after_it_expires(api: Api, centre: Centre, clock: MovableClock):
    token = issue_token(SETTINGS, centre.beneficiary, clock.now(), timedelta(minutes=5))
    client = api.app.test_client()
    path, headers = f"{API}/availability/{centre.consultant.id}/slots", {"Authorization": f"bearer {token}"}

    clock.move(minutes=5, seconds=29)
    assert client.get(path, headers=headers).status_code == 200
    clock.move(seconds=1)
    assert client.get(path, headers=headers).status_code == 401


def test_a_role_in_the_token_counts_for_nothing(api: Api, centre: Centre, clock: MovableClock):
    token = signed(claims_of(centre, clock, role="ORG_ADMIN", roles=["ORG_ADMIN"]))

    answer = api.app.test_client().post(
        f"{API}/availability",
        json={"start_time": "09:00", "end_time": "17:00", "day_of_week": 0, "consultant_id": str(centre.consultant.id)},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 403


def test_a_token_of_one_organization_does_not_speak_for_another(api: Api, centre: Centre, other_centre: Centre):
    stolen = issue_token(SETTINGS, other_centre.beneficiary, api.clock.now(), timedelta(hours=1))

    answer = api.app.test_client().get(
        f"{API}/availability/{centre.consultant.id}/slots", headers={"Authorization": f"Bearer {stolen}"}
    )

    assert (answer.status_code, answer.json["code"]) == (404, "user.not_found")


@pytest.mark.parametrize("secret", ["", "short", "é" * 15])
def test_a_short_secret_is_refused_at_start(secret: str):
    with pytest.raises(ValueError, match="32 bytes"):
        TokenSettings(secret, "aud", "iss")


def test_the_secret_is_not_shown():
    assert SETTINGS.secret not in repr(SETTINGS)
