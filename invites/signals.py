"""What apps above this one are told of answers."""

from django.dispatch import Signal

# `reply`, `invite` and `event`: somebody answered the event as it is now, which `reply.is_by_invitee` or not. Sent in
# the transaction that records the answer; not for answers to an earlier time (`is_stale`).
answered = Signal()
