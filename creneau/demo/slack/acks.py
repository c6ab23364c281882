"""What an app's ack does to the screen: a message after a command, the next step after a submission."""

from typing import Any

from creneau.demo.slack.api_chat import check_blocks
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.api_views import checked_view, push_on_stack
from creneau.demo.slack.checks import Report, array, shape
from creneau.demo.slack.delivery import Answer
from creneau.demo.slack.elements import option, option_group
from creneau.demo.slack.views import View
from creneau.demo.slack.wording import words_for
from creneau.demo.slack.workspace import Json, Person, Workspace
from creneau.demo.slack.world import World

SLACKBOT = "USLACKBOT"
_choices = shape({}, {"options": array(option(), 0, 100), "option_groups": array(option_group, 0, 100)})


def after_command(world: World, workspace: Workspace, person: Person, command: str, answer: Answer) -> None:
    """Show the ack of a command, or Slackbot's error."""
    if answer.failure is not None:
        world.problem(f"{command}: {answer.sentence}")
        _say_failed(world, workspace, person, command, answer.command_error)
        return
    body: Json = {"text": answer.body} if isinstance(answer.body, str) else answer.body
    if not body:
        return
    try:
        if body.get("blocks"):
            check_blocks(body["blocks"])
    except ApiError as refusal:
        world.problem(f"{command}: {refusal.code}: {'; '.join(refusal.messages)}")
        _say_failed(world, workspace, person, command, refusal.code)
        return
    only_for = None if body.get("response_type") == "in_channel" else person.id
    channel = workspace.channel_of(person.id)
    world.post(workspace, channel, body.get("text", ""), body.get("blocks"), only_for=only_for)


def say_as_slackbot(world: World, workspace: Workspace, person: Person, sentence: str) -> None:
    world.post(workspace, workspace.channel_of(person.id), sentence, only_for=person.id, author_id=SLACKBOT)


def trouble_of(view: View) -> str:
    """Word the error over a modal in the language of whoever looks at it."""
    person = view.workspace.find_person(view.user_id)
    return words_for(person.locale if person else "")["trouble"]


def after_submission(world: World, view: View, answer: Answer) -> dict[str, str] | None:
    """Do what the ack of a submission says; return the field errors, None when it was accepted."""
    try:
        with world.lock:
            errors = _carry_out(world, view, answer)
    except ApiError as refusal:
        world.problem(f"view_submission {view.callback_id}: {refusal.code}: {'; '.join(refusal.messages)}")
        view.trouble = trouble_of(view)
        errors = {"": view.trouble}
    world.changed()
    return errors


def suggested_options(world: World, action_id: str, answer: Answer) -> tuple[list[Json], list[Json]]:
    """Read (options, option groups) from the ack of a `block_suggestion`; both empty when it is wrong."""
    body = answer.body or {}
    if answer.failure is not None:
        world.problem(f"block_suggestion {action_id}: {answer.sentence}")
        return [], []
    report = Report()
    _choices(report, "", body)
    if report.messages:
        world.problem(f"block_suggestion {action_id}: {'; '.join(report.messages)}")
        return [], []
    return body.get("options", []), body.get("option_groups", [])


def _say_failed(world: World, workspace: Workspace, person: Person, command: str, error: str) -> None:
    sentence = words_for(person.locale)["command_failed"].format(command=command, error=error)
    say_as_slackbot(world, workspace, person, sentence)


def _carry_out(world: World, view: View, answer: Answer) -> dict[str, str] | None:
    if answer.failure is not None:
        raise ApiError(answer.failure, [answer.sentence])
    body: Any = answer.body or {}
    stack = world.screen(view.workspace.team_id, view.user_id).stack
    response = body.get("response_action") if isinstance(body, dict) else "not JSON"
    if response is None:
        if body:
            raise ApiError("invalid_ack", [f"unexpected body: {body}"])
        if view in stack:
            stack.remove(view)
    elif response == "errors":
        view.errors = _field_errors(view, body.get("errors"))
        return view.errors
    elif response == "update":
        view.show(checked_view(world, view.workspace, body.get("view"), "modal", replacing=view), world.clock())
    elif response == "push":
        push_on_stack(
            world, view.workspace, view.user_id, checked_view(world, view.workspace, body.get("view"), "modal")
        )
    elif response == "clear":
        stack.clear()
    else:
        raise ApiError("invalid_ack", [f"unknown response_action: {response}"])
    return None


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_ack", ["errors must map block_ids to sentences"])
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    for block_id, sentence in errors.items():
        if block_id not in inputs:
            raise ApiError("invalid_ack", [f"errors: {block_id} is not an input block of this view"])
        if not isinstance(sentence, str) or not sentence:
            raise ApiError("invalid_ack", [f"errors: {block_id} has no sentence"])
    return dict(errors)
