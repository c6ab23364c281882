"""Recording a session: opening it, telling whether it took place, and the consultant's notes on it."""
