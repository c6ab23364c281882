"""Settings: everything wrong is told at once, by name and without its value; nothing secret shows."""

import base64
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from creneau.app.settings import SettingsInvalid, read_database_settings, read_settings

OURS = ("CRENEAU_", "SLACK_")
KEY, OLD_KEY = (base64.urlsafe_b64encode(bytes([filling]) * 32).decode() for filling in (1, 2))
GOOD = {
    "CRENEAU_ENCRYPTION_KEYS": KEY,
    "CRENEAU_JWT_SECRET": "jwt-secret-jwt-secret-jwt-secret-jwt",
    "SLACK_SIGNING_SECRET": "slack-signing-secret",
}

ONE_SOURCE = "CRENEAU_JWKS_URL: exactly one of CRENEAU_JWT_SECRET and CRENEAU_JWKS_URL must be set"
PROVIDER = {
    "CRENEAU_JWT_SECRET": None,
    "CRENEAU_JWKS_URL": "https://login.example.org/keys",
    "CRENEAU_JWT_AUDIENCE": "https://creneau.example.org",
    "CRENEAU_JWT_ISSUER": "https://login.example.org/",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with good settings and nothing else of ours."""
    for name in list(os.environ):
        if name.startswith(OURS) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def problems(environment: pytest.MonkeyPatch, **values: str | None) -> list[str]:
    for name, value in values.items():
        if value is None:
            environment.delenv(name)
        else:
            environment.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refusal:
        read_settings()
    return refusal.value.problems


def test_three_settings_are_enough(environment: pytest.MonkeyPatch):
    settings = read_settings()

    assert settings.database_url is None
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.base_url == "http://127.0.0.1:8000"


def test_the_home_is_a_folder_of_our_own_and_not_the_user_s(environment: pytest.MonkeyPatch):
    environment.setenv("HOME", "/home/somebody")

    assert read_settings().home.name == "creneau"


def test_variables_of_other_programs_are_not_ours(environment: pytest.MonkeyPatch):
    environment.setenv("BASE_URL", "https://other.example.org")

    assert read_settings().base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_an_empty_variable_is_one_that_is_not_set(environment: pytest.MonkeyPatch, name: str):
    environment.setenv(name, "")

    assert getattr(read_settings(), name.lower()) is None


def test_all_that_is_missing_is_told_at_once(environment: pytest.MonkeyPatch):
    told = problems(environment, **dict.fromkeys(GOOD))

    missing = [f"{name}: is not set" for name in sorted(GOOD) if name != "CRENEAU_JWT_SECRET"]
    assert sorted(told) == sorted([*missing, ONE_SOURCE])


def test_all_that_is_wrong_is_told_at_once_and_without_its_value(environment: pytest.MonkeyPatch):
    wrong = {
        "CRENEAU_ENCRYPTION_KEYS": "wrong-key-1",
        "CRENEAU_JWT_SECRET": "wrong-short",
        "SLACK_SIGNING_SECRET": "wrong",
        "DATABASE_URL": "mysql://wrong-user:wrong-password@db/creneau",
        "CRENEAU_OWNER_DATABASE_URL": "wrong-url",
    }

    told = problems(environment, **wrong)

    assert {line.split(":")[0] for line in told} == set(wrong)
    assert "wrong" not in " ".join(told)


@pytest.mark.parametrize("keys", ["", " , ", "abc", f"{KEY},abc", f"{KEY[:-4]}", f'"{KEY}"', f"{KEY};{OLD_KEY}"])
def test_a_bad_key_is_refused(environment: pytest.MonkeyPatch, keys: str):
    [told] = problems(environment, CRENEAU_ENCRYPTION_KEYS=keys)

    assert told.startswith("CRENEAU_ENCRYPTION_KEYS: ")
    assert KEY not in told


def test_several_keys_are_read_in_their_order(environment: pytest.MonkeyPatch):
    environment.setenv("CRENEAU_ENCRYPTION_KEYS", f" {KEY}, {OLD_KEY} ,")

    assert [key.get_secret_value() for key in read_settings().encryption_keys] == [KEY, OLD_KEY]


@pytest.mark.parametrize("length", [1, 31])
def test_a_short_secret_for_tokens_is_refused(environment: pytest.MonkeyPatch, length: int):
    [told] = problems(environment, CRENEAU_JWT_SECRET="x" * length)

    assert told.startswith("CRENEAU_JWT_SECRET: ")
    assert "32" in told


def test_tokens_have_one_source(environment: pytest.MonkeyPatch):
    url = PROVIDER["CRENEAU_JWKS_URL"]
    assert ONE_SOURCE in problems(environment, CRENEAU_JWKS_URL=url)
    assert problems(environment, CRENEAU_JWT_SECRET=None, CRENEAU_JWKS_URL="") == [ONE_SOURCE]


def test_an_identity_provider_in_place_of_our_secret(environment: pytest.MonkeyPatch):
    set_provider(environment)

    settings = read_settings()

    assert (settings.jwt_secret, settings.jwks_url) == (None, PROVIDER["CRENEAU_JWKS_URL"])


def test_a_provider_s_audience_and_issuer_must_be_said(environment: pytest.MonkeyPatch):
    set_provider(environment)

    told = problems(environment, CRENEAU_JWT_AUDIENCE=None, CRENEAU_JWT_ISSUER=None)

    assert [line.split(":")[0] for line in told] == ["CRENEAU_JWT_AUDIENCE", "CRENEAU_JWT_ISSUER"]


def test_keys_come_by_https_or_from_a_host_that_is_allowed(environment: pytest.MonkeyPatch):
    set_provider(environment)
    [told] = problems(environment, CRENEAU_JWKS_URL="http://login.internal/keys")
    assert told.startswith("CRENEAU_JWKS_URL: must be an https:// address")

    environment.setenv("CRENEAU_ALLOW_PRIVATE_HOSTS", "login.internal")
    assert read_settings().jwks_url == "http://login.internal/keys"


@pytest.mark.parametrize("rate", ["0", "-1", "1000001", "many"])
def test_a_rate_out_of_bounds_is_refused(environment: pytest.MonkeyPatch, rate: str):
    told = problems(environment, CRENEAU_TOKEN_REQUESTS_PER_MINUTE=rate, CRENEAU_ORGANIZATION_REQUESTS_PER_MINUTE=rate)

    assert [line.split(":")[0] for line in told] == [
        "CRENEAU_TOKEN_REQUESTS_PER_MINUTE",
        "CRENEAU_ORGANIZATION_REQUESTS_PER_MINUTE",
    ]


def set_provider(environment: pytest.MonkeyPatch) -> None:
    for name, value in PROVIDER.items():
        environment.delenv(name, raising=False)
        if value is not None:
            environment.setenv(name, value)


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "localhost", "http://h", "host=h password=hunter2"])
def test_a_wrong_database_address_is_refused(environment: pytest.MonkeyPatch, url: str):
    [told] = problems(environment, DATABASE_URL=url)

    assert told == "DATABASE_URL: must be a postgresql:// address"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_scheme_of_postgres_is_taken(environment: pytest.MonkeyPatch, scheme: str):
    environment.setenv("DATABASE_URL", f"{scheme}://u:p@h/d")

    url = read_settings().database_url

    assert url is not None
    assert url.get_secret_value() == f"{scheme}://u:p@h/d"


def test_migrating_needs_no_more_than_the_database(environment: pytest.MonkeyPatch, tmp_path: Path):
    for name in GOOD:
        environment.delenv(name)
    environment.setenv("CRENEAU_HOME", str(tmp_path))

    assert read_database_settings().home == tmp_path
    environment.setenv("DATABASE_URL", "nonsense")
    with pytest.raises(SettingsInvalid):
        read_database_settings()


def test_no_secret_shows_when_settings_are_printed(environment: pytest.MonkeyPatch):
    secrets = {
        **GOOD,
        "DATABASE_URL": "postgresql://u:hunter2@h/d",
        "CRENEAU_OWNER_DATABASE_URL": "postgresql://owner:hunter3@h/d",
        "SLACK_BOT_TOKEN": "xoxb-1-2-3",
        "SLACK_APP_TOKEN": "xapp-1-2-3",
        "CRENEAU_METRICS_TOKEN": "metrics-token-metrics",
    }
    for name, value in secrets.items():
        environment.setenv(name, value)

    settings = read_settings()

    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert [value for value in secrets.values() if value in shown] == []


def test_settings_do_not_change_once_read(environment: pytest.MonkeyPatch):
    settings = read_settings()

    with pytest.raises(ValidationError):
        settings.base_url = "http://elsewhere"


@pytest.mark.parametrize(
    ("url", "sender", "problem"),
    [
        ("smtp://u:canary@mail.example:99999", "rdv@example.org", "CRENEAU_SMTP_URL: must have a port"),
        ("http://u:canary@mail.example", "rdv@example.org", "CRENEAU_SMTP_URL: must be smtps://"),
        ("smtps://u:canary%0d%0a@mail.example", "rdv@example.org", "CRENEAU_SMTP_URL: must not hold control"),
        ("smtps://u:canary@mail.example", None, "CRENEAU_MAIL_FROM: CRENEAU_SMTP_URL and"),
        ("smtps://u:canary@mail.example", "rdv@example.org\nBcc: x@y.z", "CRENEAU_MAIL_FROM: must be an address"),
        ("smtps://u:canary@mail.example", "canary", "CRENEAU_MAIL_FROM: must be an address"),
    ],
)
def test_a_mail_server_that_cannot_be_is_told_without_its_password(
    environment: pytest.MonkeyPatch, url: str, sender: str | None, problem: str
):
    given = {"CRENEAU_SMTP_URL": url} | ({"CRENEAU_MAIL_FROM": sender} if sender else {})
    told = problems(environment, **given)
    assert [line.startswith(problem) for line in told] == [True]
    assert "canary" not in told[0]


def test_only_a_server_of_this_machine_or_one_that_is_named_is_spoken_to_in_the_clear(environment: pytest.MonkeyPatch):
    environment.setenv("CRENEAU_MAIL_FROM", "Cap Avenir <rdv@example.org>")
    environment.setenv("CRENEAU_ALLOW_PRIVATE_HOSTS", "relay")
    for url, expected in {
        "smtps://user:p%40ss@mail.example": ("mail.example", 465, "TLS", "user", "p@ss"),
        "smtp://user:p%40ss@mail.example": ("mail.example", 587, "STARTTLS", "user", "p@ss"),
        "smtp://127.0.0.1:25": ("127.0.0.1", 25, "PLAIN", "", ""),
        "smtp://relay:1025": ("relay", 1025, "PLAIN", "", ""),
    }.items():
        environment.setenv("CRENEAU_SMTP_URL", url)
        settings = read_settings()
        server = settings.mail_server
        assert server is not None
        assert (server.host, server.port, server.security, server.username, server.password) == expected
        assert "p@ss" not in repr(settings) + repr(server)
