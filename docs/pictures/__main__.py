"""Make the pictures of docs/slack.md: every flow in the local Slack, as each role, in both languages.

`make pictures` runs it; it needs Debian's chromium.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import booking_acts
import centre_acts
import consultant_acts
import session_acts
import structlog
from camera import open_camera
from play import Act, Play, StillClock

from creneau.app.postgres import PostgresUrls
from creneau.core.domain.policy import PolicyChoices
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.clock_panel import clock_panel
from creneau.demo.stage import Stage

FOLDER = Path(__file__).parent.parent / "slack"
MONDAY_MORNING = datetime(2026, 11, 30, 8, 4, tzinfo=UTC)  # 9:04 in Paris
DEADLINE = timedelta(hours=4)
ACTS: tuple[Act, ...] = (
    booking_acts.first_homes,
    session_acts.want_digest,
    booking_acts.book,
    booking_acts.answer,
    booking_acts.decline,
    booking_acts.book_for_somebody,
    session_acts.evening_before,
    session_acts.morning,
    centre_acts.newcomer,
    centre_acts.home,
    centre_acts.people,
    centre_acts.bilans,
    centre_acts.rules,
    session_acts.afternoon,
    session_acts.evening,
    session_acts.unanswered,
    consultant_acts.hours,
    consultant_acts.time_off,
    consultant_acts.calendars,
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    for language in ("fr", "en"):
        clock = StillClock(MONDAY_MORNING)
        with tempfile.TemporaryDirectory(prefix="creneau-pictures-") as name:
            folder = Path(name)
            with (
                EmbeddedPostgres(folder) as postgres,
                Stage(
                    PostgresUrls(postgres.runtime_url, postgres.owner_url), folder, clock, panels=[clock_panel(clock)]
                ) as stage,
                open_camera(FOLDER, language) as camera,
            ):
                # Seen on that Monday, the messages are of that Monday too.
                stage.slack.world.clock = lambda clock=clock: clock.now().timestamp()
                play = Play(stage, clock, camera, language)
                with_deadlines(play)
                for act in ACTS:
                    print(language, act.__name__)
                    act(play)
                if stage.slack.problems:
                    raise RuntimeError(stage.slack.problems)


def with_deadlines(play: Play) -> None:
    minutes = int(DEADLINE.total_seconds() // 60)
    choices = PolicyChoices(cancellation_deadline_minutes=minutes, reschedule_deadline_minutes=minutes)
    administrator = play.stage.actor(play.logins["administrator"])
    play.stage.creneau.availability.set_policy(administrator, None, choices)


if __name__ == "__main__":
    main()
