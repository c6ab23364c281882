"""Who calls the API: the headers of a request in, an Actor out. The role is the database's, never the token's."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from werkzeug.datastructures import Headers

from creneau.core.domain.errors import NotAllowed, OrganizationNotFound, Refusal, UserNotFound
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Actor, Membership, Role
from creneau.core.domain.rates import Standing
from creneau.core.services.admission import AdmissionService
from creneau.web.tokens import Tokens, Unauthenticated

ORGANIZATION_HEADER = "x-organization-id"

_LONGEST_TOKEN = 4096
_BEARER = re.compile(r"Bearer +([A-Za-z0-9_.-]+)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class MalformedId(Refusal):
    """Not a UUID, where the address or a header must carry one; `details["field"]` names it."""

    code = "request.malformed_id"


class OrganizationRequired(Refusal):
    """The caller belongs to several organizations, `organization_ids`, and does not say which one is meant."""

    code = "organization.required"

    def __init__(self, organization_ids: Sequence[OrganizationId]) -> None:
        super().__init__()
        self.organization_ids = tuple(organization_ids)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; `standing` is None where requests are not counted."""

    actor: Actor
    standing: Standing | None


class Authenticator:
    """Turns the headers of a request into the actor it speaks for, and counts the request."""

    def __init__(self, tokens: Tokens, admission: AdmissionService) -> None:
        self._tokens = tokens
        self._admission = admission

    def admit(self, headers: Headers) -> Caller:
        """Return who asks.

        Raises: `auth.required`; `rate.exceeded`; `organization.not_found` when `x-organization-id` names one that the
        caller does not belong to, `organization.required` when there are several and it names none,
        `request.malformed_id` when it is no id.
        """
        token = _bearer(headers)
        membership = _choose(self._tokens.list_memberships(token), headers.get(ORGANIZATION_HEADER))
        try:
            admission = self._admission.admit(membership, hashlib.sha256(token.encode()).hexdigest())
        except UserNotFound:
            raise Unauthenticated from None
        return Caller(Actor.from_user(admission.user), admission.standing)


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise `actor.not_allowed` unless the actor has one of the roles."""
    if actor.role not in roles:
        raise NotAllowed


def parse_id(value: str, name: str) -> UUID:
    """Return a UUID in its usual form. Raises: `request.malformed_id`."""
    if not _UUID.fullmatch(value):
        raise MalformedId(field=name)
    return UUID(value)


def _choose(memberships: Sequence[Membership], header: str | None) -> Membership:
    if header is not None:
        wanted = parse_id(header, ORGANIZATION_HEADER)
        chosen = [one for one in memberships if one.organization_id == wanted]
        if not chosen:
            raise OrganizationNotFound
        return chosen[0]
    if len(memberships) > 1:
        raise OrganizationRequired([one.organization_id for one in memberships])
    return memberships[0]


def _bearer(headers: Headers) -> str:
    header = headers.get("Authorization", "")
    bearer = _BEARER.fullmatch(header) if len(header) <= _LONGEST_TOKEN else None
    if bearer is None:
        raise Unauthenticated
    return bearer[1]
