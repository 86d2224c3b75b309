"""The twelve examples of the Mail-Worker Protocol, as they stand on its page; each lacks its last brace there."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from mailer.kinds import PROTOCOL, from_json, to_json
from mailer.preview import part, task_mail

FOLDER = Path(__file__).parent / "mails"
SECRETS = ("v3rys3cr3t", "9876 5432 10", "9876543210", "abc123", "5b5f9cf0")
TO = {
    "registered": '"Dr. Alice Adams" <alice.adams@example.com>',
    "unregistered": "Bob Burton <bob.burton@example.com>",
    "external": "charlie.cooper@example.com",
}
SUBJECTS = {
    "invite": "Invitation: Weekly teammeeting",
    "update": "Changed: Another weekly meeting (Fri, 5 Jul 2024)",
    "cancellation": "Cancelled: Weekly teammeeting",
    "uninvite": "No longer invited: Weekly teammeeting",
}
SENTENCES = {
    "invite": "Dave Dunn invites you to a meeting.",
    "update": "Dave Dunn has changed one date of this series: Friday, 5 July 2024.",
    "cancellation": "Dave Dunn has cancelled this meeting.",
    "uninvite": "Dave Dunn has removed you from this meeting.",
}


def task_of(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text())
    return found


def mail_of(kind: str, **members: Any) -> EmailMultiAlternatives:
    return task_mail(task_of(kind) | members, "en")


def test_each_kind_has_an_example() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(PROTOCOL)


@pytest.mark.parametrize("kind", PROTOCOL)
def test_example_is_read_and_written_without_loss(kind: str) -> None:
    task = task_of(kind)
    written = to_json(from_json(task))
    assert {name: written[name] for name in task.keys() - {"event"}} == {
        name: task[name] for name in task.keys() - {"event"}
    }
    assert {name: written["event"][name] for name in task["event"]} == task["event"]


@pytest.mark.parametrize("kind", PROTOCOL)
def test_example_becomes_the_right_mail(kind: str) -> None:
    person, _, action = kind.split("_")
    mail = mail_of(kind)
    assert mail.to == [TO[person]]
    assert mail.reply_to == ["Dave Dunn <dave.dunn@example.com>"]
    assert mail.subject == SUBJECTS[action]
    text, html = (part(mail, form).decode() for form in ("txt", "html"))
    assert text.startswith(SENTENCES[action])
    assert SENTENCES[action] in html
    # Not one of them has a time, so none is for calendars.
    assert part(mail, "ics") == b""
    assert not mail.attachments


@pytest.mark.parametrize(
    "kind", [kind for kind in PROTOCOL if kind.endswith(("invite", "update")) and "uninvite" not in kind]
)
def test_number_that_is_none_is_shown_as_it_is(kind: str) -> None:
    mail = mail_of(kind)
    text, html = (part(mail, form).decode() for form in ("txt", "html"))
    assert "By phone: +99-1234567890\nConference ID: 123 456 7890\nPIN: 987 654 3210\n" in text
    assert 'href="tel:+99-1234567890,,1234567890,,9876543210"' in html
    assert ">+99-1234567890</a>" in html


@pytest.mark.parametrize("person", TO)
def test_each_gets_the_ways_in_that_are_meant_for_him(person: str) -> None:
    text = part(mail_of(f"{person}_event_invite"), "txt").decode()
    link = (
        "/invite/5b5f9cf0-86a8-4e5a-bfac-b05c34c8a20b"
        if person == "external"
        else "/room/00000000-0000-0000-0000-0000abcdef99"
    )
    assert f"{link}\n" in text
    # Who has used the site needs no password to come in.
    assert ("Password: v3rys3cr3t" in text) == (person != "registered")
    assert ("/dashboard/meetings/00000000-0000-0000-0000-0000abadcafe" in text) == (person != "external")


@pytest.mark.parametrize("kind", [kind for kind in PROTOCOL if kind.endswith(("cancellation", "uninvite"))])
def test_who_is_out_gets_no_secret(kind: str) -> None:
    mail = mail_of(kind)
    sent = mail.message().as_string() + mail.body + str(mail.alternatives)
    assert [secret for secret in SECRETS if secret in sent] == []


@pytest.mark.parametrize("kind", PROTOCOL)
def test_example_with_a_time_brings_a_calendar_object(kind: str) -> None:
    times = {
        "start_time": {"time": "2024-07-05T17:02:42Z", "timezone": "Europe/Berlin"},
        "end_time": {"time": "2024-07-05T18:02:42Z", "timezone": "Europe/Berlin"},
        "rrule": "RRULE:FREQ=WEEKLY;BYDAY=FR",
    }
    mail = mail_of(kind, event=task_of(kind)["event"] | times)
    assert b"UID:00000000-0000-0000-0000-0000abadcafe\r\n" in part(mail, "ics")


def test_message_of_2023_is_read() -> None:
    """Its events had no revision, no time of making, no folder, no streams."""
    task = task_of("registered_event_invite")
    for name in ("created_at", "revision", "shared_folder", "adhoc_retention_seconds", "streaming_targets"):
        del task["event"][name]
    assert task_mail(task, "de").subject == "Einladung: Weekly teammeeting"
