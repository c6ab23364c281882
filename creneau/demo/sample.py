"""Sample people: two centres, each with two consultants, three beneficiaries and an administrator, in two languages."""

from dataclasses import dataclass, field
from datetime import time

from creneau.app.wiring import Creneau
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.bilan import Bilan
from creneau.core.domain.people import Actor, Organization, Role, User

PASSWORD = "radicale"  # noqa: S105 - of the calendar server that the demonstration starts for itself


@dataclass(frozen=True, slots=True)
class SamplePerson:
    role: Role
    name: str
    login: str
    slack_user_id: str
    locale: str
    timezone: str = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class SampleCentre:
    name: str
    slack_team_id: str
    bot_token: str
    locale: str
    domain: str
    people: tuple[SamplePerson, ...]


CENTRES = (
    SampleCentre(
        "Cap Avenir",
        "T0CAPAVENIR",
        "xoxb-cap-avenir-demo",
        "fr",
        "cap-avenir.example",
        (
            SamplePerson(Role.CONSULTANT, "Paul Martin", "paul", "U0PAUL", "fr"),
            SamplePerson(Role.CONSULTANT, "Julie Roux", "julie", "U0JULIE", "fr"),
            SamplePerson(Role.BENEFICIARY, "Marie Durand", "marie", "U0MARIE", "fr"),
            SamplePerson(Role.BENEFICIARY, "Emma Wilson", "emma", "U0EMMA", "en"),
            SamplePerson(Role.BENEFICIARY, "Karim Payet", "karim", "U0KARIM", "fr", "Indian/Reunion"),
            SamplePerson(Role.ORG_ADMIN, "Anne Leroy", "anne", "U0ANNE", "fr"),
        ),
    ),
    SampleCentre(
        "Horizon Skills",
        "T0HORIZON",
        "xoxb-horizon-demo",
        "en",
        "horizon-skills.example",
        (
            SamplePerson(Role.CONSULTANT, "Grace Moore", "grace", "U0GRACE", "en"),
            SamplePerson(Role.CONSULTANT, "Hugo Blanc", "hugo", "U0HUGO", "fr"),
            SamplePerson(Role.BENEFICIARY, "Oliver Smith", "oliver", "U0OLIVER", "en"),
            SamplePerson(Role.BENEFICIARY, "Chloé Petit", "chloe", "U0CHLOE", "fr"),
            SamplePerson(Role.BENEFICIARY, "Liam Brown", "liam", "U0LIAM", "en"),
            SamplePerson(Role.ORG_ADMIN, "Sofia Rossi", "sofia", "U0SOFIA", "en"),
        ),
    ),
)

WEEK = (
    *((day, "09:00", "12:00") for day in (1, 2, 3, 4, 5)),
    *((day, "14:00", "18:00") for day in (1, 2, 4)),
)
"""Day of week (0 = Sunday), from, to: what each consultant offers, in sessions of an hour."""


PURCHASED_MINUTES = 24 * 60
"""What each beneficiary bought."""


@dataclass(slots=True)
class Cast:
    """The sample people of one centre, as they are in the database."""

    sample: SampleCentre
    organization: Organization
    users: dict[str, User] = field(default_factory=dict)
    bilans: list[Bilan] = field(default_factory=list)

    def of_role(self, role: Role) -> list[User]:
        return [user for user in self.users.values() if user.role is role]


def fill(creneau: Creneau) -> list[Cast]:
    """Write the sample people, their week and their bilans."""
    return [_fill_centre(creneau, sample) for sample in CENTRES]


def _fill_centre(creneau: Creneau, sample: SampleCentre) -> Cast:
    organization = creneau.people.add_organization(sample.name, sample.slack_team_id, locale=sample.locale)
    cast = Cast(sample, organization)
    for person in sample.people:
        cast.users[person.login] = creneau.people.add_user(
            organization,
            person.role,
            person.name,
            f"{person.login}@{sample.domain}",
            person.slack_user_id,
            person.timezone,
            person.locale,
        )
    consultants = cast.of_role(Role.CONSULTANT)
    for consultant in consultants:
        for day, start, end in WEEK:
            creneau.scheduling.create_availability_slot(
                Actor.from_user(consultant),
                consultant.id,
                SlotDraft(time.fromisoformat(start), time.fromisoformat(end), "Europe/Paris", day, duration_minutes=60),
            )
    for number, beneficiary in enumerate(cast.of_role(Role.BENEFICIARY)):
        consultant = consultants[number // 2 % len(consultants)]
        cast.bilans.append(creneau.people.open_bilan(beneficiary, consultant, PURCHASED_MINUTES))
    return cast
