"""Details: one session with all that its reader may see and do."""
