"""The chapters of the document, in the order in which they are read."""

from flask_openapi3.models.tag import Tag

AVAILABILITY = Tag(name="Availability", description="When sessions are offered, and which times can be booked.")
BOOKINGS = Tag(name="Bookings", description="Asking for sessions, reading and listing them.")
MOVES = Tag(name="Life of a booking", description="What becomes of a booking. `If-Match` says which version is meant.")
TIME_OFF = Tag(name="Time off", description="Days and hours taken away from a consultant's rules.")
POLICIES = Tag(name="Policies", description="The numbers that a centre, or one consultant, chooses.")
BILANS = Tag(name="Bilans", description="The engagements on which sessions are booked, and their hours.")
PEOPLE = Tag(name="People", description="Oneself, and those one has to do with.")
RECORDS = Tag(name="Records", description="Numbers of a consultant's days, and the audit log.")
