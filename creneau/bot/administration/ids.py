"""The names that the administrator's windows send back to us, and the ids that ride in them."""

from uuid import UUID

from creneau.bot.ids import UnreadableValue, read_page_number

PEOPLE_OPEN = "people_open"
PEOPLE_PREVIOUS = "people_page_previous"
PEOPLE_NEXT = "people_page_next"
PEOPLE_LINK = "people_link"
PERSON_ADD = "person_add"
PERSON_ADD_VIEW = "person_add"
PERSON_CHANGE = "person_change"
PERSON_CHANGE_VIEW = "person_change"
PERSON_DEACTIVATE = "person_deactivate"
PERSON_DEACTIVATE_VIEW = "person_deactivate"
BILANS_OPEN = "bilans_open"
BILANS_PREVIOUS = "bilans_page_previous"
BILANS_NEXT = "bilans_page_next"
BILAN_ADD = "bilan_add"
BILAN_ADD_VIEW = "bilan_add"
BILAN_CHANGE = "bilan_change"
BILAN_CHANGE_VIEW = "bilan_change"
RULES_OPEN = "rules_open"
RULES_VIEW = "rules"

_VERSION = "v1"


def value_of(id_: UUID) -> str:
    return f"{_VERSION}|{id_}"


def read_id(value: str) -> UUID:
    """Raises: UnreadableValue."""
    version, _, id_ = value.partition("|")
    try:
        if version == _VERSION:
            return UUID(id_)
    except ValueError as error:
        raise UnreadableValue(value) from error
    raise UnreadableValue(value)


def number_value(number: int) -> str:
    return f"{_VERSION}|{number}"


def read_number(value: str) -> int:
    """Raises: UnreadableValue."""
    version, _, number = value.partition("|")
    if version == _VERSION:
        return read_page_number(number)
    raise UnreadableValue(value)
