"""The one signal of the project: a lower app tells a higher one."""

from django.dispatch import Signal

# Sent inside the transaction in which somebody gets an address: at the first use of the API, and when a
# registered person's address changes. `user` is the User.
address_gained = Signal()
