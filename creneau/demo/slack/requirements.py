"""What Slack's own client checks in a modal before it sends anything: required fields, lengths, formats."""

from creneau.demo.slack.values import TEXT_INPUTS, value_of
from creneau.demo.slack.views import View
from creneau.demo.slack.wording import Words
from creneau.demo.slack.workspace import Json


def unmet(view: View, words: Words) -> dict[str, str]:
    """Map the block_id of each input that cannot be sent to the sentence under it."""
    errors: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = value_of(view.values[block["block_id"]][element["action_id"]])
        is_empty = value is None or value in ("", [])
        sentence = None
        if is_empty:
            sentence = None if block.get("optional") else words["required"]
        elif element["type"] in TEXT_INPUTS:
            sentence = _unmet_text(element, value, words)
        if sentence:
            errors[block["block_id"]] = sentence
    return errors


def _unmet_text(element: Json, value: str, words: Words) -> str | None:
    if len(value) < element.get("min_length", 0):
        return words["too_short"].format(count=element["min_length"])
    if len(value) > element.get("max_length", 3000):
        return words["too_long"].format(count=element.get("max_length", 3000))
    if element["type"] == "email_text_input" and "@" not in value:
        return words["email"]
    if element["type"] == "url_text_input" and not value.startswith(("http://", "https://")):
        return words["url"]
    if element["type"] == "number_input" and not _is_number_for(element, value):
        return words["number"]
    return None


def _is_number_for(element: Json, value: str) -> bool:
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return False
    if not element["is_decimal_allowed"] and not number.is_integer():
        return False
    return float(element.get("min_value", "-inf")) <= number <= float(element.get("max_value", "inf"))
