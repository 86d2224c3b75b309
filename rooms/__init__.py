"""Where: rooms and what hangs on them. Knows people, not meetings."""
