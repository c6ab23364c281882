"""The name of the window that shows one session."""

DETAILS_VIEW = "session_details"
