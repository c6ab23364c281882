"""What a consultant did to sessions in their own calendar: the question, and its answers."""
