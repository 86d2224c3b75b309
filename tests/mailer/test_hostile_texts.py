"""No title or name can break or inject anything into headers, HTML or calendar objects."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from mailer.kinds import to_json
from mailer.models import OutgoingMail
from mailer.preview import part, task_mail
from mailer.samples import sample
from mailer.send import deliver_due
from tests.circle import Circle
from tests.mailer.test_html_rules import check
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db

# Text as it was written, and as a header or a line of a calendar shows it.
TEXTS = [
    ("Dept: Sales", "Dept: Sales"),
    ("A;B,C\\D", "A;B,C\\D"),
    ("He said \"no\" – 'yes'", "He said \"no\" – 'yes'"),
    ("Line\r\nBcc: eve@example.org\r\n\r\nBody", "Line Bcc: eve@example.org Body"),
    ("Line\nX-Evil: 1", "Line X-Evil: 1"),
    ("END:VEVENT\r\nEND:VCALENDAR", "END:VEVENT END:VCALENDAR"),
    ("\u2028\u2029\x85\x0b\x0c next", "next"),
    ("🎉 Fête 👨‍👩‍👧", "🎉 Fête 👨‍👩‍👧"),
    ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
    ("{{ title }} {% include 'x' %} %(title)s {0} $x", "{{ title }} {% include 'x' %} %(title)s {0} $x"),
    ("<script>alert(1)</script> & <b>", "<script>alert(1)</script> & <b>"),
    ("=?utf-8?q?=E2=80=AEfake?=", "=?utf-8?q?=E2=80=AEfake?="),
    ("x" * 255, "x" * 255),
    ("ü" * 255, "ü" * 255),
    ("פגישה اجتماع", "פגישה اجتماع"),
    ("tab\there\x07\x1b[31m", "tab here[31m"),
    ("nul\x00 inside", "nul inside"),
    ("x" * 300, "x" * 300),
]
# What a row can hold: PostgreSQL has no NUL, and a title has 255 letters.
STORED = [(written, shown) for written, shown in TEXTS if "\x00" not in written and len(written) <= 255]


class Tags(HTMLParser):
    """The elements and the text that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def sent(circle: Circle) -> tuple[EmailMessage, str, Any]:
    """bob's mail as it travels: the parsed bytes, its HTML, its VEVENT."""
    deliver_due()
    assert [(row.state, row.last_error) for row in OutgoingMail.objects.all()] == [("sent", "")]
    parsed = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    html = parsed.get_body(("html",))
    assert html is not None
    (calendar,) = (part for part in parsed.walk() if part.get_content_type() == "text/calendar")
    (meeting,) = Calendar.from_ical(calendar.get_content()).walk("VEVENT")
    return parsed, html.get_content(), meeting


def uninvited_bob(**fields: Any) -> tuple[EmailMessage, str, Any]:
    """A mail of the plainest kind: only what alice wrote is in it."""
    circle = Circle(**fields)
    circle.api("creator").delete(f"{circle.path}/invites/{circle.bob.pk}")
    return sent(circle)


@pytest.mark.slow
@sweep(("written", "shown"), STORED, fast=5)
def test_title(written: str, shown: str) -> None:
    parsed, html, meeting = uninvited_bob(title=written, description=written)
    assert parsed["Subject"].split() == f"No longer invited: {shown}".replace("=?", "= ?").split()
    assert not {"Bcc", "X-Evil", "Cc"} & set(parsed.keys())
    assert str(meeting["SUMMARY"]) == shown
    page = Tags(html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert " ".join(shown.split()) in " ".join(page.text.split())


@pytest.mark.slow
@sweep(("written", "shown"), STORED, fast=5)
def test_names_of_people(written: str, shown: str) -> None:
    circle = Circle()
    for person in (circle.alice, circle.bob):
        person.first_name, person.last_name, person.display_name, person.title = written, "", written, ""
        person.save()
    circle.event.organizer_name = written
    circle.event.save()
    circle.api("creator").patch(circle.path, {"title": "Other"})
    OutgoingMail.objects.filter(address="alice@example.com").delete()
    parsed, html, meeting = sent(circle)
    assert [(address.addr_spec) for address in parsed["To"].addresses] == ["bob@example.com"]
    assert [(address.addr_spec) for address in parsed["Reply-To"].addresses] == ["alice@example.com"]
    assert not {"Bcc", "X-Evil", "Cc"} & set(parsed.keys())
    # A quoted parameter has no double quote (RFC 5545 3.2), so single ones stand for it.
    assert meeting["ORGANIZER"].params["CN"] == meeting["ATTENDEE"].params["CN"] == shown.replace('"', "'")
    assert meeting["ATTENDEE"] == "mailto:bob@example.com"
    assert not {"script", "b"} & set(Tags(html).tags)


@pytest.mark.slow
@sweep("written", [written for written, _shown in STORED], fast=5)
def test_description_in_an_update(written: str) -> None:
    circle = Circle()
    circle.api("creator").patch(circle.path, {"description": f"before {written} after"})
    OutgoingMail.objects.filter(address="alice@example.com").delete()
    _parsed, html, meeting = sent(circle)
    text = str(meeting["DESCRIPTION"])
    assert text.startswith("before")
    assert " after" in text
    assert not set(text) & set("\u202e\u2066\x07\x1b\r")
    assert not {"script", "b"} & set(Tags(html).tags)


@pytest.mark.slow
def test_room_password_and_stream_are_escaped() -> None:
    stream = {
        "name": "<script>x</script>",
        "streaming_endpoint": "rtmp://x.example.org/a",
        "streaming_key": "s3cr3t",
        "public_url": 'https://x.example.org/"><script>x</script>',
        "kind": "custom",
    }
    circle = Circle(password="<script>x</script>")
    circle.invite("dora@example.org")
    assert circle.api("creator").patch(circle.path, {"streaming_targets": [stream]}).status_code == 200
    deliver_due()
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        html = message.alternatives[0][0]
        assert "script" not in Tags(html).tags
        assert "s3cr3t" not in message.body + str(message.alternatives)


# --- messages that other programs write: any text may be anywhere in them ---

KEPT = {"version", "message", "id", "time", "kind", "partstat", "has_password", "starts_at", "ends_at", "rrule"}


def poisoned(value: Any, text: str) -> Any:
    """The message with this text in each member that is a text."""
    if isinstance(value, dict):
        return {name: item if name in KEPT else poisoned(item, text) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(item, text) for item in value]
    return text if isinstance(value, str) else value


@sweep("shape", ["recurring", "moved_occurrence", "adhoc"], fast=1)
@sweep("kind", ["registered_event_update", "external_event_invite", "unregistered_event_cancellation"], fast=1)
@pytest.mark.parametrize(("written", "shown"), TEXTS)
def test_any_text_anywhere_in_a_message(kind: str, shape: str, written: str, shown: str) -> None:
    task = poisoned(to_json(sample(kind, shape, "en")), written)
    if "recurrence_pattern" in task.get("changes", {}):
        task["changes"]["recurrence_pattern"] = [[written], [written]]
    for person in ("invitee", "inviter"):
        task[person]["email"] = f"{person}@example.com"
    task["event"]["organizer"]["email"] = "organizer@example.com"
    built = task_mail(task, "en")
    parsed = message_from_bytes(part(built, "eml"), policy=policy.default)
    assert not {"Bcc", "X-Evil", "Cc"} & set(parsed.keys())
    assert " ".join(shown.split()).replace("=?", "= ?") in " ".join(parsed["Subject"].split())
    check(part(built, "html").decode())
    page = Tags(part(built, "html").decode())
    assert not {"script", "b"} & set(page.tags)
    assert not set(page.text + built.body + built.subject) & set("\x00\x07\x1b\u202e\u2066")
    (meeting,) = [item for item in Calendar.from_ical(part(built, "ics")).walk("VEVENT") if "RRULE" not in item] or [
        None
    ]
    assert meeting is None or str(meeting["SUMMARY"]) == shown
