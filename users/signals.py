"""The one signal of the project: a lower app tells a higher one."""

from django.dispatch import Signal

# Sent inside the transaction in which a person uses the API for the first time; `user` is the User.
user_created = Signal()
