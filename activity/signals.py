"""What other apps are told of the log."""

from django.dispatch import Signal

# `activities`: rows that were just written. Sent in the transaction that records them, which may still be undone.
recorded = Signal()
