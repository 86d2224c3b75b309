"""What other apps are told of objects, inside the transaction, which may still be undone."""

from django.dispatch import Signal

# What passes too quickly for the log: pointers, typing, samples, calls.
# `name`: of the event, such as "presentation_update". `object_id`: of whose detailed stream, None for a person's calls.
# `data`: its members, JSON values. `user_ids`: only these people's sessions, None for all that subscribed. `key`: of
# several that one session has not read yet and that share it, only the last counts; "" keeps all.
passing = Signal()
