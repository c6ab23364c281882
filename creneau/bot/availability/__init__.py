"""A consultant's own week: `/availability` shows it, and adds, changes, pauses and takes away hours and days."""
