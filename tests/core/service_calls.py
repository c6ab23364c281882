"""One call of each public method of the services, with what has to be there before it."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.bilan import Phase
from creneau.core.domain.booking import Booking
from creneau.core.domain.busy import BusyObject, BusyReading
from creneau.core.domain.calendar import PushFailure
from creneau.core.domain.diary import Part
from creneau.core.domain.emails import EmailState
from creneau.core.domain.feeds import CalendarProgram, FeedKind
from creneau.core.domain.hold import HoldRequest
from creneau.core.domain.hours_calendar import HoursObject, HoursWish
from creneau.core.domain.jobs import Job
from creneau.core.domain.listing import BookingsWanted
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.domain.messages import PostedMessage, PublishedHome, Purpose
from creneau.core.domain.page_links import PagePurpose, PageVisit
from creneau.core.domain.people import Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.preferences import Preferences
from creneau.core.domain.reminders import Lease
from creneau.core.domain.slack import BotTokens
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import OtherHours
from creneau.core.usecases.bookings import BookingRequest
from creneau.core.usecases.people import PersonDraft
from tests.conftest import slack_id, weekly
from tests.core.audit_stage import A_WEEK_OFF, AT_TEN, Stage

A_DAY_OF_ITS_OWN = OtherHours(
    date(2026, 12, 8),
    "Europe/Paris",
    (SlotDraft(time(15), time(17), "Europe/Paris", date_specific=date(2026, 12, 8), duration_minutes=60),),
)
MADE = HoursObject("/h/a.ics", None, "digest", 0, AT_TEN)


def put_hours(stage: Stage) -> Any:
    work = stage.shown_hours()
    stage.services["PublishedHoursService"].record_put(work, stage.slot().id, MADE)
    return work


def left(stage: Stage) -> tuple[Any, ...]:
    stage.linked_session()
    own = stage.consultant.user_id
    stage.services["CalendarService"].unlink_calendar(stage.consultant, own, removes_sessions=True)
    return stage.tenant, own


def gone(stage: Stage) -> Any:
    """Return the beneficiary as they are after having left Slack."""
    stage.services["PresenceService"].record_left(stage.centre.beneficiary)
    return stage.centre.people.get_user(stage.tenant, stage.centre.beneficiary.id)


def sealed_of(stage: Stage, visit: PageVisit) -> tuple[Any, ...]:
    return visit, stage.services["PageLinkService"].seal(visit, "text")


def nothing(*_: object) -> tuple[Any, ...]:
    return ()


def at_its_start(stage: Stage, booking: Booking) -> Booking:
    stage.clock.set(booking.span.starts_at)
    return booking


def pushed(stage: Stage, session: Any) -> Any:
    stage.services["CalendarService"].record_push(session, "/p/a.ics", "1")
    return session


def too_late(stage: Stage, lease: Lease) -> Lease:
    stage.clock.set(AT_TEN)
    return lease


def overdue(stage: Stage) -> tuple[Any, ...]:
    stage.clock.set(stage.book().span.starts_at)
    return ()


CALLS: dict[str, Callable[[Stage], tuple[Any, ...]]] = {
    "PeopleService.add_organization": lambda _: ("Autre centre",),
    "PeopleService.link_slack_team": lambda s: (s.tenant, s.centre.organization.slack_team_id),
    "PeopleService.add_user": lambda s: (s.centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org"),
    "PeopleService.open_bilan": lambda s: (s.centre.beneficiary, s.centre.consultant, 840),
    "PeopleService.close_bilan": lambda s: (s.tenant, s.centre.bilan.id, s.admin),
    "PeopleService.set_bilan_hours": lambda s: (s.tenant, s.centre.bilan.id, 840, s.admin),
    "PeopleService.get_bilan": lambda s: (s.beneficiary, s.centre.bilan.id),
    "PeopleService.get_organization": lambda s: (s.tenant,),
    "PeopleService.get_organization_of_slack_team": lambda s: (s.centre.organization.slack_team_id,),
    "PeopleService.get_user": lambda s: (s.tenant, s.centre.consultant.id),
    "PeopleService.get_slack_user": lambda s: (
        s.centre.organization.slack_team_id,
        s.centre.consultant.slack_user_id,
    ),
    "PeopleService.get_user_by_email": lambda s: (s.tenant, s.centre.consultant.email),
    "PeopleService.list_users": lambda s: (s.tenant,),
    "PeopleService.find_active_bilan": lambda s: (s.centre.beneficiary,),
    "SchedulingService.create_availability_slot": lambda s: (
        s.consultant,
        s.consultant.user_id,
        weekly(6, duration_minutes=60),
    ),
    "SchedulingService.get_available_slots_for_consultant": lambda s: (s.beneficiary, s.consultant.user_id),
    "SchedulingService.list_offered": lambda s: (s.beneficiary, s.consultant.user_id),
    "SchedulingService.create_session_booking": lambda s: (
        s.beneficiary,
        BookingRequest(s.centre.bilan.id, s.consultant.user_id, AT_TEN),
        "key",
    ),
    "SchedulingService.confirm_booking": lambda s: (s.consultant, s.book().id),
    "SchedulingService.decline_booking": lambda s: (s.consultant, s.book().id),
    "SchedulingService.cancel_booking": lambda s: (s.consultant, s.book().id, "Imprévu"),
    "SchedulingService.reschedule_booking": lambda s: (
        s.admin,
        s.book().id,
        AT_TEN + timedelta(days=1),
        None,
        "Imprévu",
    ),
    "SchedulingService.propose_times": lambda s: (s.consultant, s.book().id, [AT_TEN + timedelta(days=1)]),
    "SchedulingService.accept_proposal": lambda s: (s.beneficiary, *(one.id for one in s.proposed())),
    "SchedulingService.refuse_proposals": lambda s: (s.beneficiary, s.proposed()[0].id),
    "SchedulingService.list_proposals": lambda s: (s.beneficiary, s.proposed()[0].id),
    "SchedulingService.start_session": lambda s: (s.consultant, at_its_start(s, s.confirmed()).id),
    "SchedulingService.complete_session": lambda s: (s.consultant, at_its_start(s, s.confirmed()).id, True, 4),
    "SchedulingService.create_post_session_reminder": lambda s: (s.consultant, s.completed().id),
    "SchedulingService.set_meeting_place": lambda s: (s.consultant, s.book().id, MeetingPlace("https://a.example")),
    "SchedulingService.rate_session": lambda s: (s.beneficiary, s.completed().id, 5),
    "SchedulingService.rebuild_analytics": lambda s: (s.centre.organization,),
    "SchedulingService.expire_requests": overdue,
    "SchedulingService.explain_slot": lambda s: (s.beneficiary, s.consultant.user_id, AT_TEN),
    "SchedulingService.check_booking_conflicts": lambda s: (
        s.beneficiary,
        s.consultant.user_id,
        AT_TEN.date(),
        AT_TEN.time(),
        (AT_TEN + timedelta(hours=1)).time(),
    ),
    "SchedulingService.validate_bilan_for_booking": lambda s: (s.beneficiary, s.centre.bilan.id),
    "SchedulingService.get_booking_history": lambda s: (s.beneficiary, s.book().id),
    "SchedulingService.get_bilan_hours": lambda s: (s.beneficiary, s.centre.bilan.id),
    "SchedulingService.get_consultant_analytics": lambda s: (
        s.admin,
        s.consultant.user_id,
        AT_TEN.date(),
        AT_TEN.date(),
    ),
    "SchedulingService.get_booking": lambda s: (s.beneficiary, s.book().id),
    "SchedulingService.get_beneficiary_bookings": lambda s: (s.beneficiary, s.beneficiary.user_id),
    "SchedulingService.get_consultant_bookings": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.list_availability_slots": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.create_availability_slots": lambda s: (
        s.consultant,
        s.consultant.user_id,
        [weekly(6), weekly(0)],
        "key",
    ),
    "AvailabilityService.get_policy": lambda s: (s.admin, None),
    "AvailabilityService.update_availability_slot": lambda s: (s.consultant, s.slot().id, weekly(1, "10:00", "16:00")),
    "AvailabilityService.delete_availability_slot": lambda s: (s.consultant, s.slot().id),
    "AvailabilityService.preview_slot_change": lambda s: (s.consultant, s.slot().id, None),
    "AvailabilityService.add_time_off": lambda s: (
        s.consultant,
        s.consultant.user_id,
        A_WEEK_OFF,
    ),
    "AvailabilityService.preview_time_off": lambda s: (s.consultant, s.consultant.user_id, A_WEEK_OFF),
    "AvailabilityService.set_other_hours": lambda s: (s.consultant, s.consultant.user_id, A_DAY_OF_ITS_OWN),
    "AvailabilityService.preview_other_hours": lambda s: (s.consultant, s.consultant.user_id, A_DAY_OF_ITS_OWN),
    "AvailabilityService.list_holidays": lambda s: (s.consultant, s.consultant.user_id, 90, "fr"),
    "AvailabilityService.remove_time_off": lambda s: (s.consultant, s.time_off().id),
    "AvailabilityService.list_time_off": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.set_policy": lambda s: (s.admin, None, PolicyChoices(horizon_days=30)),
    "AvailabilityService.list_open_times": lambda s: (s.beneficiary,),
    "BusyService.keep_objects": lambda s: (
        s.tenant,
        s.read_calendar(),
        "calendar",
        [BusyObject("a.ics", None, "a", (Span(AT_TEN, AT_TEN + timedelta(hours=1)),))],
        None,
    ),
    "BusyService.list_recurring": lambda s: (s.tenant, s.read_calendar(), "calendar"),
    "ReadingService.list_due": nothing,
    "ReadingService.begin": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.end": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.record_success": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.record_failure": lambda s: (
        nothing(s.linked_session()) or (s.tenant, s.consultant.user_id, PushFailure.UNREACHABLE)
    ),
    "CalendarChangeService.list_watched": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarChangeService.record_seen": lambda s: (s.tenant, s.watched(), s.dragged()),
    "CalendarChangeService.record_missing": lambda s: (s.tenant, s.watched()),
    "CalendarChangeService.is_in_another_calendar": lambda s: (
        s.tenant,
        s.consultant.user_id,
        s.watched().booking_id,
        "https://dav.example/p/",
    ),
    "CalendarChangeService.record_told": lambda s: (s.tenant, s.asked_about()),
    "CalendarChangeService.ask_for_new_time": lambda s: (s.consultant, s.asked_about()),
    "CalendarChangeService.put_back": lambda s: (s.consultant, s.asked_about()),
    "CalendarChangeService.record_suspicion": lambda s: (s.tenant, s.watched() and s.consultant.user_id, 4),
    "CalendarChangeService.clear_suspicion": lambda s: (s.tenant, s.mistrusted()),
    "CalendarChangeService.find_suspicion": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarChangeService.put_all_back": lambda s: (s.consultant, s.mistrusted()),
    "CalendarService.link_calendar": lambda s: (
        s.consultant,
        s.consultant.user_id,
        "https://dav.example/p/",
        "paul",
        "secret",
    ),
    "PublishedHoursService.show_hours": lambda s: (
        nothing(s.linked_session()) or (s.consultant, s.consultant.user_id, HoursWish())
    ),
    "PublishedHoursService.hide_hours": lambda s: nothing(s.shown_hours()) or (s.consultant, s.consultant.user_id),
    "PublishedHoursService.list_published": nothing,
    "PublishedHoursService.find_work": lambda s: (s.tenant, s.consultant.user_id),
    "PublishedHoursService.record_made": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_cleared": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_put": lambda s: (s.shown_hours(), s.slot().id, MADE),
    "PublishedHoursService.record_removal": lambda s: (put_hours(s), s.slot().id),
    "PublishedHoursService.record_inbox": lambda s: (s.shown_hours(), None),
    "PublishedHoursService.finish": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_failure": lambda s: (
        nothing(s.shown_hours()) or (s.tenant, s.consultant.user_id, PushFailure.UNREACHABLE)
    ),
    "CalendarService.find_health": lambda s: (s.consultant, s.consultant.user_id),
    "CalendarService.push_again": lambda s: nothing(s.linked_session()) or (s.consultant, s.consultant.user_id),
    "CalendarService.unlink_calendar": lambda s: nothing(s.linked_session()) or (s.consultant, s.consultant.user_id),
    "CalendarService.find_leaving": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.is_leaving": lambda s: (s.linked_session().link,),
    "CalendarService.finish_leaving": left,
    "CalendarService.record_failure": lambda s: (s.tenant, s.linked_session().booking.id, PushFailure.UNREACHABLE),
    "PageLinkService.issue": lambda s: (s.consultant, PagePurpose.CONNECT_CALENDAR),
    "PageLinkService.visit": lambda s: (s.page_token(), PagePurpose.CONNECT_CALENDAR),
    "PageLinkService.count_try": lambda s: (s.page_visit(),),
    "PageLinkService.seal": lambda s: (s.page_visit(), "text"),
    "PageLinkService.unseal": lambda s: sealed_of(s, s.page_visit()),
    "CalendarService.find_link": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.get_session": lambda s: (s.tenant, s.book().id),
    "CalendarService.is_current": lambda s: (s.linked_session(),),
    "CalendarService.list_to_push": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.record_attempt": lambda s: (s.linked_session(), "/p/a.ics"),
    "CalendarService.record_push": lambda s: (s.linked_session(), "/p/a.ics", "1"),
    "CalendarService.record_refusal": lambda s: (pushed(s, s.linked_session()), 403),
    "CalendarService.record_removal": lambda s: (pushed(s, s.linked_session()),),
    "BusyService.list_known_objects": lambda s: (s.tenant, s.consultant.user_id, "calendar"),
    "BusyService.record_busy": lambda s: (s.tenant, s.consultant.user_id, "calendar", BusyReading(())),
    "BusyService.forget_calendar": lambda s: (s.tenant, s.read_calendar(), "calendar"),
    "FeedService.issue_feed_token": lambda s: (s.centre.consultant, FeedKind.SESSIONS, s.consultant),
    "FeedService.revoke_feed_token": lambda s: (s.consultant, FeedKind.SESSIONS),
    "FeedService.list_issued": lambda s: (s.consultant,),
    "FeedService.open_feed": lambda _: ("no such token", FeedKind.SESSIONS),
    "FeedService.window": lambda _: (),
    "FeedService.find_etag": lambda s: (s.feed(),),
    "FeedService.record_fetch": lambda s: (s.feed(), CalendarProgram.APPLE),
    "FeedService.list_sessions": lambda s: (s.feed_owner(),),
    "FeedService.list_bookable_hours": lambda s: (s.feed_owner(),),
    "FeedService.tell_series": lambda s: (s.feed().owner,),
    "PreferencesService.get_preferences": lambda s: (s.consultant,),
    "PreferencesService.set_preferences": lambda s: (
        s.consultant,
        "en",
        "Europe/Paris",
        Preferences(wants_digest=True),
    ),
    "DigestService.claim_due": lambda s: nothing(s.wants_digest()),
    "DigestService.find_due": lambda s: (s.digest_lease(),),
    "DigestService.hold": lambda s: (s.digest_lease(),),
    "DigestService.record_sent": lambda s: (s.digest_lease(),),
    "DigestService.record_failed": lambda s: (s.digest_lease(), "account_inactive"),
    "DigestService.record_postponed": lambda s: (s.digest_lease(), "ratelimited"),
    "AdministrationService.get_person": lambda s: (s.admin, s.consultant.user_id),
    "AdministrationService.ask_for_links": lambda s: (s.admin,),
    "AdministrationService.add_person": lambda s: (
        s.admin,
        PersonDraft(Role.CONSULTANT, "Julie Roux", "julie@example.org"),
    ),
    "AdministrationService.change_role": lambda s: (s.admin, s.somebody().id, Role.CONSULTANT),
    "AdministrationService.link_slack_user": lambda s: (s.admin, s.consultant.user_id, slack_id("U")),
    "AdministrationService.deactivate_person": lambda s: (s.admin, s.book().beneficiary_id, "Départ"),
    "AdministrationService.change_bilan": lambda s: (s.admin, s.centre.bilan.id, 840, Phase.CONCLUSION),
    "DiaryService.get_diary": lambda s: (s.consultant, {}, dict.fromkeys(Part, 5)),
    "SlackService.find_home": lambda s: (s.centre.consultant,),
    "SlackService.record_home": lambda s: (s.centre.consultant, None, PublishedHome("f", "h", "{}")),
    "SecretService.count_secrets": lambda _: (),
    "SecretService.reseal_secrets": lambda s: (s.linked_session() and 200,),
    "SlackService.save_installation": lambda s: (s.installation(),),
    "SlackService.find_installation": lambda s: (s.tenant,),
    "SlackService.find_installation_of_team": lambda s: (s.centre.organization.slack_team_id,),
    "BookingFileService.open_booking_file": lambda s: (s.beneficiary, s.book().id),
    "BookingFileService.get_booking_file": lambda s: (s.tenant, s.book().id),
    "SlackService.record_message": lambda s: (
        booking := s.book(),
        PostedMessage(booking.id, s.consultant.user_id, Purpose.REQUEST, "D1", "1.0"),
    ),
    "SlackService.record_overtaken": lambda s: (
        booking := s.book(),
        PostedMessage(booking.id, s.consultant.user_id, Purpose.REQUEST, "D1", "1.0"),
    ),
    "SlackService.hold_message": lambda s: (s.book().id, s.consultant.user_id, Purpose.REQUEST, 1),
    "SlackService.trying": lambda _: (Job("slack.refresh_messages", {}), timedelta(seconds=30)),
    "SlackService.park_method": lambda s: (s.tenant, "chat.postMessage", timedelta(seconds=30)),
    "BookingFileService.is_current": lambda s: (s.book(),),
    "SlackService.find_access": lambda s: (s.tenant, "chat.postMessage"),
    "ChoosingService.get_choices": lambda s: (s.beneficiary,),
    "ChoosingService.list_engagements": lambda s: (s.beneficiary,),
    "ChoosingService.hold_time": lambda s: (
        s.beneficiary,
        HoldRequest(s.centre.bilan.id, s.consultant.user_id, AT_TEN),
    ),
    "ChoosingService.release_hold": lambda s: (s.beneficiary, s.hold().reference),
    "HousekeepingService.remove_old_slack_requests": lambda s: nothing(s.acted()),
    "InstallationService.install": lambda s: (s.grant(), s.tenant, "a state"),
    "InstallationService.end": lambda s: nothing(s.installed()) or (s.tenant,),
    "InstallationService.end_of_team": lambda s: (s.installed(),),
    "InstallationService.lease_rotations": lambda s: nothing(s.installed()),
    "InstallationService.record_rotated": lambda s: (
        nothing(s.installed()) or (s.tenant, "xoxe-1", BotTokens("xoxb-2", "xoxe-2", AT_TEN))
    ),
    "InstallationService.record_rotation_refused": lambda s: nothing(s.installed()) or (s.tenant, "xoxe-1"),
    "PresenceService.hear_of_leaving": lambda s: (s.centre.organization.slack_team_id, s.centre.admin.slack_user_id),
    "PresenceService.hear_of_being_there": lambda s: (s.centre.organization.slack_team_id, gone(s).slack_user_id),
    "PresenceService.record_left": lambda s: (s.centre.beneficiary,),
    "PresenceService.record_returned": lambda s: (gone(s),),
    "PresenceService.find_departure": lambda s: (s.tenant, gone(s).id),
    "ReminderService.claim_due": lambda s: nothing(s.confirmed(), s.clock.set(AT_TEN - timedelta(minutes=50))),
    "ReminderService.list_due": lambda s: (s.tenant, [too_late(s, s.lease())]),
    "ReminderService.hold": lambda s: ([s.lease()],),
    "ReminderService.hold_lane": lambda _: (0,),
    "ReminderService.begin_posting": lambda s: (s.lease(), s.reminded_of()),
    "ReminderService.record_posted": lambda s: (
        due := s.due(),
        PostedMessage(due.file.booking.id, s.consultant.user_id, Purpose.REMINDER_1H, "D1", "1.1"),
    ),
    "ReminderService.record_found": lambda s: (
        due := s.due(),
        PostedMessage(due.file.booking.id, s.consultant.user_id, Purpose.REMINDER_1H, "D1", "1.1"),
    ),
    "ReminderService.find_told_start": lambda s: (s.due(),),
    "ReminderService.record_unposted": lambda s: (s.lease(),),
    "ReminderService.record_sent": lambda s: (s.lease(),),
    "ReminderService.record_skipped": lambda s: (s.lease(), "too_late"),
    "ReminderService.record_ambiguous": lambda s: (s.lease(), "missing_scope"),
    "ReminderService.record_failed": lambda s: (s.lease(), "channel_not_found"),
    "ReminderService.record_postponed": lambda s: (s.lease(), "timeout"),
    "ReminderService.turn_to_email": lambda s: (s.lease(),),
    "ReminderService.list_of_booking": lambda s: (s.consultant, s.book().id),
    "EmailService.claim": lambda s: (s.email(), "account_inactive", AT_TEN),
    "BookingLinkService.issue": lambda s: (s.book(), s.centre.beneficiary),
    "BookingLinkService.visit": lambda s: (s.services["BookingLinkService"].issue(s.book(), s.centre.beneficiary),),
    "EmailService.is_known": lambda s: (s.email(),),
    "EmailService.begin_sending": lambda s: (s.email(is_claimed=True),),
    "EmailService.record_sent": lambda s: (s.email(is_claimed=True, is_sending=True),),
    "EmailService.record": lambda s: (s.email(is_claimed=True), EmailState.FAILED, "refused_550"),
    "EmailService.list_of_booking": lambda s: (s.consultant, s.book().id),
    "NotesService.set_notes": lambda s: (s.beneficiary, s.book().id, "Mes questions"),
    "NotesService.get_notes": lambda s: (s.beneficiary, s.book().id),
    "AuditService.list_audit": lambda s: (s.admin,),
    "ListingService.list_bookings": lambda s: (s.beneficiary, BookingsWanted()),
    "ListingService.list_bilans": lambda s: (s.beneficiary,),
    "ListingService.list_users": lambda s: (s.admin,),
    "ListingService.list_slots": lambda s: (s.consultant,),
    "ListingService.list_time_off": lambda s: (s.consultant,),
    "ListingService.list_analytics": lambda s: (s.consultant, s.consultant.user_id),
    "ListingService.list_audit": lambda s: (s.admin,),
    "HousekeepingService.remove_old_idempotency_keys": lambda s: nothing(s.book(key="key"), s.clock.move(hours=49)),
    "HousekeepingService.forget_failed_jobs": lambda _: (["reminders.send"],),
    "HousekeepingService.remove_old_request_rates": lambda s: nothing(s.admit(), s.clock.move(hours=1)),
    "AdmissionService.admit": lambda s: (s.membership, "hash"),
    "AdmissionService.list_memberships": lambda _: ("nobody@example.org",),
    "OperationsService.read_figures": nothing,
    "OperationsService.find_worker_age": nothing,
    "OperationsService.read_database": nothing,
    "OperationsService.read_calendars": nothing,
    "OperationsService.read_backups": nothing,
    "OperationsService.list_installed": nothing,
    "OperationsService.list_failed_jobs": nothing,
    "OperationsService.run_again": nothing,
}
"""How each public method is called: what has to be there first, and its arguments."""
