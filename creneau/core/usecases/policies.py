"""The policy that a centre, or one consultant, chooses."""

from datetime import datetime
from uuid import UUID

from creneau.core.domain.errors import InvalidPolicy, NotAllowed
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import Policy, PolicyChoices, PolicyInForce, validate_choices
from creneau.core.holidays import is_known_region
from creneau.core.storage import policies
from creneau.core.storage.database import Transaction
from creneau.core.usecases.slots import require_own

_OF_THE_CENTRE = ("discretion", "calendar_detail")
"""What no consultant chooses for themselves: it protects the people whom they accompany."""


def set_policy(
    tx: Transaction, actor: Actor, consultant_id: UserId | None, choices: PolicyChoices, policy_id: UUID, now: datetime
) -> Policy:
    """Replace what a consultant chose, or (None) the whole organization, and return what is then in force.

    Raises: `actor.not_allowed`, `user.not_found`, `policy.out_of_bounds`, `policy.invalid`.
    """
    _require_right(tx, actor, consultant_id)
    validate_choices(choices)
    for name in _OF_THE_CENTRE:
        if consultant_id is not None and getattr(choices, name) is not None:
            raise InvalidPolicy(field=name)
    if choices.holiday_country is not None or choices.holiday_subdivision is not None:
        country = choices.holiday_country or _in_force(tx, actor, consultant_id).holiday_country
        if not is_known_region(country, choices.holiday_subdivision):
            raise InvalidPolicy(field="holiday_subdivision" if is_known_region(country, None) else "holiday_country")
    policies.save(tx, actor.organization_id, policy_id, consultant_id, choices, now)
    return _in_force(tx, actor, consultant_id)


def get_policy(tx: Transaction, actor: Actor, consultant_id: UserId | None) -> PolicyInForce:
    """Return what a consultant chose, or (None) the organization, and what is in force.

    Raises: `actor.not_allowed`, `user.not_found`.
    """
    if consultant_id is not None or actor.role is Role.BENEFICIARY:
        _require_right(tx, actor, consultant_id)
    choices = policies.get_choices(tx, actor.organization_id, consultant_id)
    return PolicyInForce(choices, _in_force(tx, actor, consultant_id))


def _require_right(tx: Transaction, actor: Actor, consultant_id: UserId | None) -> None:
    if consultant_id is not None:
        require_own(tx, actor, consultant_id)
    elif actor.role is not Role.ORG_ADMIN:
        raise NotAllowed


def _in_force(tx: Transaction, actor: Actor, consultant_id: UserId | None) -> Policy:
    if consultant_id is not None:
        return policies.get(tx, actor.organization_id, consultant_id)
    return policies.get_of_organization(tx, actor.organization_id)
