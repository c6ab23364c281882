"""What one check of the doctor found, in one sentence, and what to do about it, in another."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` and `advice` hold counts, ids and names of settings; never a secret, nor what people wrote."""

    check: str
    verdict: Verdict
    says: str
    advice: str = ""


def ok(check: str, says: str) -> Finding:
    return Finding(check, Verdict.OK, says)


def warning(check: str, says: str, advice: str) -> Finding:
    return Finding(check, Verdict.WARNING, says, advice)


def failure(check: str, says: str, advice: str) -> Finding:
    return Finding(check, Verdict.FAILURE, says, advice)
