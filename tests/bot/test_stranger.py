"""Who made a request, from bodies as Slack documents them, and who can be a person of a centre."""

from typing import Any

import pytest

from creneau.bot.stranger import (
    Deactivated,
    NotAPerson,
    NotRegistered,
    OtherWorkspace,
    Sender,
    WholeEnterprise,
    read_sender,
    require_member,
    workspace_of,
)

GRID = {"id": "E1", "name": "Grid"}
ALLOWED = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}


def interaction(team: Any = None, home: str | None = "T1", **more: Any) -> dict[str, Any]:
    return {"type": "block_actions", "team": team, "user": {"id": "U1", "team_id": home}, "enterprise": None, **more}


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/book", "team_id": "T1", "user_id": "U1", "is_enterprise_install": "false"},
        interaction({"id": "T1", "domain": "x"}),
        interaction({"id": "T1", "domain": "x"}, None),
        interaction(None),  # https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
        interaction({"id": "T1", "enterprise_id": "E1"}, "T9", enterprise=GRID),
        interaction({"id": "T1", "enterprise_id": "E1"}, "E1", enterprise=GRID),
        {"team_id": "T1", "authorizations": [ALLOWED], "event": {"type": "app_home_opened", "user": "U1"}},
        {"team_id": "T9", "authorizations": [ALLOWED], "event": {"type": "app_home_opened", "user": "U1"}},
        interaction({"id": "T9"}, view={"app_installed_team_id": "T1"}, type="view_submission"),
    ],
)
def test_somebody_acts_in_the_workspace_that_the_app_is_installed_in(body: dict[str, Any]):
    assert read_sender(body) == Sender("T1", "U1")


@pytest.mark.parametrize(
    "body",
    [
        interaction({"id": "T1", "domain": "x"}, "T9"),
        interaction({"id": "T9", "domain": "x"}, "T9", view={"app_installed_team_id": "T1"}),
        {"authorizations": [ALLOWED], "event": {"type": "app_home_opened", "user": "U1", "user_team": "T9"}},
    ],
)
def test_somebody_of_another_workspace_is_never_taken_for_one_of_ours(body: dict[str, Any]):
    with pytest.raises(OtherWorkspace):
        read_sender(body)


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/book", "team_id": "T1", "user_id": "U1", "is_enterprise_install": "true"},
        interaction(None, enterprise=GRID, is_enterprise_install=True),
        {"authorizations": [{**ALLOWED, "is_enterprise_install": True}], "event": {"user": "U1"}},
    ],
)
def test_an_installation_of_a_whole_enterprise_is_none_of_a_centre(body: dict[str, Any]):
    with pytest.raises(WholeEnterprise):
        read_sender(body)


@pytest.mark.parametrize("body", [{}, {"user": None, "team": None}, {"team_id": "T1", "event": {"user": {"id": "U1"}}}])
def test_a_request_of_nobody_is_one_of_nobody(body: dict[str, Any]):
    with pytest.raises(NotRegistered):
        read_sender(body)


def test_a_body_without_a_workspace_names_none():
    assert workspace_of({}) is None


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [
        ({"id": "U1", "team_id": "T1", "is_bot": True}, NotAPerson),
        ({"id": "U1", "team_id": "T1", "is_workflow_bot": True}, NotAPerson),
        ({"id": "USLACKBOT", "team_id": "T1", "is_bot": False}, NotAPerson),
        ({"id": "U1", "team_id": "T1", "deleted": True}, Deactivated),
        ({"id": "U1", "team_id": "T9"}, OtherWorkspace),
        ({"id": "U1", "team_id": "T1", "is_stranger": True}, OtherWorkspace),
        ({"id": "U1", "team_id": "T9", "enterprise_user": {"teams": ["T9", "T8"]}}, OtherWorkspace),
    ],
)
def test_who_can_be_no_person_of_a_centre_is_refused(profile: dict[str, Any], refusal: type[NotRegistered]):
    with pytest.raises(refusal):
        require_member(profile, "T1")


@pytest.mark.parametrize(
    "profile",
    [
        {"id": "U1", "team_id": "T1"},
        {"id": "U1", "team_id": "T1", "is_restricted": True, "is_ultra_restricted": True},
        {"id": "U1", "team_id": "T9", "enterprise_user": {"teams": ["T9", "T1"]}},
    ],
)
def test_members_guests_and_people_of_the_same_enterprise_can(profile: dict[str, Any]):
    require_member(profile, "T1")
