"""Every sentence the code says is in both catalogs, every entry is said, and every code has all that it needs."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import creneau
from creneau.core import i18n
from creneau.core.domain.errors import Refusal
from creneau.core.i18n.catalog import LOCALES
from creneau.web import errors as web_errors

PACKAGE = Path(creneau.__file__).parent
ERRORS_PAGE = PACKAGE.parent / "docs" / "errors.md"
SPEAKING = {"text": 1, "many": 2, "in_every_language": 1}
"""What a reader is asked to say, and how many messages come first."""


def entries(locale: str) -> set[str]:
    with (Path(i18n.__file__).parent / f"{locale}.po").open("rb") as source:
        ids = [message.id for message in read_po(source, locale=locale) if message.id]
    return {key for id_ in ids for key in ([id_] if isinstance(id_, str) else id_)}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE.parent), ast.parse(path.read_text())


def spoken() -> list[tuple[str, str]]:
    """Every literal message that a reader is asked for: where, and which."""
    found = []
    for path, tree in trees():
        if path.is_relative_to("creneau/demo/slack"):  # speaks for Slack, not for us
            continue
        for node in ast.walk(tree):
            name = called(node)
            if not isinstance(node, ast.Call) or name not in SPEAKING:
                continue
            for argument in node.args[: SPEAKING[name]]:
                branches = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                for branch in branches:
                    if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                        found.append((f"{path}:{branch.lineno}", branch.value))
    return found


def called(node: ast.AST) -> str | None:
    """Return the name of the function or method that a node calls."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name
        case ast.Call(func=ast.Name(id="in_every_language" as name)):  # `text` alone is SQLAlchemy's
            return name
    return None


def refusals() -> list[type[Refusal]]:
    """Every concrete refusal of the code, wherever it is declared."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "creneau."):
        if not module.name.startswith("creneau.migrations"):
            importlib.import_module(module.name)
    found, waiting = [], [Refusal]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found += [kind for kind in kinds if kind.__module__.startswith("creneau.") and hasattr(kind, "code")]
    return sorted(set(found), key=lambda kind: kind.code)


REFUSALS = refusals()
CODES = sorted({kind.code for kind in REFUSALS})


def web_codes() -> set[str]:
    """The codes of what the web front itself refuses, as its module writes them."""
    tree = ast.parse(inspect.getsource(web_errors))
    literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in literals if re.fullmatch(r"(request|route|service|auth)\.[a-z_]+|internal", text)}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_that_is_said_is_in_the_catalog(locale: str):
    said = spoken()

    assert len(said) > 50
    assert [(where, message) for where, message in said if message not in entries(locale)] == []


def test_every_entry_of_the_catalogs_is_said():
    literals = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert sorted(entries("fr") - literals) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_its_sentence(locale: str):
    assert sorted(({*CODES} | web_codes()) - entries(locale)) == []


def test_two_refusals_never_share_a_code():
    assert sorted(kind.code for kind in REFUSALS) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_a_noun_and_what_is_wrong_with_it(code: str):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)


@pytest.mark.parametrize("refusal", REFUSALS, ids=CODES)
def test_every_refusal_has_a_status_that_says_no(refusal: type[Refusal]):
    status = web_errors.status_of(refusal)

    assert HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def test_every_code_is_explained_in_the_documentation():
    page = ERRORS_PAGE.read_text()

    assert [code for code in sorted({*CODES} | web_codes()) if f"`{code}`" not in page] == []
