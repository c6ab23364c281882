"""How the command line says no: one line with the code on standard error, and exit status 1."""

from typing import Any

import click
from sqlalchemy.exc import OperationalError

from creneau.app.settings import SettingsInvalid
from creneau.core.domain.errors import Refusal
from creneau.core.i18n.reader import Reader
from creneau.core.secrets import SecretUnreadable
from creneau.core.storage.embedded import EmbeddedPostgresFailed

_READER = Reader("en", "UTC")


class RefusingGroup(click.Group):
    """Turns what the product refuses, and what it cannot reach, into a message; a defect keeps its stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsInvalid as error:
            lines = "\n  ".join(error.problems)
            raise click.ClickException(f"{error.code}\n  {lines}") from None
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.code}: {_READER.text(refusal.code, **refusal.details)}") from None
        except EmbeddedPostgresFailed as error:
            raise click.ClickException(f"postgres.embedded_failed: {error}") from None
        except OperationalError as error:
            raise click.ClickException(f"postgres.unreachable: {str(error.orig).strip()}") from None
        except SecretUnreadable:
            raise click.ClickException(
                "secret.unreadable: no key in CRENEAU_ENCRYPTION_KEYS opens a stored secret"
            ) from None
