"""How the command line says no: one line with the code on standard error, and exit status 1."""

from importlib.metadata import entry_points
from typing import Any

import click
import psycopg
from psycopg.errors import InsufficientPrivilege, UndefinedFunction, UndefinedTable
from sqlalchemy.exc import DBAPIError

from creneau.app.settings import SettingsInvalid
from creneau.core.domain.backup import BackupProblem
from creneau.core.domain.errors import Refusal
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words
from creneau.core.secrets import SecretUnreadable
from creneau.core.storage.embedded import EmbeddedPostgresFailed
from creneau.core.storage.schema import SchemaBusy

_PLUGINS = "creneau.commands"
_READER = Reader("en", "UTC")


class RefusingGroup(click.Group):
    """Turns what the product refuses, and what it cannot reach, into a message; a defect keeps its stack trace.

    Commands of other packages (`creneau.commands` entry points) are loaded when they are asked for, and are not there
    when what they need is not installed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *(plugin.name for plugin in entry_points(group=_PLUGINS))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        ours = super().get_command(ctx, cmd_name)
        if ours is not None:
            return ours
        for plugin in entry_points(group=_PLUGINS, name=cmd_name):
            try:
                command: click.Command = plugin.load()
            except ImportError:
                return None
            return command
        return None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsInvalid as error:
            lines = "\n  ".join(error.problems)
            raise click.ClickException(f"{error.code}\n  {lines}") from None
        except Refusal as refusal:
            said = _READER.text(refusal.code, **in_words(_READER, refusal.details))
            raise click.ClickException(f"{refusal.code}: {said}") from None
        except EmbeddedPostgresFailed as error:
            raise click.ClickException(f"postgres.embedded_failed: {error}") from None
        except BackupProblem as problem:
            raise click.ClickException(f"{problem.code}: {problem}") from None
        except SchemaBusy as error:
            raise click.ClickException(f"schema.busy: {error}") from None
        except (DBAPIError, psycopg.Error) as error:
            told = _database_problem(error.orig if isinstance(error, DBAPIError) else error)
            if told is None:
                raise
            raise click.ClickException(told) from None
        except SecretUnreadable:
            raise click.ClickException(
                "secret.unreadable: no key in CRENEAU_ENCRYPTION_KEYS opens a stored secret"
            ) from None


def _database_problem(error: BaseException | None) -> str | None:
    """What is for the administrator to mend, in a line; None for a defect."""
    match error:
        case UndefinedTable() | UndefinedFunction():
            return "schema.missing: the database has no tables of this version: run `creneau migrate`"
        case InsufficientPrivilege():
            return f"postgres.not_allowed: {str(error).strip()}"
        case psycopg.OperationalError():
            return f"postgres.unreachable: {str(error).strip()}"
    return None
