"""`/calendar`: a consultant's CalDAV calendar and how it is doing; everybody's feeds for calendar programs."""
