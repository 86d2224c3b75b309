"""A page of one person in a meeting with pictures and sound, and Debian's janus for it."""
