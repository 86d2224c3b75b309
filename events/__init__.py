"""Meetings, their exceptions, the agenda of each person, and the mails that a change causes."""
