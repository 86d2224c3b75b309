"""Mails to people who are no longer invited hold no links or passwords; no mail holds a streaming key."""

from email import message_from_bytes, policy

import msgspec
import pytest
from django.conf import settings
from msgspec.structs import replace

from mailer.kinds import PROTOCOL, to_json
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.protocol import EventMessage, SharedFolderAccess
from mailer.render import render
from mailer.samples import SHAPES, sample
from tests.sweeps import sweep

LANGUAGES = [code for code, _name in settings.LANGUAGES]
OUT = [kind for kind in PROTOCOL if kind.endswith(("cancellation", "uninvite"))]
STREAMING_KEY = "k3y-of-the-stream"
CODE = "5b5f9cf0-86a8-4e5a-bfac-b05c34c8a20b"
# Every spelling in which one could be shown.
SECRETS = (
    "correct-horse",
    "0987654321",
    "098 765 4321",
    "folder-secret",
    "folder-write",
    "abc123",
    "xyz789",
    CODE,
    "/invite/",
    "/room/",
)


def message_of(kind: str, shape: str, language: str) -> EventMessage:
    """With all that can be in a message, also where other programs send it along."""
    message = sample(kind, shape, language)
    event = message.event
    folder = replace(
        event.shared_folder, read_write=SharedFolderAccess("https://cloud.example.com/s/xyz789", "folder-write")
    )
    streams = [replace(target, streaming_key=STREAMING_KEY) for target in event.streaming_targets]
    return replace(message, event=replace(event, shared_folder=folder, streaming_targets=streams))


def everything(message: EventMessage) -> str:
    """Headers and all parts, decoded."""
    mail = render(OutgoingMail(kind=message.kind, message=to_json(message), address="x@example.com"))
    sent = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    bodies = [part.get_payload(decode=True).decode() for part in sent.walk() if not part.is_multipart()]
    calendar = part(mail, "ics").decode().replace("\r\n ", "")
    return "\n".join([*map(str, sent.items()), *bodies, calendar])


@sweep("language", LANGUAGES, fast=1)
@sweep("shape", SHAPES, fast=2)
@pytest.mark.parametrize("kind", OUT)
def test_cancellation_and_uninvitation_have_no_way_in(kind: str, shape: str, language: str) -> None:
    message = message_of(kind, shape, language)
    sent = everything(message)
    assert [secret for secret in SECRETS if secret in sent] == []
    assert "First draft of the figures" not in sent  # people write passwords into descriptions
    assert "video.example.org" not in sent


@pytest.mark.parametrize("person", ["registered", "unregistered", "external"])
def test_cancelled_occurrence_has_no_way_in(person: str) -> None:
    sent = everything(message_of(f"{person}_event_update", "cancelled_occurrence", "en"))
    assert [secret for secret in SECRETS if secret in sent] == []


@sweep("shape", SHAPES, fast=2)
@sweep("kind", PROTOCOL, fast=4)
def test_streaming_key_is_nowhere(kind: str, shape: str) -> None:
    assert STREAMING_KEY not in everything(message_of(kind, shape, "en"))


@pytest.mark.parametrize("kind", [kind for kind in PROTOCOL if kind not in OUT])
def test_who_is_in_gets_all_ways_in(kind: str) -> None:
    """Else the tests above would show nothing."""
    sent = everything(message_of(kind, "recurring", "en"))
    person = kind.partition("_")[0]
    expected = {"098 765 4321", "folder-secret", "https://video.example.org/42"}
    expected |= {CODE} if person == "external" else {"/room/"}
    expected |= set() if person == "registered" else {"correct-horse"}
    assert {text for text in expected if text not in sent} == set()
    assert ("correct-horse" in sent) == (person != "registered")


def test_message_members_are_all_thought_of() -> None:
    """A new member of an event is shown to nobody who is out before somebody has looked here."""
    names = {
        field.name for field in msgspec.structs.fields(type(sample("registered_event_invite", "single", "en").event))
    }
    assert names == {
        "id", "name", "room", "created_at", "start_time", "end_time", "rrule", "description", "call_in", "revision",
        "shared_folder", "adhoc_retention_seconds", "streaming_targets", "uid", "organizer", "is_all_day", "updated_at",
        "exceptions", "series", "siblings", "properties",
    }  # fmt: skip
