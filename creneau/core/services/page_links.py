"""PageLinkService: addresses of our own pages, sealed for one person and one purpose."""

import base64
import binascii
from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.errors import PageLinkSpent, UserNotFound
from creneau.core.domain.ids import OrganizationId, PageLinkId, UserId
from creneau.core.domain.page_links import LIFETIME, PageLink, PagePurpose, PageVisit
from creneau.core.domain.people import Actor
from creneau.core.secrets import SecretBox, SecretUnreadable
from creneau.core.storage import organizations, page_links, users
from creneau.core.storage.database import Database
from creneau.core.usecases import audit

_LONGEST_TOKEN = 400


class PageLinkService:
    """A token carries whose it is, sealed with our key: nobody can make one, and no tenant has to be searched for."""

    def __init__(self, database: Database, clock: Clock, box: SecretBox, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._new_id = new_id

    def issue(self, actor: Actor, purpose: PagePurpose) -> str:
        """Return the secret of a new link; the one before opens nothing any more."""
        now = self._clock.now()
        link = PageLink(
            actor.organization_id, actor.user_id, purpose, PageLinkId(self._new_id()), expires_at=now + LIFETIME
        )
        with self._database.transaction(actor.organization_id) as tx:
            page_links.save(tx, link, now)
            audit.record(tx, actor, "issued", "page_link", link.id, now, self._new_id)
        carried = b"".join(id_.bytes for id_ in (link.organization_id, link.user_id, link.id))
        sealed = self._box.encrypt(base64.b64encode(carried).decode(), _row(purpose))
        return _encode(sealed)

    def visit(self, token: str, purpose: PagePurpose) -> PageVisit:
        """Return who comes by a link. Raises: `page_link.spent`, whatever is wrong with it."""
        organization_id, user_id, link_id = self._read(token, purpose)
        with self._database.transaction(organization_id) as tx:
            link = page_links.find(tx, organization_id, user_id, purpose, link_id)
            if link is None or not link.is_open(self._clock.now()):
                raise PageLinkSpent
            try:
                user = users.get(tx, organization_id, user_id)
            except UserNotFound:
                raise PageLinkSpent from None
            return PageVisit(link, user, organizations.get(tx, organization_id))

    def count_try(self, visit: PageVisit) -> None:
        """Count that a server is about to be asked for this link."""
        with self._database.transaction(visit.link.organization_id) as tx:
            page_links.count_try(tx, visit.link)

    def seal(self, visit: PageVisit, text: str) -> str:
        """Seal what a page hands to the next one, so that it means nothing anywhere else."""
        return _encode(self._box.encrypt(text, _step(visit)))

    def unseal(self, visit: PageVisit, sealed: str) -> str:
        """Raises: `page_link.spent` for what was not sealed for this very link."""
        try:
            return self._box.decrypt(_decode(sealed), _step(visit))
        except (SecretUnreadable, ValueError):
            raise PageLinkSpent from None

    def _read(self, token: str, purpose: PagePurpose) -> tuple[OrganizationId, UserId, PageLinkId]:
        if len(token) > _LONGEST_TOKEN:
            raise PageLinkSpent
        try:
            carried = base64.b64decode(self._box.decrypt(_decode(token), _row(purpose)))
        except (SecretUnreadable, ValueError):
            raise PageLinkSpent from None
        organization_id, user_id, link_id = (UUID(bytes=carried[place : place + 16]) for place in (0, 16, 32))
        return OrganizationId(organization_id), UserId(user_id), PageLinkId(link_id)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(token: str) -> bytes:
    """Raises: ValueError, also for what is another spelling of the same bytes."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if _encode(raw) != token:
        raise ValueError
    return raw


def _row(purpose: PagePurpose) -> str:
    return f"page_links:{purpose}"


def _step(visit: PageVisit) -> str:
    return f"page_links:{visit.link.purpose}:{visit.link.organization_id}:{visit.link.id}"
