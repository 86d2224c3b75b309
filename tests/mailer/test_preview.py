"""Looking at mails without sending them: `manage.py preview_mail`, and the same in the admin."""

import json
import re
from email import message_from_bytes, message_from_string, policy
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from mailer.kinds import PROTOCOL, to_json
from mailer.models import OutgoingMail
from mailer.samples import SHAPES, sample
from tests import factories

SAMPLES = "/admin/mailer/outgoingmail/samples/"
SECRETS = ("correct-horse", "0987654321", "098 765 4321", "folder-secret", "5b5f9cf0")


def preview(*arguments: str) -> str:
    out = StringIO()
    call_command("preview_mail", *arguments, stdout=out)
    return out.getvalue()


# --- the command ---


@pytest.mark.parametrize("kind", PROTOCOL)
def test_each_kind_can_be_seen(kind: str) -> None:
    sent = message_from_string(preview(kind, "en"), policy=policy.default)
    assert [part.get_content_type() for part in sent.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("eml", "From: "),
        ("html", "<!doctype html>\n"),
        ("txt", "Dr. Ada Weber lädt Sie zu einer Besprechung ein.\n"),
        ("ics", "BEGIN:VCALENDAR\r\n"),
    ],
)
def test_each_format_can_be_seen(form: str, start: str) -> None:
    assert preview("registered_event_invite", "de", "--format", form).startswith(start)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_can_be_seen(shape: str) -> None:
    assert "Budget 2027" in preview("external_event_update", "fr", "--shape", shape, "--format", "txt")


@pytest.mark.parametrize("language", ["de", "de-AT", "de_DE"])
def test_language_is_read_as_people_write_it(language: str) -> None:
    assert preview("registered_event_invite", language, "--format", "txt").startswith("Dr. Ada Weber lädt Sie")


def test_task_of_the_queue_can_be_seen(tmp_path: Path) -> None:
    task = json.loads((Path(__file__).parents[1] / "seeds/mails/external_event_invite.json").read_text())
    task["event"]["name"] = "From a file"
    file = tmp_path / "task.json"
    file.write_text(json.dumps(task))
    told = preview("external_event_invite", "fr", "--task", str(file), "--format", "txt")
    assert told.startswith("Dave Dunn vous invite à une réunion.\n\nFrom a file\n")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "task.json: Expecting"),
        ("[]", "task.json is no registered_event_invite"),
        ('{"version": "1", "message": "external_event_invite"}', "task.json is no registered_event_invite"),
        ('{"version": "1", "message": "registered_event_invite"}', "missing required field `event`"),
        ('{"version": "2", "message": "registered_event_invite"}', "version 1 of the protocol, not '2'"),
    ],
)
def test_bad_task_is_refused_with_what_is_wrong(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "task.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=re.escape(complaint)):
        preview("registered_event_invite", "en", "--task", str(file))


def test_file_that_is_missing_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.json"):
        preview("registered_event_invite", "en", "--task", "nowhere.json")


def test_mail_without_calendar_object_says_so() -> None:
    with pytest.raises(CommandError, match="no calendar object"):
        preview("registered_event_invite", "en", "--shape", "time_independent", "--format", "ics")


# --- the admin ---


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


@pytest.fixture
def sent(db: None) -> OutgoingMail:
    message = sample("external_event_invite", "recurring", "de")
    return OutgoingMail.objects.create(
        kind=message.kind,
        message=to_json(message),
        cause="00000000-0000-0000-0000-000000000007",
        address="lee@example.org",
        language="de",
    )


@pytest.mark.slow
def test_staff_see_a_sample_of_each_kind_shape_and_language(admin: Client) -> None:
    assert SAMPLES in admin.get("/admin/mailer/outgoingmail/").content.decode()
    page = admin.get(SAMPLES).content.decode()
    assert "Invitation: Budget 2027: A &amp; B" in page
    wanted = {"kind": "external_event_update", "shape": "moved_occurrence", "language": "fr"}
    page = admin.get(SAMPLES, wanted).content.decode()
    assert "Modification : Budget 2027: decision (lun. 7 déc. 2026)" in page
    assert "METHOD:REQUEST" in page
    frame = admin.get(SAMPLES, wanted | {"format": "html"})
    assert frame.content.decode().startswith('<!doctype html>\n<html lang="fr" dir="ltr">')
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert "sandbox" in frame["Content-Security-Policy"]
    file = admin.get(SAMPLES, wanted | {"format": "eml"})
    assert file["Content-Type"] == "message/rfc822"
    assert message_from_bytes(file.content, policy=policy.default)["To"] == "lee@example.org"


@pytest.mark.parametrize("name", ["kind", "shape", "language"])
def test_sample_of_something_unknown_is_refused(admin: Client, name: str) -> None:
    page = admin.get(SAMPLES, {name: "nothing"}).content.decode()
    assert "nothing is not one of the available choices" in page
    assert admin.get(SAMPLES, {name: "nothing", "format": "html"}).status_code == 200


@pytest.mark.slow
def test_staff_see_a_mail_as_it_was_sent_but_no_secret(admin: Client, sent: OutgoingMail) -> None:
    path = f"/admin/mailer/outgoingmail/{sent.pk}/"
    assert f"{path}preview/" in admin.get(f"{path}change/").content.decode()
    page = admin.get(f"{path}preview/").content.decode()
    assert "Einladung: Budget 2027: A &amp; B" in page
    assert "Dr. Ada Weber lädt Sie zu einer Besprechung ein." in page
    html = admin.get(f"{path}preview/", {"format": "html"}).content.decode()
    assert "Budget 2027: A &amp; B" in html
    file = message_from_bytes(admin.get(f"{path}preview/", {"format": "eml"}).content, policy=policy.default)
    whole = "".join(part.get_content() for part in file.walk() if part.get_content_maintype() == "text")
    for shown in (page, html, whole):
        assert "********" in shown
        assert [secret for secret in SECRETS if secret in shown] == []


def test_looking_changes_nothing(admin: Client, sent: OutgoingMail) -> None:
    before = OutgoingMail.objects.values().get()
    admin.get(f"/admin/mailer/outgoingmail/{sent.pk}/preview/")
    assert OutgoingMail.objects.values().get() == before
    assert mail.outbox == []


def test_mail_that_cannot_be_rendered_says_why(admin: Client, sent: OutgoingMail) -> None:
    OutgoingMail.objects.update(message={"version": "1", "message": "registered_event_invite"})
    answer = admin.get(f"/admin/mailer/outgoingmail/{sent.pk}/preview/")
    assert answer.status_code == 200
    assert "missing required field `event`" in answer.content.decode()


@pytest.mark.parametrize("path", [SAMPLES, "/admin/mailer/outgoingmail/{}/preview/"])
def test_only_staff_with_leave_to_view_mails_look_at_them(sent: OutgoingMail, path: str) -> None:
    path = path.format(sent.pk)
    client = Client()
    assert client.get(path).status_code == 302
    client.force_login(factories.user("alice"))
    assert client.get(path).status_code == 302
    client.force_login(factories.user("helper", is_staff=True))
    assert client.get(path).status_code == 403
