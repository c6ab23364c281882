"""Where a session takes place, said by its consultant."""
