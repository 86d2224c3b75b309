"""A kind of our own, which the protocol does not have: nothing that queues, renders and sends asks for a meeting."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import transaction

from mailer import kinds, outbox
from mailer.contents import contents
from mailer.messages import Message, Person, RegisteredUser
from mailer.models import OutgoingMail
from mailer.send import deliver_due

pytestmark = pytest.mark.django_db
ALICE = RegisteredUser("alice@example.com", "", "Alice", "Adams", "de")


class Notice(Message, frozen=True, kw_only=True, tag="test_notice"):
    action = "notice"
    reader: RegisteredUser

    @property
    def receiver(self) -> Person:
        return self.reader


@contents.register
def of_notice(message: Notice, language: str, now: datetime) -> dict[str, Any]:
    return {"name": f"{message.reader.name} ({language})"}


@pytest.fixture(autouse=True)
def notices(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind with its texts, as the catalogue has all others."""
    monkeypatch.setitem(kinds.KINDS, "test_notice", Notice)
    monkeypatch.setattr(kinds, "_ANY", kinds._ANY | Notice)
    texts = {"subject.txt": "Note", "body.txt": "Hello {{ name }}", "body.html": "<p>Hello {{ name }}</p>"}
    loader = ("django.template.loaders.locmem.Loader", {f"mail/notice/{name}": text for name, text in texts.items()})
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [loader]}}
    ]


def queued() -> OutgoingMail:
    with transaction.atomic():
        outbox.enqueue([Notice(reader=ALICE)], cause=uuid.uuid4())
    return OutgoingMail.objects.get()


def test_kind_without_a_meeting_is_sent() -> None:
    row = queued()
    assert (row.kind, row.address, row.event_id, row.sequence) == ("test_notice", "alice@example.com", None, 0)
    deliver_due()
    (sent,) = django_mail.outbox
    assert (sent.subject, sent.body, sent.to) == (
        "Note",
        "Hello Alice Adams (de)\n",
        ["Alice Adams <alice@example.com>"],
    )
    assert sent.reply_to == []
    assert "References" not in sent.extra_headers
    assert not sent.attachments
