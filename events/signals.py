"""What apps above this one are told of meetings."""

from django.dispatch import Signal

# `event`: it is being cancelled. Its rows are still there, and its SEQUENCE is already the cancellation's. Sent in the
# transaction that deletes them.
ending = Signal()
