"""Administrators keep people, bilans and the rules of the centre from App Home."""

from dataclasses import replace
from datetime import timedelta

from creneau.core.domain.people import Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.slack import BotTokens
from creneau.demo.slack import Actor as SlackUser
from creneau.demo.slack import Person
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_FR, ask_and_confirm


def at_home(story: Story, button: str, login: str = "anne") -> SlackUser:
    person = story.person(login)
    person.open_home()
    person.wait_for_home()
    person.press(button)
    return person


def newcomer(story: Story) -> None:
    workspace = story.slack.world.workspaces["T0CAPAVENIR"]
    workspace.people.append(Person("U0NINA", "nina", "Nina Faure", "nina@cap-avenir.example", locale="en-GB"))


def test_a_person_is_added_by_choosing_them_in_slack_and_may_be_given_another_role(story: Story):
    newcomer(story)
    anne = at_home(story, "people_open")
    anne.click(anne.wait_for_modal("Paul Martin"), "person_add")
    anne.wait_for_modal("Compte Slack")

    anne.select("slack_user", "Nina Faure")
    assert anne.submit() is None

    listed = anne.wait_for_modal("Nina Faure")
    assert "nina@cap-avenir.example" in listed.all_text
    user = story.creneau.people.get_slack_user("T0CAPAVENIR", "U0NINA")
    assert (user.role, user.locale) == (Role.BENEFICIARY, "en")
    anne.click(listed, "Modifier", near="Nina Faure")
    anne.wait_for_modal("Rôle")
    anne.select("role", "Consultant")
    assert anne.submit() is None
    assert story.creneau.people.get_slack_user("T0CAPAVENIR", "U0NINA").role is Role.CONSULTANT
    assert story.slack.problems == []


def test_somebodys_sessions_are_shown_before_they_are_let_go_and_the_other_side_is_told(story: Story):
    ask_and_confirm(story)
    anne = at_home(story, "people_open")
    anne.click(anne.wait_for_modal("Marie Durand"), "Modifier", near="Marie Durand")
    anne.click(anne.wait_for_modal("Rôle"), "person_deactivate")
    assert TUESDAY_FR in anne.wait_for_modal("Ces séances seront annulées").all_text

    anne.type("reason", "Fin de contrat")
    assert anne.submit() is None
    story.work()

    assert "est annulé" in story.person("paul").wait_for_message("est annulé").text
    marie = story.person("marie")
    marie.open_home()
    assert marie.wait_for_home("n’êtes pas")


def test_the_last_administrator_cannot_leave(story: Story):
    anne = at_home(story, "people_open")
    anne.click(anne.wait_for_modal("Anne Leroy"), "Modifier", near="Anne Leroy")
    anne.wait_for_modal("Rôle")
    anne.select("role", "Consultant")

    assert anne.submit() == {"role": "C’est la dernière personne qui administre le centre."}


def test_people_are_linked_by_their_address_and_who_is_not_found_is_named(story: Story):
    newcomer(story)
    organization = story.stage.casts[0].organization
    for name in ("nina", "zoe"):
        story.creneau.people.add_user(organization, Role.BENEFICIARY, name.title(), f"{name}@cap-avenir.example")
    anne = at_home(story, "people_open")

    anne.click(anne.wait_for_modal("Zoe"), "people_link")
    anne.wait_for_modal("Vous recevrez un message")
    story.slack.faults.lose_answer("chat.postMessage")
    story.work()
    story.work_again()

    [told] = [message for message in anne.messages if "Reliées à Slack" in message.text]
    assert story.jobs_left() == {}
    assert "Zoe · zoe@cap-avenir.example" in told.all_text
    assert story.creneau.people.get_slack_user("T0CAPAVENIR", "U0NINA").name == "Nina"


def test_a_bilan_is_changed_and_closed(story: Story):
    anne = at_home(story, "bilans_open")
    anne.click(anne.wait_for_modal("Marie Durand · Paul Martin"), "Modifier", near="Marie Durand")
    assert "Marie Durand · Paul Martin" in anne.wait_for_modal("Heures achetées").all_text
    anne.type("hours", "25")
    assert list(anne.submit() or {}) == ["hours"]

    anne.type("hours", "14,5")
    anne.select("phase", "Phase d’investigation")
    assert anne.submit() is None

    listed = anne.wait_for_modal("Phase d’investigation")
    assert "reste 14\u00a0h\u00a030" in listed.all_text
    anne.click(listed, "Modifier", near="Marie Durand")
    anne.wait_for_modal("Heures achetées")
    assert anne.submit() is None
    anne.wait_for(lambda: anne.modal and anne.modal.callback_id != "bilan_change")
    assert "reste 14\u00a0h\u00a030" in anne.modal.all_text, "what was not touched stays"
    anne.click(anne.modal, "Modifier", near="Marie Durand")
    anne.wait_for_modal("Heures achetées")
    anne.select("state", "Clôturer")
    assert anne.submit() is None
    anne.wait_for(lambda: anne.modal and "Marie Durand" not in anne.modal.all_text)


def test_an_engagement_is_opened_between_people_who_were_chosen(story: Story):
    newcomer(story)
    organization = story.stage.casts[0].organization
    story.creneau.people.add_user(organization, Role.BENEFICIARY, "Zoe", "zoe@cap-avenir.example")
    anne = at_home(story, "bilans_open")
    anne.click(anne.wait_for_modal("Marie Durand · Paul Martin"), "bilan_add")
    anne.wait_for_modal("Heures achetées")
    assert set(anne.submit() or {}) == {"beneficiary", "consultant"}, "nobody is chosen by default"

    anne.select("beneficiary", "Zoe")
    anne.select("consultant", "Julie Roux")
    assert anne.submit() is None

    assert "utilisé\u00a0: 0\u00a0h" in anne.wait_for_modal("Zoe · Julie Roux").all_text


def test_home_tells_administrators_how_the_centre_stands_with_slack(story: Story):
    anne = story.person("anne")
    anne.open_home()
    assert anne.wait_for_home("l’application est installée et tout le monde est relié")

    organization = story.stage.casts[0].organization
    story.creneau.people.add_user(organization, Role.BENEFICIARY, "Zoe", "zoe@cap-avenir.example")
    until = story.clock.now() + timedelta(hours=12)
    installation = story.creneau.slack.find_installation(organization.id)
    tokens = BotTokens(installation.bot_token, None, until)
    story.creneau.slack.save_installation(replace(installation, grant=replace(installation.grant, tokens=tokens)))
    anne.open_home()

    home = anne.wait_for_home("1 personne n’est pas encore reliée")
    assert "prend fin le lundi 30 novembre 2026 à 21:00 (heure de Paris)" in home.all_text
    marie = story.person("marie")
    marie.open_home()
    assert "reliée" not in marie.wait_for_home("Vos rendez-vous").all_text
    assert story.slack.problems == []


def test_the_rules_of_the_centre_are_kept_and_what_cannot_be_stands_at_its_field(story: Story):
    actor = story.stage.actor("sofia")
    story.creneau.availability.set_policy(actor, None, PolicyChoices(last_chase_minutes=90))
    sofia = at_home(story, "rules_open", "sofia")
    sofia.wait_for_modal("Notice before a session")
    sofia.type("horizon_days", "400")
    assert sofia.submit() == {"horizon_days": "Choose a value from 1 to 366."}
    sofia.type("horizon_days", "60")
    sofia.type("minimum_notice_minutes", "-3")
    assert sofia.submit() == {"minimum_notice_minutes": "Choose a value from 0 to 720."}
    sofia.type("minimum_notice_minutes", "24")
    sofia.type("holiday_country", "France")
    assert "two letters" in (sofia.submit() or {})["holiday_country"]
    sofia.type("holiday_country", "FR")

    sofia.type("horizon_days", "60")
    sofia.type("minimum_notice_minutes", "24")
    sofia.type("busy_max_age_minutes", "6")
    sofia.select("discretion", "Only that there is something new")
    sofia.select("calendar_detail", "With whom")
    assert sofia.submit() is None
    assert "saved" in sofia.modal.all_text
    sofia.close_modal()

    policy = story.creneau.availability.get_policy(actor, None).policy
    assert (policy.last_chase_minutes, policy.busy_max_age_minutes) == (90, 6 * 60)
    assert (policy.horizon_days, policy.minimum_notice_minutes, policy.discretion) == (60, 24 * 60, "STRICT")
    assert policy.calendar_detail == "NAMED"

    sofia.press("rules_open")
    shown = str(sofia.wait_for_modal("Notice before a session").blocks)
    assert "Left empty: 0" in shown  # what an emptied field means, not the day that is in force
    assert "Left empty: 24" not in shown
    assert story.slack.problems == []
