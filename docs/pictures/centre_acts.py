"""The administrator: the home, people, bilans and the rules of the centre."""

from play import Play

from creneau.core.domain.people import Role
from creneau.demo.slack import Person


def newcomer(play: Play) -> None:
    """Somebody is in Slack whom the centre does not know yet, and somebody whom Slack does not know."""
    workspace = play.administrator.workspace
    domain = play.administrator.person.email.partition("@")[2]
    locale = {"fr": "fr-FR", "en": "en-GB"}[play.language]
    workspace.people.append(Person("U0NINA", "nina", "Nina Faure", f"nina@{domain}", locale=locale))
    cast = next(cast for cast in play.stage.casts if cast.sample.slack_team_id == workspace.team_id)
    play.stage.creneau.people.add_user(cast.organization, Role.BENEFICIARY, "Zoé Garnier", f"zoe@{domain}")


def home(play: Play) -> None:
    play.take_home(play.administrator, "home-administrator")


def people(play: Play) -> None:
    anne = play.administrator
    play.home_of(anne)
    listed = play.open(anne, "people_open")
    play.take_window(anne, "people")
    play.take_phone(anne, "people")
    play.open(anne, "person_add")
    anne.select("slack_user", "Nina Faure")
    play.take_window(anne, "person-add")
    anne.close_modal()
    play.open(anne, "person_change", near=play.beneficiary.person.real_name)
    play.take_window(anne, "person-change")
    play.open(anne, "person_deactivate")
    play.take_window(anne, "person-deactivate")
    anne.close_modal()
    anne.close_modal()
    anne.click(listed, "people_link")
    anne.wait_for(lambda: anne.modal is not listed)
    play.take_window(anne, "people-link")
    play.close(anne)
    play.work()
    play.take_message(anne, "people-linked")


def bilans(play: Play) -> None:
    anne = play.administrator
    play.home_of(anne)
    play.open(anne, "bilans_open")
    play.take_window(anne, "bilans")
    play.open(anne, "bilan_add")
    play.take_window(anne, "bilan-add")
    anne.close_modal()
    play.open(anne, "bilan_change", near=play.beneficiary.person.real_name)
    play.take_window(anne, "bilan-change")
    play.close(anne)


def rules(play: Play) -> None:
    anne = play.administrator
    play.home_of(anne)
    play.open(anne, "rules_open")
    play.take_window(anne, "rules")
    play.close(anne)
