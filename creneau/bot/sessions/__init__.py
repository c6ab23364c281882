"""Sessions in lists: their rows, as App Home and `/sessions` show them, and the command itself."""
