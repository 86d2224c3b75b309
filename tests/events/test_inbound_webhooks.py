"""ESPs hand over answers, as they say it and signed as they sign it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from pytest_django import Settings

from invites.models import InboundMail, Reply
from tests.circle import Circle
from tests.events import letters
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
BOB = "bob@example.com"
SECRET, KEY = "esp:word", "signing-key"
AUTHORIZATION = "Basic " + base64.b64encode(SECRET.encode()).decode()
AT = datetime(2026, 11, 20, 9, 0, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    client = {"region_name": "eu-central-1", "aws_access_key_id": "key", "aws_secret_access_key": "key"}
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "AMAZON_SES_CLIENT_PARAMS": client,
    }
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]


def post(path: str, body: Any, *, authorization: str = AUTHORIZATION, **more: Any) -> int:
    headers = {"Authorization": authorization, **more.pop("headers", {})}
    browser = Browser(raise_request_exception=False)
    return browser.post(f"/anymail/{path}/inbound/", body, headers=headers, **more).status_code


def mailgun(data: bytes, to: str, **known: Any) -> int:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/, as raw MIME."""
    token, timestamp = "c" * 50, str(int(AT.timestamp()))
    signature = hmac.new(known.pop("key", KEY).encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    form = {
        "recipient": to, "sender": BOB, "from": f"Bob <{BOB}>", "subject": "Accepted: Team meeting",
        "timestamp": timestamp, "token": token, "signature": signature, "body-mime": data.decode(),
    }  # fmt: skip
    return post("mailgun", form, **known)


def postmark(data: bytes, to: str, **known: Any) -> int:
    """https://postmarkapp.com/developer/webhooks/inbound-webhook, where it has taken the mail apart."""
    message = message_from_bytes(data)
    files = [
        {
            "Name": part.get_filename() or "invite.ics",
            "Content": base64.b64encode(part.get_payload(decode=True)).decode(),
            "ContentType": part["Content-Type"],
            "ContentLength": 1,
        }
        for part in message.walk()
        if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    dropped = ("from", "to", "subject", "date", "content-type", "mime-version")
    event = {
        "FromFull": {"Email": BOB, "Name": "Bob", "MailboxHash": ""}, "From": BOB,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": to.partition("+")[2]}], "CcFull": [], "BccFull": [],
        "OriginalRecipient": to, "Subject": message["Subject"], "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
        "Date": message["Date"], "TextBody": "Somebody has accepted.", "HtmlBody": "", "StrippedTextReply": "",
        "Headers": [{"Name": name, "Value": value} for name, value in message.items() if name.lower() not in dropped],
        "Attachments": files,
    }  # fmt: skip
    return post("postmark", json.dumps(event), content_type="application/json", **known)


def amazon_ses(data: bytes, to: str, **known: Any) -> int:
    """https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html, by SNS."""
    event = {
        "notificationType": "Received",
        "content": base64.b64encode(data).decode(),
        "mail": {"timestamp": AT.isoformat(), "source": BOB, "messageId": "o3vrnil0e2ic28tr", "destination": [to]},
        "receipt": {
            "recipients": [to],
            "spamVerdict": {"status": "PASS"},
            "dmarcVerdict": {"status": "PASS"},
            "action": {"type": "SNS", "topicArn": "arn:aws:sns:eu-central-1:1:mails", "encoding": "BASE64"},
        },
    }
    told = {"Type": "Notification", "MessageId": "7", "TopicArn": "arn:aws:sns:eu-central-1:1:mails"}
    names = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "7"}
    body = json.dumps(told | {"Message": json.dumps(event), "Timestamp": AT.isoformat()})
    return post("amazon_ses", body, content_type="application/json", headers=names, **known)


Esp = Callable[..., int]
each_esp = sweep("esp", [mailgun, postmark, amazon_ses], fast=1)


@pytest.mark.parametrize("esp", [mailgun, postmark, amazon_ses])
@sweep("shape", ["gmail", "outlook", "apple"], fast=1)
def test_answer_is_recorded(esp: Esp, shape: str) -> None:
    circle = Circle()
    data = letters.SHAPES[shape](circle.event, BOB, "TENTATIVE", to="meetings@in.example.org")
    assert esp(data, circle.event.organizer_address) == 200
    assert InboundMail.objects.values_list("source", "verdict").get() == ("webhook", "applied")
    assert circle.event.invites.get().status == "tentative"


@pytest.mark.slow
@each_esp
def test_what_is_told_twice_answers_once(esp: Esp) -> None:
    circle = Circle()
    for _time in range(2):
        assert esp(letters.gmail(circle.event, BOB), circle.event.organizer_address) == 200
    assert Reply.objects.count() == 1


@each_esp
def test_sender_that_is_not_proven_changes_no_status(esp: Esp) -> None:
    circle = Circle()
    assert esp(letters.gmail(circle.event, BOB, proof=""), circle.event.organizer_address) == 200
    assert InboundMail.objects.get().verdict == "not_proven"
    assert circle.event.invites.get().status == "pending"


@pytest.mark.slow
@each_esp
def test_esp_tells_again_what_could_not_be_stored(esp: Esp, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle()

    def is_away(*_given: Any) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr("events.services.inbound._stored", is_away)
        assert esp(letters.gmail(circle.event, BOB), circle.event.organizer_address) == 500
    assert esp(letters.gmail(circle.event, BOB), circle.event.organizer_address) == 200
    assert Reply.objects.count() == 1


@each_esp
def test_nobody_else_hands_over_mails(esp: Esp, settings: Settings) -> None:
    circle = Circle()
    given = (letters.gmail(circle.event, BOB), circle.event.organizer_address)
    assert esp(*given, authorization="Basic " + base64.b64encode(b"esp:other").decode()) == 400
    settings.INBOUND_DOMAIN = ""
    assert esp(*given) == 404
    settings.INBOUND_DOMAIN, settings.ANYMAIL = "in.example.org", {}
    assert esp(*given) == 404
    assert not InboundMail.objects.exists()


def test_wrong_signature_hands_over_nothing() -> None:
    circle = Circle()
    assert mailgun(letters.gmail(circle.event, BOB), circle.event.organizer_address, key="other") == 400
    assert not InboundMail.objects.exists()


@pytest.mark.slow
def test_what_cannot_be_read_is_no_error_of_the_server() -> None:
    for name in ("mailgun", "postmark", "amazon_ses", "brevo", "mailjet", "resend", "sparkpost"):
        for body in (b"", b"{", b"[]", b"1", b"{}", b"\xff"):
            assert post(name, body, content_type="application/json") in {200, 400, 404}
