"""What this app tells higher ones, which it must not import."""

from django.dispatch import Signal

# Sent inside the transaction in which somebody gets an address: at the first use of the API, and when a
# registered person's address changes. `user` is the User.
address_gained = Signal()
