"""Tasks of the Mail-Worker Protocol that other controllers made, as they become rows of the outbox."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mailer.intake import MAX_BYTES, RefusedTaskError, take_in
from mailer.kinds import PROTOCOL
from mailer.models import OutgoingMail
from tests.seeds.test_mails import task_of

pytestmark = pytest.mark.django_db


def encoded(task: Any) -> bytes:
    return json.dumps(task).encode()


def changed(path: str, value: Any) -> bytes:
    """An example with one member replaced; `path` is written with dots."""
    task = task_of("registered_event_invite")
    *parents, name = path.split(".")
    place = task
    for parent in parents:
        place = place[parent]
    place[name] = value
    return encoded(task)


@pytest.mark.parametrize("kind", PROTOCOL)
def test_each_example_becomes_a_row(kind: str) -> None:
    task = task_of(kind)
    take_in(encoded(task))
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.address, mail.state) == (kind, task["invitee"]["email"], "queued")


def test_streaming_keys_are_not_stored() -> None:
    target = {
        "id": "00000000-0000-0000-0000-0000abcdef01",
        "name": "Live",
        "kind": "custom",
        "streaming_endpoint": "rtmp://live.example.com",
        "streaming_key": "s3cr3tkey",
        "public_url": "https://live.example.com",
    }
    take_in(changed("event.streaming_targets", [target]))
    mail = OutgoingMail.objects.get()
    assert "s3cr3tkey" not in json.dumps(mail.message)
    assert mail.message["event"]["streaming_targets"][0]["public_url"] == "https://live.example.com"


def test_language_with_an_underscore_is_read() -> None:
    take_in(changed("invitee.language", "de_DE"))
    assert OutgoingMail.objects.get().message["invitee"]["language"] == "de_DE"


def test_unknown_members_are_left_out_and_missing_ones_have_defaults() -> None:
    task = task_of("registered_event_invite") | {"brand": "new"}
    for name in ("created_at", "revision", "shared_folder", "adhoc_retention_seconds", "streaming_targets"):
        del task["event"][name]
    take_in(encoded(task))
    mail = OutgoingMail.objects.get()
    assert "brand" not in mail.message
    assert mail.message["event"]["revision"] == 0


def test_nul_is_left_out_and_an_escaped_backslash_before_its_letters_stays() -> None:
    take_in(changed("event.name", "a\x00b \\u0000"))
    assert OutgoingMail.objects.get().message["event"]["name"] == "ab \\u0000"


def test_same_task_id_is_mailed_once_and_another_twice() -> None:
    body = encoded(task_of("registered_event_invite"))
    for task_id in ("1", "1", "2"):
        take_in(body, task_id=task_id)
    assert OutgoingMail.objects.count() == 2


def test_tasks_without_id_are_mails_of_their_own() -> None:
    """An invitation, taken back and repeated, is the same to the byte."""
    body = encoded(task_of("registered_event_invite"))
    take_in(body)
    take_in(body)
    assert OutgoingMail.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "It is not JSON"),
        (b"{", "It is not JSON"),
        (b"\xff\xfe", "It is not JSON"),
        (b"[" * 100_000, "It is not JSON"),
        (b"[]", "It is not a JSON object"),
        (b" " * (MAX_BYTES + 1), "1000001 bytes"),
        (b"{}", "version 1 of the protocol, not None"),
        (changed("version", "2"), "version 1 of the protocol, not '2'"),
        (changed("message", "registered_event_party"), "registered_event_party"),
        (changed("event.name", 7), "`$.event.name`"),
        (changed("event.room", None), "`$.event.room`"),
        (changed("event.revision", -1), "`event.revision` is -1"),
        (changed("event.revision", 2**31), "`event.revision` is 2147483648"),
        (changed("invitee.email", "nobody"), "'nobody' is not an e-mail address"),
        (changed("invitee.email", f"{'a' * 300}@example.org"), "is not an e-mail address"),
        (changed("recipient", {"language": 7}), "`$.recipient.language`"),
    ],
)
def test_what_is_no_task_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(RefusedTaskError) as refused:
        take_in(body)
    assert reason in str(refused.value)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("way", ["file", "-"])
def test_task_in_a_file_is_queued(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = encoded(task_of("external_event_invite"))
    path = tmp_path / "task.json"
    path.write_bytes(body)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    call_command("submit_mail_task", str(path) if way == "file" else "-")
    assert OutgoingMail.objects.get().address == "charlie.cooper@example.com"


def test_file_that_holds_no_task_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    path.write_text("{}")
    with pytest.raises(CommandError, match=r"task\.json: This mailer speaks version 1"):
        call_command("submit_mail_task", str(path))
    with pytest.raises(CommandError, match=r"missing\.json"):
        call_command("submit_mail_task", str(tmp_path / "missing.json"))
