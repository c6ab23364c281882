"""Every sentence the code says is in both catalogs, every entry is said, and every code has all that it needs.

The catalogs agree with each other, with the grammar of plurals and with French typography.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
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


NO_BREAK = "\u00a0\u202f"
FAMILIAR = re.compile(r"\b(?:tu|te|toi|ton|ta|tes|tien|tienne)\b|\bt’", re.IGNORECASE)


@cache
def catalog(locale: str) -> Catalog:
    with (Path(i18n.__file__).parent / f"{locale}.po").open("rb") as source:
        return read_po(source, locale=locale)


def messages(locale: str) -> list[Message]:
    return [message for message in catalog(locale) if message.id]


def keys(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def said_in(locale: str) -> list[str]:
    return [text for message in messages(locale) for text in translations(message)]


@cache
def entries(locale: str) -> frozenset[str]:
    return frozenset(key for message in messages(locale) for key in keys(message))


@dataclass(frozen=True)
class Walk:
    """What one walk through the code found: messages that a reader is asked for with their place, and every string."""

    spoken: list[tuple[str, str]] = field(default_factory=list)
    literals: set[str] = field(default_factory=set)


@cache
def walk() -> Walk:
    found = Walk()
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE.parent)
        is_ours = not place.is_relative_to("creneau/demo/slack")  # that speaks for Slack
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str):
                    found.literals.add(node.value)
            elif isinstance(node, ast.Call) and is_ours:
                found.spoken.extend((f"{place}:{node.lineno}", message) for message in messages_of(node))
    return found


def messages_of(call: ast.Call) -> list[str]:
    """Return the literal messages that a call asks a reader for."""
    match call.func:
        case ast.Attribute(attr=name) if name in SPEAKING:
            count = SPEAKING[name]
        case ast.Name(id="in_every_language" as name):  # `text` alone is SQLAlchemy's
            count = SPEAKING[name]
        case _:
            return []
    arguments = [
        branch
        for argument in call.args[:count]
        for branch in ([argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument])
    ]
    return [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]


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
    said = walk().spoken

    assert len(said) > 50
    assert [(where, message) for where, message in said if message not in entries(locale)] == []


def test_every_entry_of_the_catalogs_is_said():
    assert sorted(entries("fr") - walk().literals) == []


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


def test_both_catalogs_have_the_same_entries_in_the_same_order():
    french, english = ([keys(message) for message in messages(locale)] for locale in ("fr", "en"))

    assert french == english


@pytest.mark.parametrize("locale", LOCALES)
def test_every_entry_is_translated_none_is_fuzzy_and_nothing_old_is_kept(locale: str):
    assert [keys(one)[0] for one in messages(locale) if not all(text.strip() for text in translations(one))] == []
    assert [keys(one)[0] for one in messages(locale) if one.fuzzy] == []
    assert list(catalog(locale).obsolete) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_counted_has_the_plurals_of_its_language(locale: str):
    counted = [message for message in messages(locale) if message.pluralizable]

    assert len(counted) > 5
    assert [keys(one) for one in counted if len(translations(one)) != catalog(locale).num_plurals] == []
    assert [keys(one) for one in counted if any("count" not in placeholders(text) for text in translations(one))] == []
    assert [keys(one) for one in messages(locale) if not one.pluralizable and len(translations(one)) > 1] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_of_an_entry_has_the_placeholders_of_its_source(locale: str):
    wrong = [
        (keys(one)[0], text)
        for one in messages(locale)
        if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", keys(one)[0])  # a code, which is no sentence
        for text in translations(one)
        if placeholders(text) != {name for key in keys(one) for name in placeholders(key)}
    ]

    assert wrong == []


def test_the_sentences_of_codes_have_the_same_placeholders_in_both_languages():
    french, english = (
        {keys(one)[0]: {name for text in translations(one) for name in placeholders(text)} for one in messages(locale)}
        for locale in ("fr", "en")
    )

    assert french == english


def test_french_keeps_its_punctuation_on_the_line_and_has_its_own_signs():
    said = {text: re.sub(r"https?://\S+|\d{1,2}:\d{2}|\{[^}]*\}", "x", text) for text in said_in("fr")}

    assert [text for text, plain in said.items() if re.search(rf"[^{NO_BREAK}][:;!?]", plain)] == []
    assert [text for text, plain in said.items() if re.search(rf"«[^{NO_BREAK}]|[^{NO_BREAK}]»", plain)] == []
    assert [text for text, plain in said.items() if re.search(r"['\"“”]|\.\.\.", plain)] == []


def test_french_says_vous():
    assert [text for text in said_in("fr") if FAMILIAR.search(text)] == []
    assert FAMILIAR.search("Choisis ton créneau, il t’attend")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_entry_has_a_stray_space(locale: str):
    assert [text for text in said_in(locale) if text != text.strip() or "  " in text] == []
