"""Rating: how a session was, said by its beneficiary alone."""
