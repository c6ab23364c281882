"""One message by e-mail, never two by us, whatever the server does; and what came of it can be read."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from creneau.core.domain.emails import EmailState
from creneau.core.domain.errors import BookingNotFound
from creneau.core.domain.messages import Purpose
from creneau.core.services.administration import AdministrationService
from creneau.core.services.emails import EmailService
from creneau.core.storage.database import Database
from creneau.mail.postman import NO_MAIL_SERVER
from creneau.mail.transport import MailUnavailable
from tests.conftest import Centre, MovableClock, Published, Urls, build_centre, new_id, plain
from tests.mail.conftest import Post, make_post
from tests.mail.smtp_server import SmtpServer


def test_a_message_goes_once_in_the_reader_s_words_and_zone(post: Post, server: SmtpServer):
    first, second = post.deliver(), post.deliver()

    assert (first.state, second.state) == (EmailState.SENT, EmailState.SENT)
    [letter] = server.letters
    said = letter["Subject"].replace("\u00a0", " ")
    assert "mardi 1er décembre 2026 à 10:00 (heure de Paris)" in said
    text = letter.get_content()
    assert said in text.replace("\u00a0", " ")
    for part in ("Avec\u00a0: Paul Martin", "Slack ne permet pas de vous joindre", "Cap Avenir"):
        assert part in text
    [listed] = post.listed()
    assert (listed.state, listed.slack_problem, listed.sent_at) == (
        EmailState.SENT,
        "account_inactive",
        post.clock.now(),
    )


def test_another_purpose_recipient_or_version_is_another_message(post: Post, server: SmtpServer):
    post.deliver()
    post.deliver(Purpose.CANCELLED)
    post.deliver(Purpose.REQUEST, post.centre.consultant.id)

    assert len(server.letters) == 3
    assert len({letter["Message-ID"] for letter in server.letters}) == 3


def test_what_the_server_did_not_take_is_tried_again_and_what_it_refused_is_not(post: Post, server: SmtpServer):
    server.refuse["DATA"] = "452 full"
    with pytest.raises(MailUnavailable):
        post.deliver()
    [waiting] = post.listed()
    assert (waiting.state, waiting.reason) == (EmailState.WAITING, "postponed_452")

    server.refuse.clear()
    assert post.deliver().state is EmailState.SENT

    server.refuse["RCPT"] = "550 nobody"
    assert post.deliver(Purpose.CANCELLED) == (EmailState.FAILED, "refused_550")
    server.refuse.clear()
    assert post.deliver(Purpose.CANCELLED) == (EmailState.FAILED, "refused_550")
    assert len(server.letters) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_is_shown_as_uncertain_and_never_sent_again(post: Post, server: SmtpServer, *, arrived: bool):
    server.hang_up_at, server.keeps_what_it_hangs_up_on = "DATA", arrived
    assert post.deliver() == (EmailState.AMBIGUOUS, "no_answer")

    server.hang_up_at = ""
    assert post.deliver() == (EmailState.AMBIGUOUS, "no_answer")
    assert len(server.letters) == arrived
    assert [email.state for email in post.listed()] == [EmailState.AMBIGUOUS]


def test_a_worker_that_died_with_the_text_handed_over_leaves_what_is_uncertain(post: Post, server: SmtpServer):
    post.emails.claim(post.key(), "account_inactive", post.clock.now())
    assert post.emails.begin_sending(post.key())

    assert post.deliver() == (EmailState.AMBIGUOUS, "no_answer")
    assert server.letters == []


def test_of_eight_who_send_at_once_one_does(post: Post, server: SmtpServer):
    together = threading.Barrier(8)

    def deliver(_: int) -> EmailState:
        together.wait()
        return post.deliver().state

    with ThreadPoolExecutor(8) as racers:
        list(racers.map(deliver, range(8)))

    assert len(server.letters) == 1
    assert [email.state for email in post.listed()] == [EmailState.SENT]  # who came by while it went is put right


def test_without_a_server_and_to_nobody_s_address_nothing_is_sent_and_it_says_why(
    post: Post, server: SmtpServer, database: Database
):
    with database.transaction(post.centre.organization.id) as tx:
        tx.exec_driver_sql(
            "update users set email = %(email)s where id = %(id)s",
            {"email": "marie@here\r\nRCPT TO:<eve@example.org>", "id": post.centre.beneficiary.id},
        )
    assert post.deliver() == (EmailState.FAILED, "address_unfit")
    assert server.recipients == []

    post.transport = None
    assert post.deliver(Purpose.CANCELLED) == (EmailState.FAILED, NO_MAIL_SERVER)


def test_who_was_let_go_gets_no_e_mail(post: Post, server: SmtpServer, database: Database, clock: MovableClock):
    administration = AdministrationService(database, clock, Published(), new_id)
    centre = post.centre
    administration.deactivate_person(centre.actor(centre.admin), centre.beneficiary.id, "moved away")

    assert post.deliver(Purpose.CANCELLED) == (EmailState.FAILED, "recipient_let_go")
    assert server.letters == []


def test_what_was_wanted_before_a_backup_was_restored_may_be_out_and_is_not_sent(
    fresh_urls: Urls, fresh_database: Database, clock: MovableClock, server: SmtpServer
):
    post = make_post(build_centre(fresh_database, clock), fresh_database, clock, server)
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute(
            "insert into backup_log (kind, at, taken_at, bytes) values ('RESTORE', %(at)s, %(at)s, 1)",
            {"at": clock.now()},
        )
    assert post.deliver() == (EmailState.AMBIGUOUS, "restored")

    clock.move(minutes=1)
    after = post.postman().deliver(
        post.file, Purpose.REMINDER_24H, post.key(Purpose.REMINDER_24H), "account_inactive", clock.now()
    )
    assert after.state is EmailState.SENT
    assert len(server.letters) == 1


def test_no_stranger_reads_what_was_sent(post: Post, other_centre: Centre, database: Database, clock: MovableClock):
    post.deliver()
    nadia, _ = post.centre.add_beneficiary()
    emails = EmailService(database, clock)
    for stranger in (post.centre.actor(nadia), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            emails.list_of_booking(stranger, post.booking.id)
