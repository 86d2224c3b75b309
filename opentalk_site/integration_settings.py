"""The part of settings.py that is about programs of others: cospace, Smart Invites, shared objects."""

from opentalk_site import env

# --- cospace: /api ---

# How long a session lives that no client uses; one that waits for events uses it.
COSPACE_IDLE_SECONDS = env.number("COSPACE_IDLE_SECONDS", 600, at_least=60)
# What is kept of each session's stream.
COSPACE_EVENT_HOURS = env.number("COSPACE_EVENT_HOURS", 24, at_least=1)
COSPACE_EVENTS_KEPT = env.number("COSPACE_EVENTS_KEPT", 10_000, at_least=500)

# --- Shared objects ---

# What people throw away: contacts, faxes, presentations.
TRASH_DAYS = env.number("TRASH_DAYS", 30, at_least=1)

# --- Smart Invites ---

# How often one application may call the Smart Invites API in a minute; 0: any number.
SMART_INVITES_PER_MINUTE = env.number("SMART_INVITES_PER_MINUTE", 600)
# Requests of one person to /webex/v1; 0: any number.
WEBEX_PER_MINUTE = env.number("WEBEX_PER_MINUTE", 600)
