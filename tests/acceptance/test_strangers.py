"""Who is no person of the centre is told what they can do; who leaves Slack is written to no more, and others know."""

from datetime import timedelta

from structlog.testing import capture_logs

from creneau.demo.slack import Person
from creneau.demo.slack.workspace import ENTERPRISE
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, ask_and_confirm
from tests.acceptance.test_administration import at_home
from tests.acceptance.test_preferences import wake, want_digest

CAP, HORIZON = "T0CAPAVENIR", "T0HORIZON"
GUEST = Person("U0GUEST", "guest", "Iris Invitée", "iris@example.org", is_restricted=True)
ONE_CHANNEL = Person(
    "U0SINGLE", "single", "Solène Seule", "solene@example.org", is_restricted=True, is_ultra_restricted=True
)
ELSEWHERE = Person("U0ELSE", "else", "Éric Ailleurs", "eric@example.org", home_team_id="T0ELSEWHERE")
COLLEAGUE = Person("U0GRID", "grid", "Gaëlle Grille", "g@example.org", "Europe/Paris", enterprise_teams=(CAP,))
ROBOT = Person("U0ROBOT", "robot", "Robot Rappel", is_bot=True)
WORKFLOW = Person("U0FLOW", "flow", "Workflow Accueil", is_workflow_bot=True)
GONE = Person("U0GONE", "gone", "Paule Partie", "paule@example.org", deleted=True)


def posts_to(story: Story, user_id: str) -> int:
    return len([call for call in story.slack.calls_to("chat.postMessage") if call.arguments["channel"] == user_id])


def test_a_stranger_is_told_what_they_are_and_whom_to_ask(story: Story):
    told = {
        GUEST.id: ("Demandez à votre centre", "You are a guest here"),
        ONE_CHANNEL.id: ("Demandez à votre centre", "You are a guest here"),
        ELSEWHERE.id: ("Utilisez-le dans le vôtre", "belongs to another workspace"),
        COLLEAGUE.id: ("pas encore enregistré", "not registered here yet"),
    }
    before = story.jobs_left()

    with capture_logs() as logs:
        for stranger in (GUEST, ONE_CHANNEL, ELSEWHERE, COLLEAGUE):
            french, english = told[stranger.id]
            person = story.slack.join(CAP, stranger)
            person.command("/book")
            assert english in person.wait_for_modal(french).all_text
            person.close_modal()
            person.open_home()
            assert english in person.wait_for_home(french).all_text

    assert [entry for entry in logs if entry["log_level"] == "error"] == []
    assert story.jobs_left() == before
    assert story.slack.problems == []


def test_who_can_be_no_person_of_the_centre_is_not_added_and_a_guest_is(story: Story):
    people = story.slack.world.workspaces[CAP].people
    people += [GUEST, ELSEWHERE, ROBOT, WORKFLOW, GONE, Person("USLACKBOT", "slackbot", "Slackbot")]
    anne = at_home(story, "people_open")
    anne.click(anne.wait_for_modal("Paul Martin"), "person_add")
    anne.wait_for_modal("Compte Slack")

    for name, said in {
        ROBOT.real_name: "robot ou un workflow",
        WORKFLOW.real_name: "robot ou un workflow",
        "Slackbot": "robot ou un workflow",
        GONE.real_name: "compte Slack est désactivé",
        ELSEWHERE.real_name: "autre espace de travail",
    }.items():
        anne.select("slack_user", name)
        assert said in (anne.submit() or {})["slack_user"]
    story.slack.faults.refuse("users.info", "fatal_error")
    anne.select("slack_user", GUEST.real_name)
    assert "Slack n’a pas dit" in (anne.submit() or {})["slack_user"]
    assert anne.submit() is None

    assert anne.wait_for_modal(GUEST.real_name)
    guest = story.slack.person(CAP, GUEST.id)
    guest.command("/book")
    assert guest.wait_for_modal("pas d’accompagnement ouvert")


def test_a_person_of_an_enterprise_is_known_by_their_id_wherever_their_home_is(story: Story):
    marie = story.person("marie")
    marie.person.home_team_id, marie.person.enterprise_teams = HORIZON, (CAP, HORIZON)

    marie.shortcut("book_session")
    assert marie.wait_for_modal("Avec Paul Martin")

    marie.close_modal()
    marie.person.enterprise_teams = ()  # now only of another workspace, without an Enterprise around both
    marie.shortcut("book_session")
    assert marie.wait_for_modal("belongs to another workspace")
    assert ENTERPRISE.startswith("E")


def test_who_leaves_slack_is_written_to_no_more_and_those_concerned_are_told_once(story: Story):
    ask_and_confirm(story)
    paul, anne, marie = (story.person(login) for login in ("paul", "anne", "marie"))

    story.slack.faults.lose_answer("chat.postMessage")
    for _ in range(2):
        story.slack.set_active(CAP, "U0MARIE", is_active=False)
        story.work()
        story.work_again()

    told = [message for message in anne.messages if "Un compte Slack a été fermé" in message.text]
    assert len(told) == 1
    assert "Marie Durand" not in told[0].text
    assert "1 séance à venir est maintenue" in told[0].all_text
    anne.click(told[0], "Personnes")
    assert "a quitté Slack" in anne.wait_for_modal("Marie Durand").all_text
    before = posts_to(story, "U0MARIE")

    for hours in (24, 1):
        story.clock.set(TUESDAY_AT_TEN - timedelta(hours=hours))
        story.work_reminders()

    undelivered = [message for message in paul.messages if "n’a pas pu être remis" in message.text]
    assert len(undelivered) == 1
    assert "Veuillez écrire à marie@cap-avenir.example" in undelivered[0].all_text
    assert posts_to(story, "U0MARIE") == before
    lines = story.creneau.audit.list_audit(story.stage.actor("anne"))
    assert [line.action for line in lines].count("left_slack") == 1
    assert marie.messages
    assert story.jobs_left() == {}


def test_who_is_back_is_written_to_again_also_when_the_news_of_it_was_lost_or_late(story: Story):
    ask_and_confirm(story)
    story.slack.set_active(CAP, "U0MARIE", is_active=False)
    story.work()
    marie = story.person("marie")
    marie.person.deleted = False  # the event of it is lost

    marie.command("/book")
    marie.wait_for_modal("Nous vérifions")
    marie.close_modal()
    story.work()
    marie.command("/book")
    assert marie.wait_for_modal("Avec Paul Martin")

    late = next(one for one in story.slack.delivered if one.payload.get("event", {}).get("type") == "user_change")
    late.payload["event_id"] = "EvLATE"
    story.slack.delivery.send("events_api", late.payload)
    story.work()
    before = posts_to(story, "U0MARIE")
    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=24))
    story.work_reminders()

    assert posts_to(story, "U0MARIE") == before + 1
    assert story.jobs_left() == {}


def test_a_consultant_who_left_is_missed_by_whom_they_were_to_meet(story: Story):
    ask_and_confirm(story)
    want_digest(story, "paul")
    story.slack.set_active(CAP, "U0PAUL", is_active=False)
    story.work()
    before = posts_to(story, "U0PAUL")

    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=24))
    story.work_reminders()

    marie = story.person("marie")
    told = marie.wait_for_message("n’a pas pu être remis")
    assert "Paul Martin" in told.all_text
    assert "contacter votre centre" in told.all_text
    wake(story, TUESDAY_AT_TEN - timedelta(hours=2))
    assert posts_to(story, "U0PAUL") == before
