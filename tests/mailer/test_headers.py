"""The headers of a mail (RFC 5322, RFC 3834, and what Exchange reads)."""

import re
import uuid
from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from mailer.kinds import PROTOCOL, to_json
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.render import render
from mailer.samples import sample

CAUSE = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def here(settings: Any) -> None:
    settings.BASE_URL = "https://meet.example.com"
    settings.DEFAULT_FROM_EMAIL = "OpenTalk <no-reply@meet.example.com>"


def row(kind: str = "registered_event_update", shape: str = "single", **columns: Any) -> OutgoingMail:
    message = sample(kind, shape, "en")
    values = {"kind": kind, "message": to_json(message), "cause": CAUSE, "address": message.invitee.email}
    return OutgoingMail(**values | columns)


def headers(**columns: Any) -> Any:
    return render(row(**columns)).message()


@pytest.mark.parametrize("kind", PROTOCOL)
def test_every_mail_says_that_a_program_wrote_it(kind: str) -> None:
    sent = headers(kind=kind)
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "Precedence" not in sent
    assert "List-Unsubscribe" not in sent


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Dr. Ada Weber via OpenTalk"), ("de", "Dr. Ada Weber über OpenTalk")]
)
def test_sender_names_the_author_at_our_own_address(language: str, name: str) -> None:
    sent = render(row(message=to_json(sample("registered_event_invite", "single", language))))
    assert parseaddr(sent.from_email) == (name, "no-reply@meet.example.com")
    (address,) = message_from_bytes(sent.message().as_bytes(), policy=policy.default)["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "no-reply@meet.example.com")
    assert sent.message()["Content-Language"] == language


@pytest.mark.parametrize(
    ("inviter", "setting", "default"),
    [
        ({"first_name": "", "last_name": "", "title": ""}, True, "OpenTalk <no-reply@meet.example.com>"),
        ({"last_name": "boss@bank.example"}, True, "OpenTalk <no-reply@meet.example.com>"),
        ({"email": "noor.haddad@example.com"}, True, "OpenTalk <no-reply@meet.example.com>"),
        ({}, False, "OpenTalk <no-reply@meet.example.com>"),
        ({}, True, "no-reply@meet.example.com"),
    ],
    ids=["no name", "an address for a name", "the receiver's own meeting", "switched off", "product without a name"],
)
def test_sender_is_the_product_alone(settings: Any, inviter: dict[str, str], setting: bool, default: str) -> None:
    settings.MAIL_NAMES_AUTHOR, settings.DEFAULT_FROM_EMAIL = setting, default
    message = sample("registered_event_invite", "single", "en")
    message = replace(message, inviter=replace(message.inviter, **inviter))
    assert headers(message=to_json(message))["From"] == default


@pytest.mark.parametrize("kind", PROTOCOL)
def test_answers_by_hand_go_to_the_inviter(kind: str) -> None:
    assert headers(kind=kind)["Reply-To"] == '"Dr. Ada Weber" <ada.weber@example.com>'


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("registered_event_invite", "Noor Haddad <noor.haddad@example.com>"),
        ("unregistered_event_invite", "Marie Dubois <marie.dubois@example.com>"),
        ("external_event_invite", "lee@example.org"),
    ],
)
def test_receiver_is_named_where_his_name_is_known(kind: str, to: str) -> None:
    assert headers(kind=kind)["To"] == to


def test_domain_of_other_letters_is_written_as_every_server_knows_it() -> None:
    message = sample("registered_event_invite", "single", "en")
    invitee = replace(message.invitee, email="noor@málaga.example")
    inviter = replace(message.inviter, email="zoe@bücher.example")
    organizer = replace(message.event.organizer, email=inviter.email)
    event = replace(message.event, organizer=organizer)
    sent = render(row(message=to_json(replace(message, event=event, invitee=invitee, inviter=inviter))))
    assert [sent.to, sent.reply_to] == [
        ["Noor Haddad <noor@xn--mlaga-xqa.example>"],
        ['"Dr. Ada Weber" <zoe@xn--bcher-kva.example>'],
    ]
    (meeting,) = Calendar.from_ical(part(sent, "ics")).walk("VEVENT")
    assert [meeting["ATTENDEE"], meeting["ORGANIZER"]] == [
        "mailto:noor@xn--mlaga-xqa.example",
        "mailto:zoe@xn--bcher-kva.example",
    ]


def test_mail_that_is_sent_twice_has_the_same_message_id() -> None:
    assert headers()["Message-ID"] == headers()["Message-ID"]
    assert headers()["Message-ID"].endswith("@meet.example.com>")


def test_message_id_is_of_what_makes_a_mail_unique() -> None:
    others = [
        {},
        {"cause": uuid.UUID(int=8)},
        {"address": "other@example.com"},
        {"occurrence": "20261130T090000Z"},
        {"offset_minutes": 15},
    ]
    assert len({headers(**other)["Message-ID"] for other in others}) == len(others)


@pytest.mark.parametrize("name", ["References", "In-Reply-To"])
def test_mails_of_an_event_are_one_thread(name: str) -> None:
    kinds = ("registered_event_invite", "external_event_update", "registered_event_cancellation")
    (root,) = {headers(kind=kind)[name] for kind in kinds}
    assert re.fullmatch(r"<event-[0-9a-f]{32}@meet\.example\.com>", root)
    message = to_json(sample("registered_event_invite", "single", "en"))
    message["event"]["uid"] = "another"
    assert headers(message=message)[name] != root
