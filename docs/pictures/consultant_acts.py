"""Wednesday: the consultant's hours, absences and calendars, and our own page for a calendar's account."""

from play import Play

from creneau.demo.sample import PASSWORD


def hours(play: Play) -> None:
    paul = play.consultant
    play.command(paul, "/availability")
    play.take_window(paul, "availability")
    play.take_phone(paul, "availability")
    play.open(paul, "hours_add")
    play.take_window(paul, "hours-add")
    paul.close_modal()

    thursday = [block["block_id"] for block, e in paul.modal.elements() if e["action_id"] == "hours_menu"][-2]
    before = paul.modal
    paul.select(thursday, {"fr": "Modifier", "en": "Change"}[play.language])
    play.window(paul, before)
    paul.pick_time("from", "16:00")
    play.take_window(paul, "hours-change")
    before = paul.modal
    blocks = before.blocks
    paul.submit()
    paul.wait_for(lambda: paul.modal is not before or paul.modal.blocks is not blocks)
    play.take_window(paul, "hours-outside")
    play.take_phone(paul, "hours-outside")
    play.close(paul)


def time_off(play: Play) -> None:
    paul = play.consultant
    play.command(paul, "/availability")
    play.open(paul, "time_off_add")
    paul.pick_date("first", "2026-12-22")
    paul.pick_date("last", "2026-12-24")
    play.take_window(paul, "time-off")
    paul.submit()
    paul.wait_for_modal("22")
    play.take_window(paul, "availability-time-off")
    play.close(paul)


def calendars(play: Play) -> None:
    paul = play.consultant
    play.command(paul, "/calendar")
    play.take_window(paul, "calendar")
    play.take_phone(paul, "calendar")
    link = play.open(paul, "calendar_connect")
    play.take_window(paul, "calendar-link")
    ours = next(element["url"] for _, element in link.elements() if element["action_id"] == "calendar_page")
    account(play, ours)
    paul.close_modal()
    play.open(paul, "calendar_leave")
    play.take_window(paul, "calendar-leave")
    paul.close_modal()
    first_feed = next(block["block_id"] for block, e in paul.modal.elements() if e["action_id"] == "feed_issue")
    play.open(paul, "feed_issue", near=first_feed)
    play.take_window(paul, "feed-address")
    play.close(paul)


def account(play: Play, url: str) -> None:
    camera = play.visit(url)
    page = camera.page
    page.locator("[name=address]").fill(play.stage.calendars.url)
    page.locator("[name=username]").fill(play.logins["consultant"])
    page.locator("[name=password]").fill("not this one")
    page.get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    play.take_page("calendar-account")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button").click()
    page.get_by_role("radio").first.check()
    play.take_page("calendar-choice")
    page.get_by_role("button").click()
    page.locator("form").wait_for(state="detached")
    play.take_page("calendar-connected")
