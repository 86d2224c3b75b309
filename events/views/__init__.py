"""events/… of the API."""
