"""When: meetings, their exceptions, the agenda of each person, and the mails that follow from a change."""
