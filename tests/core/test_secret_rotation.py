"""Keys change while everything runs: what is stored is sealed anew, bound to its row, and the old key can go."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.ids import CalendarLinkId
from creneau.core.domain.sealed import Resealing, SealedPlace, SealedSecret, SecretCounts
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import SecretBox, SecretUnreadable, generate_key
from creneau.core.services.audit import AuditService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.secrets import SecretService
from creneau.core.services.slack import SlackService
from creneau.core.storage import sealed_secrets
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, Published, build_centre, new_id

OLD, NEW, LOST = generate_key(), generate_key(), generate_key()
URL = "https://dav.example.org/paul/sessions/"


class Stored:
    """What two centres have stored, and the services of a process with some keys."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database, self.clock = database, clock
        self.centres = [build_centre(database, clock) for _ in range(2)]

    def calendars(self, *keys: str) -> CalendarService:
        return CalendarService(self.database, self.clock, SecretBox(keys), Published(), new_id)

    def secrets(self, *keys: str) -> SecretService:
        return SecretService(self.database, self.clock, SecretBox(keys), new_id)

    def link(self, centre: Centre, password: str, *keys: str) -> SealedSecret:
        actor = centre.actor(centre.consultant)
        link = self.calendars(*keys).link_calendar(actor, centre.consultant.id, URL, "paul", password)
        return SealedSecret(SealedPlace.CALENDAR, centre.organization.id, link.id)

    def install(self, centre: Centre, *keys: str) -> SlackInstallation:
        tokens = BotTokens("xoxb-token", "xoxe-1-refresh", self.clock.now())
        grant = SlackGrant(centre.organization.slack_team_id, "B1", "U1", tokens)
        installation = SlackInstallation(centre.organization.id, grant)
        SlackService(self.database, self.clock, SecretBox(keys), new_id).save_installation(installation)
        return installation

    def password(self, centre: Centre, *keys: str) -> str:
        return self.calendars(*keys).find_link(centre.organization.id, centre.consultant.id).password

    def resealed(self, centre: Centre) -> list[str]:
        lines = AuditService(self.database).list_audit(centre.actor(centre.admin), AuditQuery())
        return sorted(line.subject for line in lines if line.action == "resealed" and line.actor_id is None)


@pytest.fixture
def stored(fresh_database: Database, clock: MovableClock) -> Stored:
    return Stored(fresh_database, clock)


def test_every_secret_is_sealed_anew_and_then_the_old_key_can_go(stored: Stored, monkeypatch: pytest.MonkeyPatch):
    one, other = stored.centres
    stored.link(one, "first", OLD)
    stored.link(other, "second", OLD)
    installation = stored.install(one, OLD)
    service = stored.secrets(NEW, OLD)
    assert service.count_secrets() == SecretCounts(newest=0, older=4)
    assert stored.secrets(NEW).count_secrets() == SecretCounts(unknown=4)

    # Stopped in the middle: what is done is done, and both keys are at hand.
    with monkeypatch.context() as patched:
        write, written = sealed_secrets.write, []

        def stop(*arguments: object) -> None:
            if len(written) == 2:
                raise KeyboardInterrupt
            written.append(write(*arguments))

        patched.setattr(sealed_secrets, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            service.reseal_secrets(batch=1)
    assert service.count_secrets() == SecretCounts(newest=2, older=2)
    assert [stored.password(centre, NEW, OLD) for centre in stored.centres] == ["first", "second"]

    assert service.reseal_secrets(batch=1) == Resealing(2, ())
    assert service.count_secrets() == SecretCounts(newest=4)
    assert service.reseal_secrets() == Resealing(0, ())
    assert [stored.password(centre, NEW) for centre in stored.centres] == ["first", "second"]
    slack = SlackService(stored.database, stored.clock, SecretBox([NEW]), new_id)
    assert slack.find_installation(one.organization.id) == installation
    with pytest.raises(SecretUnreadable):
        stored.password(one, OLD)
    assert stored.resealed(one) == ["calendar_link", "slack_installation", "slack_installation"]
    assert stored.resealed(other) == ["calendar_link"]


def test_what_no_key_opens_is_told_and_the_others_are_sealed_anew(stored: Stored):
    one, other = stored.centres
    lost = stored.link(one, "first", LOST)
    stored.link(other, "second", OLD)
    service = stored.secrets(NEW, OLD)
    assert service.count_secrets() == SecretCounts(older=1, unknown=1)
    assert service.reseal_secrets(batch=1) == Resealing(1, (lost,))
    assert (stored.password(other, NEW), stored.resealed(one)) == ("second", [])
    with pytest.raises(SecretUnreadable):
        stored.password(one, NEW, OLD)
    stored.link(one, "again", NEW, OLD)
    assert service.count_secrets() == SecretCounts(newest=2)


def test_a_secret_that_was_carried_to_another_row_is_not_sealed_to_it(stored: Stored):
    one, other = stored.centres
    stored.link(one, "first", OLD)
    moved = stored.link(other, "second", OLD)
    with stored.database.transaction(one.organization.id) as tx:
        sealed = tx.scalar(text("select password_sealed from calendar_links"))
    with stored.database.transaction(other.organization.id) as tx:
        sealed_secrets.write(tx, moved, sealed)
    assert stored.secrets(NEW, OLD).reseal_secrets() == Resealing(1, (moved,))


def test_a_password_that_is_entered_meanwhile_stays(stored: Stored, monkeypatch: pytest.MonkeyPatch):
    one, _ = stored.centres
    stored.link(one, "first", OLD)
    listed = sealed_secrets.list_under_other_keys

    def list_then_enter(*arguments: object) -> list[SealedSecret]:
        found = listed(*arguments)
        if found:
            stored.link(one, "entered", NEW, OLD)
        return found

    monkeypatch.setattr(sealed_secrets, "list_under_other_keys", list_then_enter)
    assert stored.secrets(NEW, OLD).reseal_secrets() == Resealing(0, ())
    assert (stored.password(one, NEW), stored.resealed(one)) == ("entered", [])


def test_the_list_of_secrets_tells_where_they_are_and_four_bytes_of_a_key(stored: Stored):
    one, _ = stored.centres
    secret = stored.link(one, "first", OLD)
    with stored.database.without_tenant() as tx:
        [row] = tx.execute(text("select * from list_sealed_secrets()")).mappings()
        gone = replace(secret, row_id=CalendarLinkId(new_id()))
        assert sealed_secrets.lock(tx, gone) is sealed_secrets.lock(tx, secret) is None, "no tenant, no row"
    assert row == {
        "place": "CALENDAR",
        "organization_id": one.organization.id,
        "row_id": secret.row_id,
        "key_tag": SecretBox([OLD]).tags[0],
    }
