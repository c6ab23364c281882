"""`creneau explain` on the command line."""

from datetime import UTC, datetime, time, timedelta

from click.testing import CliRunner

from creneau.app.cli import main
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.people import Role
from creneau.core.secrets import generate_key
from tests.conftest import Centre, Urls

HORIZON = "This time is too far ahead: appointments do not open that early."


def explain(urls: Urls, centre: Centre, at: str, *more: str) -> str:
    environment = {
        "DATABASE_URL": urls.runtime,
        "CRENEAU_ENCRYPTION_KEYS": generate_key(),
        "CRENEAU_JWT_SECRET": "x" * 64,
        "SLACK_SIGNING_SECRET": "y" * 32,
    }
    arguments = ["explain", "--organization", str(centre.organization.id), "--consultant", centre.consultant.email]
    result = CliRunner().invoke(main, [*arguments, "--at", at, *more], env=environment)
    return result.output.strip()


def test_a_start_that_is_not_offered_is_explained_with_its_codes_and_sentences(worker_urls: Urls, centre: Centre):
    assert explain(worker_urls, centre, "2999-12-03T10:00") == f"slot.horizon: {HORIZON}"


def test_the_rule_that_offers_a_start_is_named(worker_urls: Urls, centre: Centre):
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    actor = centre.actor(centre.admin)
    draft = SlotDraft(time(9), time(17), "Europe/Paris", None, tomorrow, duration_minutes=60)
    slot = centre.scheduling.create_availability_slot(actor, centre.consultant.id, draft)

    lines = explain(worker_urls, centre, f"{tomorrow}T18:00", "--beneficiary", centre.beneficiary.email)
    assert lines == "slot.outside_rules: This time is not offered."
    lines = explain(worker_urls, centre, f"{tomorrow}T10:00").splitlines()
    assert lines[0] == "bookable"
    assert "10:00-11:00 Europe/Paris, seats left: 1" in lines[1]
    assert str(slot.id) in lines[1] or any(str(weekly.id) in lines[1] for weekly in centre.slots)


def test_what_is_not_a_moment_and_who_is_not_a_consultant_are_refused(worker_urls: Urls, centre: Centre):
    assert "is not a moment" in explain(worker_urls, centre, "tomorrow")
    assert centre.beneficiary.role is Role.BENEFICIARY
    assert "user.not_found" in explain(
        worker_urls, centre, "2026-12-01T10:00", "--consultant", centre.beneficiary.email
    )
