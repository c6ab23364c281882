"""Settings, read from the environment here and nowhere else. What is wrong is told all at once, at start."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from creneau.core.domain.rates import MOST_A_MINUTE
from creneau.core.secrets import InvalidKey, SecretBox
from creneau.mail.envelope import AddressUnfit, Sender
from creneau.mail.server import MailServer

SLACK_API_URL = "https://slack.com/api/"
OWN_NAME = "creneau"
"""The issuer and the audience of tokens that we sign, unless another is set."""

_SHORTEST = {"jwt_secret": 32, "metrics_token": 16, "slack_signing_secret": 8}
_Rate = Annotated[int, Field(ge=1, le=MOST_A_MINUTE)]


class SettingsInvalid(Exception):
    """Settings are missing or wrong; `problems` says which, one line each, without their values."""

    code = "settings.invalid"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class DatabaseSettings(BaseSettings):
    """Where Postgres is. Enough for `creneau migrate`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    """The role the service logs in as; unset: embedded Postgres under `home`."""
    owner_database_url: SecretStr | None = Field(None, validation_alias="CRENEAU_OWNER_DATABASE_URL")
    """The role that migrates, when it is another one."""
    home: Path = Field(Path.home() / ".local" / "share" / "creneau", validation_alias="CRENEAU_HOME")

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _is_postgres(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must be a postgresql:// address")
        return url


class Settings(DatabaseSettings):
    """Everything the service needs."""

    allow_private_hosts: str = Field("", validation_alias="CRENEAU_ALLOW_PRIVATE_HOSTS")
    """Host names, addresses and networks, comma-separated, that may be called although they are private, or by HTTP."""
    base_url: str = Field("http://127.0.0.1:8000", validation_alias="CRENEAU_BASE_URL")
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(validation_alias="CRENEAU_ENCRYPTION_KEYS")
    jwt_secret: SecretStr | None = Field(None, validation_alias="CRENEAU_JWT_SECRET")
    """Either we sign the API's tokens with this, or an identity provider does, whose keys are at `jwks_url`."""
    jwks_url: str | None = Field(None, validation_alias="CRENEAU_JWKS_URL", validate_default=True)
    jwt_audience: str = Field(OWN_NAME, validation_alias="CRENEAU_JWT_AUDIENCE", validate_default=True)
    jwt_issuer: str = Field(OWN_NAME, validation_alias="CRENEAU_JWT_ISSUER", validate_default=True)
    token_rate: _Rate = Field(600, validation_alias="CRENEAU_TOKEN_REQUESTS_PER_MINUTE")
    organization_rate: _Rate = Field(6000, validation_alias="CRENEAU_ORGANIZATION_REQUESTS_PER_MINUTE")
    metrics_token: SecretStr | None = Field(None, validation_alias="CRENEAU_METRICS_TOKEN")
    """Opens `/metrics` from anywhere; unset: it answers to the machine itself and its private network alone."""
    smtp_url: SecretStr | None = Field(None, validation_alias="CRENEAU_SMTP_URL")
    """The mail server, with user and password; unset: whom Slack cannot reach gets nothing, and others are told."""
    mail_from: str | None = Field(None, validation_alias="CRENEAU_MAIL_FROM", validate_default=True)
    slack_signing_secret: SecretStr = Field(validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_client_id: str | None = Field(None, validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(None, validation_alias="SLACK_CLIENT_SECRET", validate_default=True)
    """With the client id: workspaces can install the app themselves, by OAuth."""
    slack_api_url: str = Field(SLACK_API_URL, validation_alias="SLACK_API_URL")

    @field_validator("jwt_secret", "metrics_token", "slack_signing_secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        shortest = _SHORTEST[info.field_name or ""]
        if secret is not None and len(secret.get_secret_value().encode()) < shortest:
            raise ValueError(f"must be at least {shortest} characters long")
        return secret

    @field_validator("base_url", "jwks_url", "slack_api_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("must be an http(s):// address")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None:
            MailServer.parse(url.get_secret_value(), _names(info.data.get("allow_private_hosts", "")))
        return url

    @field_validator("mail_from")
    @classmethod
    def _goes_with_a_server(cls, written: str | None, info: ValidationInfo) -> str | None:
        if "smtp_url" in info.data and (written is None) != (info.data["smtp_url"] is None):
            raise ValueError("CRENEAU_SMTP_URL and CRENEAU_MAIL_FROM are set together, or neither is")
        if written is not None:
            try:
                Sender.parse(written)
            except AddressUnfit:
                raise ValueError("must be an address, as in rdv@example.org or Centre <rdv@example.org>") from None
        return written

    @property
    def mail_server(self) -> MailServer | None:
        if self.smtp_url is None:
            return None
        return MailServer.parse(self.smtp_url.get_secret_value(), _names(self.allow_private_hosts))

    @field_validator("slack_client_secret")
    @classmethod
    def _has_its_client_id(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (secret is None) != (info.data.get("slack_client_id") is None):
            raise ValueError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set together, or neither is")
        return secret

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        try:
            SecretBox([key.get_secret_value() for key in keys])
        except InvalidKey as error:
            raise ValueError(str(error)) from error
        return keys

    @field_validator("jwks_url")
    @classmethod
    def _tokens_have_one_source(cls, url: str | None, info: ValidationInfo) -> str | None:
        if "jwt_secret" in info.data and (info.data["jwt_secret"] is None) == (url is None):
            raise ValueError("exactly one of CRENEAU_JWT_SECRET and CRENEAU_JWKS_URL must be set")
        if url is not None and url.startswith("http://") and not info.data["allow_private_hosts"]:
            raise ValueError("must be an https:// address, or its host one of CRENEAU_ALLOW_PRIVATE_HOSTS")
        return url

    @field_validator("jwt_audience", "jwt_issuer")
    @classmethod
    def _is_the_provider_s(cls, name: str, info: ValidationInfo) -> str:
        if info.data.get("jwks_url") is not None and name == OWN_NAME:
            raise ValueError("must be set to the identity provider's, with CRENEAU_JWKS_URL")
        return name


def read_settings() -> Settings:
    """Raises: SettingsInvalid."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsInvalid(_problems(error)) from None


def read_database_settings() -> DatabaseSettings:
    """Raises: SettingsInvalid."""
    try:
        return DatabaseSettings()
    except ValidationError as error:
        raise SettingsInvalid(_problems(error)) from None


def _names(hosts: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in hosts.split(","))


def _problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(_variable(part) for part in problem['loc'])}: "
        + ("is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, "))
        for problem in error.errors(include_input=False, include_context=False, include_url=False)
    ]


def _variable(part: int | str) -> str:
    """Return the environment's name of a setting; a default that is refused comes by the field's own."""
    field = Settings.model_fields.get(str(part))
    return str(field.validation_alias) if field else str(part)
