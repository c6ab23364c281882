"""What the routes call: the services of the core, handed over by wiring as one."""

from dataclasses import dataclass

from creneau.core.services.administration import AdministrationService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.emails import EmailService
from creneau.core.services.listings import ListingService
from creneau.core.services.notes import NotesService
from creneau.core.services.people import PeopleService
from creneau.core.services.reminders import ReminderService
from creneau.core.services.scheduling import SchedulingService


@dataclass(frozen=True, slots=True)
class ApiServices:
    scheduling: SchedulingService
    availability: AvailabilityService
    people: PeopleService
    notes: NotesService
    listings: ListingService
    reminders: ReminderService
    emails: EmailService
    administration: AdministrationService
