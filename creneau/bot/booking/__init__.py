"""Booking a session: the modal behind `/book`, the shortcut and App Home."""
