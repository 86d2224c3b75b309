"""Kinds of our own: reminders of a meeting, or of one occurrence of a series. They bring no calendar object."""

from typing import Self

from msgspec.structs import replace

from mailer.messages import ExternalUser, RegisteredUser, UnregisteredUser
from mailer.protocol import HIDDEN, DateException, EventMessage


class Reminder(EventMessage, frozen=True, kw_only=True):
    action = "reminder"
    has_calendar = False
    event_exception: DateException | None = None  # the occurrence of a series, though it may be as the series says
    unsubscribe_url: str = ""

    def without_secrets(self) -> Self:
        return replace(super().without_secrets(), unsubscribe_url=HIDDEN)


class RegisteredEventReminder(Reminder, frozen=True, kw_only=True, tag="registered_event_reminder"):
    invitee: RegisteredUser


class UnregisteredEventReminder(Reminder, frozen=True, kw_only=True, tag="unregistered_event_reminder"):
    invitee: UnregisteredUser


class ExternalEventReminder(Reminder, frozen=True, kw_only=True, tag="external_event_reminder"):
    invitee: ExternalUser
    invite_code: str


KINDS: tuple[type[Reminder], ...] = (RegisteredEventReminder, UnregisteredEventReminder, ExternalEventReminder)
