"""Links to our own pages: one person, one purpose, once, a quarter of an hour. All that is wrong is answered alike."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from creneau.core.domain.errors import PageLinkSpent, Refusal
from creneau.core.domain.page_links import LIFETIME, MOST_TRIES, PagePurpose
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.core.services.page_links import PageLinkService
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, Published, new_id

PURPOSE = PagePurpose.CONNECT_CALENDAR
URL = "https://dav.example.org/p/"


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([generate_key()])


@pytest.fixture
def links(database: Database, clock: MovableClock, box: SecretBox) -> PageLinkService:
    return PageLinkService(database, clock, box, new_id)


@pytest.fixture
def calendars(database: Database, clock: MovableClock, box: SecretBox) -> CalendarService:
    return CalendarService(database, clock, box, Published(), new_id)


def is_spent(links: PageLinkService, token: str) -> bool:
    try:
        links.visit(token, PURPOSE)
    except PageLinkSpent:
        return True
    return False


def test_a_link_says_whose_it_is_until_its_quarter_of_an_hour_is_over(
    centre: Centre, links: PageLinkService, clock: MovableClock
):
    token = links.issue(centre.actor(centre.consultant), PURPOSE)
    for _ in range(3):  # looking uses nothing up
        visit = links.visit(token, PURPOSE)
    assert (visit.user.id, visit.organization.id) == (centre.consultant.id, centre.organization.id)

    clock.move(seconds=LIFETIME.total_seconds() - 1)
    assert not is_spent(links, token)
    clock.move(seconds=1)
    assert is_spent(links, token)


def test_the_newest_link_of_a_person_is_the_only_one(centre: Centre, links: PageLinkService):
    consultant, admin = centre.actor(centre.consultant), centre.actor(centre.admin)
    first, of_admin = links.issue(consultant, PURPOSE), links.issue(admin, PURPOSE)
    second = links.issue(consultant, PURPOSE)

    assert is_spent(links, first)
    assert not is_spent(links, second)
    assert not is_spent(links, of_admin)


def test_a_token_with_any_character_changed_opens_nothing(centre: Centre, links: PageLinkService):
    token = links.issue(centre.actor(centre.consultant), PURPOSE)
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert is_spent(links, token[:place] + other + token[place + 1 :]), place
    for wrong in ("", "x", token[:-1], token + "A", token + "=", "é" * 20, "A" * 5000):
        assert is_spent(links, wrong), wrong


def test_a_token_sealed_with_a_key_of_somebody_else_opens_nothing(
    centre: Centre, links: PageLinkService, database: Database, clock: MovableClock
):
    forger = PageLinkService(database, clock, SecretBox([generate_key()]), new_id)
    assert is_spent(links, forger.issue(centre.actor(centre.consultant), PURPOSE))


def test_a_link_has_a_server_asked_only_so_often(centre: Centre, links: PageLinkService):
    token = links.issue(centre.actor(centre.consultant), PURPOSE)
    visit = links.visit(token, PURPOSE)
    for _ in range(MOST_TRIES - 1):
        links.count_try(visit)
    assert not is_spent(links, token)
    links.count_try(visit)
    assert is_spent(links, token)


def test_what_one_page_hands_to_the_next_is_good_for_this_link_alone(centre: Centre, links: PageLinkService):
    visit = links.visit(links.issue(centre.actor(centre.consultant), PURPOSE), PURPOSE)
    other = links.visit(links.issue(centre.actor(centre.admin), PURPOSE), PURPOSE)
    sealed = links.seal(visit, "a password")

    assert "a password" not in sealed
    assert links.unseal(visit, sealed) == "a password"
    for wrong in (lambda: links.unseal(other, sealed), lambda: links.unseal(visit, "x" + sealed)):
        with pytest.raises(PageLinkSpent):
            wrong()


def test_of_two_who_use_a_link_at_once_one_links_a_calendar(
    centre: Centre, links: PageLinkService, calendars: CalendarService
):
    consultant = centre.actor(centre.consultant)
    token = links.issue(consultant, PURPOSE)
    visit = links.visit(token, PURPOSE)

    def link(name: str) -> str:
        try:
            calendars.link_calendar(consultant, consultant.user_id, URL, name, "secret", visit=visit)
        except Refusal as refusal:
            return refusal.code
        return "linked"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(link, ["paul", "marc"]))

    assert outcomes == ["linked", "page_link.spent"]
    assert is_spent(links, token)


def test_a_link_that_could_not_be_used_is_not_used_up(
    centre: Centre, links: PageLinkService, calendars: CalendarService
):
    consultant = centre.actor(centre.consultant)
    token = links.issue(consultant, PURPOSE)
    visit = links.visit(token, PURPOSE)
    with pytest.raises(Refusal):
        calendars.link_calendar(consultant, consultant.user_id, URL, "pa:ul", "secret", visit=visit)
    assert not is_spent(links, token)
