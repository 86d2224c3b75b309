"""What was sent is kept as it left, shown to staff without secrets, and removed after MAIL_BODY_DAYS."""

import uuid
import zlib
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from msgspec.structs import replace

from mailer import kept, outbox
from mailer.kinds import PROTOCOL
from mailer.models import MailAttempt, OutgoingMail
from mailer.preview import part
from mailer.protocol import EventMessage, SharedFolderAccess
from mailer.samples import SHAPES, sample
from mailer.send import deliver_due
from operations.jobs import JOBS
from operations.jobs.prune_mail_bodies import PruneMailBodies
from tests import factories
from tests.smtp_sink import SmtpSink
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
PASSWORDS = ["correct-horse", "a<b>&\"c'd", "semi;co,lon\\", "zwei  Wörter", "ä" * 60]


@pytest.fixture
def sink(settings: Any) -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def message_of(kind: str = "external_event_invite", shape: str = "recurring", password: str = "") -> EventMessage:
    """With every secret that there can be."""
    message = sample(kind, shape, "de")
    event = message.event
    room = replace(event.room, password=password or "correct-horse")
    folder = event.shared_folder and replace(
        event.shared_folder, read_write=SharedFolderAccess("https://cloud.example.com/s/w", "folder-write")
    )
    return replace(message, event=replace(event, room=room, shared_folder=folder))


def sent(message: EventMessage) -> MailAttempt:
    with transaction.atomic():
        outbox.enqueue([message], cause=uuid.uuid4())
    assert deliver_due() == 1
    return MailAttempt.objects.latest("pk")


def spoken(attempt: MailAttempt) -> str:
    """All that staff see: the page, the frame, the file with its parts decoded."""
    mail = kept.shown(attempt)
    assert mail is not None
    whole = message_from_bytes(part(mail, "eml"), policy=policy.default)
    parts = [one.get_payload(decode=True).decode() for one in whole.walk() if not one.is_multipart()]
    texts = [part(mail, form).decode() for form in ("txt", "html", "ics")]
    return "".join([*texts, *parts]).replace("\r\n ", "")


def test_bytes_that_left_are_kept(sink: SmtpSink) -> None:
    attempt = sent(message_of())
    assert zlib.decompress(attempt.content or b"") == sink.received[0].content
    assert len(attempt.content or b"") < len(sink.received[0].content) / 2


def test_what_was_refused_is_not_kept(sink: SmtpSink) -> None:
    sink.before_answer = lambda _mail: "554 5.7.1 Spam"
    assert sent(message_of()).content is None


@sweep(
    ("kind", "shape"),
    [*((kind, "moved_occurrence") for kind in PROTOCOL), *(("external_event_update", shape) for shape in SHAPES)],
    fast=8,
)
def test_no_secret_of_any_mail_is_shown(kind: str, shape: str) -> None:
    text = spoken(sent(message_of(kind, shape)))
    assert "Budget 2027" in text
    found = ("correct-horse", "0987654321", "098 765 4321", "folder-secret", "folder-write", "5b5f9cf0-86a8")
    assert [secret for secret in found if secret in text] == []


@pytest.mark.parametrize("password", PASSWORDS)
def test_password_is_hidden_however_it_is_written(password: str) -> None:
    attempt = sent(message_of(password=password))
    raw = message_from_bytes(zlib.decompress(attempt.content or b""), policy=policy.default)
    words = kept._spellings(password)
    assert any(word in str(raw.get_body(("plain",)).get_content()) for word in words)  # type: ignore[union-attr]
    text = spoken(attempt)
    assert [word for word in words if word in text] == []
    assert "********" in text


@pytest.mark.slow
def test_staff_see_what_left_with_each_attempt() -> None:
    attempt = sent(message_of())
    client = Client()
    client.force_login(factories.staff())
    path = f"/admin/mailer/outgoingmail/{attempt.mail_id}/"
    page = f"{path}attempts/{attempt.pk}/"
    assert page in client.get(f"{path}change/").content.decode()
    text = client.get(page).content.decode()
    assert "Einladung: Budget 2027: A &amp; B" in text
    assert "correct-horse" not in text
    file = client.get(page, {"format": "eml"})
    assert file["Content-Type"] == "message/rfc822"
    assert message_from_bytes(file.content)["Message-ID"].endswith("@127.0.0.1>")
    kept_elsewhere = f"/admin/mailer/outgoingmail/{uuid.uuid4()}/attempts/{attempt.pk}/"
    assert client.get(kept_elsewhere).status_code == 404
    client.force_login(factories.user("helper", is_staff=True))
    assert client.get(page).status_code == 403


# --- removal ---


def later(**delay: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**delay))


def test_contents_and_secrets_are_removed_after_some_days(settings: Any) -> None:
    attempt = sent(message_of())
    settings.MAIL_BODY_DAYS = 7
    with later(days=6):
        assert PruneMailBodies().run(is_dry_run=False).touched == 0
    with later(days=7, hours=1):
        assert PruneMailBodies().run(is_dry_run=True).touched == 1
        assert PruneMailBodies().run(is_dry_run=False).touched == 1
        assert PruneMailBodies().run(is_dry_run=False).touched == 0
    attempt.refresh_from_db()
    assert (attempt.content, attempt.secrets) == (None, [])
    mail = OutgoingMail.objects.get()
    assert mail.pruned_at is not None
    stored = str(mail.message)
    assert "Budget 2027" in stored
    assert [secret for secret in ("correct-horse", "0987654321", "folder-", "5b5f9cf0") if secret in stored] == []


@pytest.mark.parametrize("state", ["queued", "sending", "retry"])
def test_mail_that_is_still_to_go_keeps_its_message(state: str) -> None:
    sent(message_of())
    OutgoingMail.objects.update(state=state)
    with later(days=300):
        assert kept.prune(limit=10) == 0


def test_message_that_nobody_can_read_is_removed() -> None:
    sent(message_of())
    OutgoingMail.objects.update(state="failed", message={"password": "correct-horse"})
    with later(days=300):
        assert kept.prune(limit=10) == 1
    assert OutgoingMail.objects.get().message == {}


def test_removal_is_a_job() -> None:
    assert JOBS["prune-mail-bodies"] is PruneMailBodies
