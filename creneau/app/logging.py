"""Logs: one JSON line an event, ids only, with anything that looks like a token or an address struck out."""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped

_SECRETS = re.compile(
    r"""xox[a-z]-[\w-]+ | xapp-[\w-]+ | xoxe[\w.-]+          # Slack's tokens
      | Bearer\s+[\w.~+/=-]+                               # ours
      | /feeds/[\w-]+ | /booking/[\w-]{20,}                # addresses that are secrets
      | \b(?:postgres(?:ql)?(?:\+\w+)?|smtps?)://\S+@      # the address of a database or mail server, up to its host
      | \bpassword=\S+                                     # as libpq writes it
      | eyJ[\w-]+\.[\w-]+\.[\w-]*                          # a JWT, wherever it stands""",
    re.VERBOSE,
)
_PERSONAL = re.compile(
    r"""[\w.+-]+@[\w-]+(?:\.[\w-]+)+                        # an e-mail address
      | (?<=DETAIL:).* | (?<=Key\ )\(.*?\)=\(.*?\)         # the values of a row, as Postgres quotes them
      | (?<=input_value=).*(?=,\ input_type)                # what was sent, as pydantic quotes it""",
    re.VERBOSE,
)

_MARKS = re.compile(
    r"xox|xapp-|Bearer|/(?:feeds|booking)/[\w-]|postgres|smtp|password=|eyJ|@|DETAIL:|Key \(|input_value="
)
"""One of these is in whatever the patterns find: looking for them first costs a tenth."""


_encoder = json.JSONEncoder(sort_keys=True, default=repr)  # `json.dumps` makes one for each line


def configure_logging(level: int = logging.INFO) -> None:
    """Send our events and the libraries' warnings to standard error as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_to_json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("slack_bolt.App").addFilter(_is_news)


def _to_json(event: Mapping[str, Any], **_: Any) -> str:
    return _encoder.encode(event)


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a record says more than that Bolt, which looks for SLACK_BOT_TOKEN too, has no use for it."""
    return record.msg != warning_client_prioritized_and_token_skipped()


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out tokens, and what libraries quote of people's rows, wherever they got into an event."""
    return {key: _without_secrets(value) for key, value in event.items()}


def _without_secrets(value: Any) -> Any:
    match value:
        case str():
            if _MARKS.search(value) is None:
                return value
            return _PERSONAL.sub("[personal]", _SECRETS.sub("[secret]", value))
        case Mapping():
            return {key: _without_secrets(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_without_secrets(inner) for inner in value]
    return value
