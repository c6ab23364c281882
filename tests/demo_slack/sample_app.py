"""A small booking app that uses what the page can show; the page test and nobody else runs it."""

from typing import Any

from slack_bolt import App

from .conftest import button, field, modal, option, plain, section

CONSULTANT = "U2"
NOON = 1_800_014_400


def slots(day: str) -> dict[str, Any]:
    groups = [
        {"label": plain("Morning"), "options": [option("09:00", f"{day}-09"), option("10:00", f"{day}-10")]},
        {"label": plain("Afternoon"), "options": [option("14:00", f"{day}-14"), option("15:30", f"{day}-15")]},
    ]
    return {"type": "static_select", "action_id": "slot", "placeholder": plain("Pick a time"), "option_groups": groups}


def form(day: str) -> dict[str, Any]:
    return modal(
        section("Sessions with *Marie Curie* last 60 minutes. Times are in _Europe/Paris_."),
        field("who", "Consultant", {"type": "external_select", "action_id": "who", "min_query_length": 0}),
        field("day", "Day", {"type": "datepicker", "action_id": "day", "initial_date": day}, dispatch_action=True),
        field(f"slot-{day}", "Time", slots(day)),
        field(
            "place",
            "Where",
            {
                "type": "radio_buttons",
                "action_id": "place",
                "initial_option": option("By video :video_camera:", "video"),
                "options": [option("By video :video_camera:", "video"), option("At the centre", "centre")],
            },
        ),
        field(
            "note",
            "Anything to prepare?",
            {"type": "plain_text_input", "action_id": "note", "multiline": True, "placeholder": plain("A few words")},
            optional=True,
            hint=plain("Only your consultant reads this."),
        ),
        submit=plain("Ask for it"),
        callback_id="book",
    )


def request_blocks(note: str) -> list[dict[str, Any]]:
    confirm = {"title": plain("Decline?"), "text": plain("Ada will be told."), "confirm": plain("Decline")}
    return [
        {"type": "header", "text": plain("New request :calendar:")},
        section(
            "*Ada Lovelace* asks for a session",
            fields=[
                {"type": "mrkdwn", "text": f"*When*\n<!date^{NOON}^{{date_long}} {{time}}|later>"},
                {"type": "mrkdwn", "text": "*Where*\nBy video"},
                {"type": "mrkdwn", "text": f"*Note*\n{note}"},
            ],
        ),
        {
            "type": "actions",
            "block_id": "answer",
            "elements": [
                button("Confirm", "confirm", style="primary", value="b1"),
                button("Propose another time", "propose", value="b1"),
                button("Decline", "decline", style="danger", confirm={**confirm, "deny": plain("Keep")}),
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Times in *Europe/Paris* · expires in 24 h"}]},
    ]


def home(name: str) -> dict[str, Any]:
    options = [option("Details", "details"), option("Reschedule", "move"), option("Cancel", "cancel")]
    menu = {"type": "overflow", "action_id": "more", "options": options}
    when = f"<!date^{NOON}^{{date_long_pretty}} {{time}}|later>"
    blocks = [
        {"type": "header", "text": plain("Your sessions")},
        section(f"Hello {name}, your next session is soon."),
        {
            "type": "actions",
            "elements": [button("Book a session", "book", style="primary"), button("Settings", "settings")],
        },
        {"type": "divider"},
        section(f"*{when}*\nwith Marie Curie, by video", block_id="s1", accessory=menu),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": ":white_check_mark: Confirmed"}]},
        {"type": "divider"},
        section(f"*{when}*\nwith Marie Curie, at the centre", block_id="s2", accessory=menu),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": ":hourglass_flowing_sand: Waits for an answer"}]},
    ]
    return {"type": "home", "blocks": blocks}


def book(ack: Any, body: dict[str, Any], client: Any) -> None:
    ack()
    opened = client.views_open(trigger_id=body["trigger_id"], view=modal(section("Looking for free times…")))
    client.views_update(view_id=opened["view"]["id"], view=form("2027-01-15"))


def fail(ack: Any) -> None:
    ack("Nothing to <see> here, *sorry* :wave:")


def who(ack: Any, body: dict[str, Any]) -> None:
    people = [option("Marie Curie", "m"), option("Blaise Pascal", "p")]
    ack(options=[one for one in people if body["value"].lower() in one["text"]["text"].lower()])


def choose_day(ack: Any, body: dict[str, Any], client: Any) -> None:
    ack()
    view = body["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=form(body["actions"][0]["selected_date"]))


def submitted(ack: Any, view: dict[str, Any], client: Any) -> None:
    values = view["state"]["values"]
    block_id = next(name for name in values if name.startswith("slot-"))
    if values[block_id]["slot"]["selected_option"]["value"].endswith("09"):
        ack(response_action="errors", errors={block_id: "Just taken. Next free: 10:00, 14:00."})
        return
    ack()
    client.chat_postMessage(channel=CONSULTANT, text="New request", blocks=request_blocks("<b>Hi</b> &amp; thanks"))


def confirm(ack: Any, body: dict[str, Any], client: Any) -> None:
    ack()
    blocks = [*body["message"]["blocks"][:2], section(":white_check_mark: *Confirmed* by <@U2>")]
    client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Confirmed", blocks=blocks)
    client.chat_postMessage(channel="U1", text="Your session is *confirmed* :tada:")


def opened(event: dict[str, Any], client: Any) -> None:
    if event["tab"] == "home":
        client.views_publish(user_id=event["user"], view=home(event["user"]))


def register(app: App) -> None:
    """Add the listeners of the sample flow."""
    app.command("/book")(book)
    app.action("book")(book)
    app.command("/fail")(fail)
    app.options("who")(who)
    app.action("day")(choose_day)
    app.view("book")(submitted)
    app.action("confirm")(confirm)
    app.action("decline")(lambda ack: ack())
    app.event("app_home_opened")(opened)
