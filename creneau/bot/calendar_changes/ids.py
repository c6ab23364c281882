"""The names that the answers send back to us."""

CHANGE_ASK = "calendar_change_ask"
CHANGE_PUT_BACK = "calendar_change_put_back"
CALENDAR_PUT_ALL_BACK = "calendar_put_all_back"
