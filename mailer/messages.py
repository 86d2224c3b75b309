"""What the messages of all mails have in common. The kinds stand elsewhere: mailer/kinds.py lists them.

A message is complete: whoever renders it needs nothing else.
"""

import secrets
import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]
Instant = Annotated[datetime, Meta(tz=True)]
# Stands for the receiver's own token in texts that mails share. Nobody who writes a text can guess it.
MARK = secrets.token_hex(16)


class Time(Struct, frozen=True):
    """An instant and the IANA zone it is meant in."""

    time: Instant
    timezone: str


class RegisteredUser(Struct, frozen=True):
    email: str
    title: str
    first_name: str
    last_name: str
    language: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)


class UnregisteredUser(Struct, frozen=True):
    email: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ExternalUser(Struct, frozen=True):
    email: str
    name: ClassVar[str] = ""


Person = RegisteredUser | UnregisteredUser | ExternalUser


class Recipient(Struct, frozen=True):
    """How the receiver reads, and what was answered so far."""

    language: str = ""
    time_zone: str = ""
    partstat: PartStat = "NEEDS-ACTION"
    rsvp: bool = True  # False: the organizer's own copy
    answers: dict[str, PartStat] = {}  # to single occurrences, by instance id, where it is not the one to the series
    answer_token: str = ""  # opens the page on which this person answers


class Message(Struct, frozen=True, kw_only=True, tag_field="message"):
    """What all kinds share; `action` names their templates. What only some have reads here as it is without."""

    action: ClassVar[str]
    recipient: Recipient = Recipient()

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def receiver(self) -> Person:
        raise NotImplementedError

    @property
    def author(self) -> RegisteredUser | None:
        """The person on whose behalf it is sent, who gets replies. None for mails of the site itself."""
        return None

    @property
    def text_action(self) -> str:
        """The folder of its texts below templates/mail/."""
        return self.action

    @property
    def event_id(self) -> uuid.UUID | None:
        return None

    @property
    def sequence(self) -> int:
        """SEQUENCE of the calendar object."""
        return 0

    @property
    def thread(self) -> str:
        """What mail programs show together: any text that such mails share, "" for a mail by itself."""
        return ""

    @property
    def unsubscribe_url(self) -> str:
        """Where the receiver says with one click that no more of the kind shall come; "" for none."""
        return ""

    def without_secrets(self) -> Self:
        """As staff may see it, who look at mails and are not invited."""
        return self

    def shared(self) -> Any:
        """All that its texts depend on, the language and the zone apart: mails of which this is equal share them."""
        return self

    def marked(self) -> Self:
        """With MARK in place of the receiver's own token, as texts are built that mails share."""
        if not self.recipient.answer_token:
            return self
        return replace(self, recipient=replace(self.recipient, answer_token=MARK))
