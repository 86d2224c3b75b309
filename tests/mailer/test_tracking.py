"""What ESPs tell of mails, as they say it and signed as they sign it, moves the mails."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client as Browser
from pytest_django import Settings

from activity.actors import Actor
from mailer import outbox
from mailer.models import MailAttempt, OutgoingMail, SuppressedAddress
from mailer.samples import sample
from mailer.send import deliver_due
from mailer.suppression import lift
from tests.mailer.test_transports import Published

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET, KEY = "esp:word", "signing-key"
AUTHORIZATION = "Basic " + base64.b64encode(SECRET.encode()).decode()
LEE = "lee@example.org"


@pytest.fixture(autouse=True)
def _noon(settings: Settings) -> Iterator[None]:
    client = {"region_name": "eu-central-1", "aws_access_key_id": "key", "aws_secret_access_key": "key"}
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "AMAZON_SES_CLIENT_PARAMS": client,
    }
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def mail() -> OutgoingMail:
    """Sent; the ESP knows it as <1@esp.example>."""
    with transaction.atomic():
        outbox.enqueue([sample("external_event_invite", "single", "en")], cause=uuid.uuid4())
    deliver_due(transport=Published())
    MailAttempt.objects.update(esp_message_id="<1@esp.example>")
    return OutgoingMail.objects.get()


def post(path: str, body: object, *, authorization: str = AUTHORIZATION, **headers: str) -> int:
    answer = Browser(raise_request_exception=False).post(
        f"/anymail/{path}/tracking/",
        body if isinstance(body, str | bytes) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": authorization, **headers},
    )
    return answer.status_code


def mailgun(what: str, at: datetime = NOON, **known: Any) -> int:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads"""
    event: dict[str, Any] = {
        "delivered": {
            "event": "delivered",
            "delivery-status": {"code": 250, "message": "OK", "description": "", "attempt-no": 1, "tls": True},
        },
        "bounced": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": "", "attempt-no": 1},
        },
        "deferred": {
            "event": "failed",
            "severity": "temporary",
            "reason": "generic",
            "delivery-status": {"code": 452, "message": "4.2.2 Over quota", "description": "", "attempt-no": 1},
        },
        "refused": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "message": "5.7.1 Blocked by policy", "description": ""},
        },
        "complained": {"event": "complained"},
    }[what]
    event |= {
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "timestamp": at.timestamp(),
        "recipient": LEE,
        "message": {"headers": {"to": LEE, "message-id": known.get("id", "1@esp.example"), "subject": "Hello"}},
        "user-variables": known.get("metadata", {}),
        "tags": ["external_event_invite"],
    }
    token, timestamp = "c" * 50, str(int(at.timestamp()))
    signature = hmac.new(known.get("key", KEY).encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    return post("mailgun", {"signature": signed, "event-data": event})


def postmark(what: str, at: datetime = NOON, **known: Any) -> int:
    """https://postmarkapp.com/developer/webhooks/webhooks-overview"""
    bounce = {
        "RecordType": "Bounce",
        "ID": 42,
        "TypeCode": 1,
        "Inactive": True,
        "Email": LEE,
        "BouncedAt": at.isoformat(),
    }
    event: dict[str, Any] = {
        "delivered": {"RecordType": "Delivery", "Recipient": LEE, "DeliveredAt": at.isoformat(), "Details": "250 OK"},
        "bounced": bounce | {"Type": "HardBounce", "Description": "Unknown user", "Details": "smtp;550 5.1.1 Unknown"},
        "deferred": bounce | {"Type": "Transient", "Description": "Delayed", "Details": "smtp;451 Later"},
        "refused": bounce | {"Type": "SoftBounce", "Description": "Mailbox full", "Details": "smtp;552 Full"},
        "complained": bounce
        | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Description": "Marked as spam"},
    }[what]
    event |= {"MessageID": known.get("id", "<1@esp.example>"), "Metadata": known.get("metadata", {}), "Tag": "x"}
    return post("postmark", event | {"ServerID": 23, "MessageStream": "outbound"})


def amazon_ses(what: str, at: datetime = NOON, **known: Any) -> int:
    """https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, by SNS"""
    bounced = [
        {"emailAddress": LEE, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 unknown"}
    ]
    bounce = {"bounceSubType": "General", "bouncedRecipients": bounced, "timestamp": at.isoformat()}
    event: dict[str, Any] = {
        "delivered": {"eventType": "Delivery", "delivery": {"recipients": [LEE], "smtpResponse": "250 ok"}},
        "bounced": {"eventType": "Bounce", "bounce": bounce | {"bounceType": "Permanent"}},
        "deferred": {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "TransientCommunicationFailure"}},
        "refused": {"eventType": "Bounce", "bounce": bounce | {"bounceType": "Transient"}},
        "complained": {"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": LEE}]}},
    }[what]
    headers = [{"name": "X-Metadata", "value": json.dumps(known.get("metadata", {}))}]
    event["mail"] = {"messageId": known.get("id", "<1@esp.example>"), "destination": [LEE], "headers": headers}
    notification = {"Type": "Notification", "MessageId": "7", "Timestamp": at.isoformat(), "Message": json.dumps(event)}
    names = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "7"}
    return post("amazon_ses", notification, **names)


Esp = Callable[..., int]
each_esp = pytest.mark.parametrize("esp", [mailgun, postmark, amazon_ses])


def suppressed() -> list[tuple[str, str]]:
    return list(SuppressedAddress.objects.filter(lifted_at=None).values_list("address", "reason"))


def state(mail: OutgoingMail) -> str:
    mail.refresh_from_db()
    return mail.state


@each_esp
def test_delivered_mail_has_its_time(esp: Esp, mail: OutgoingMail) -> None:
    assert esp("delivered", NOON) == 200
    assert esp("delivered", NOON + timedelta(minutes=5)) == 200
    assert (state(mail), mail.delivered_at, suppressed()) == ("sent", NOON, [])


@each_esp
def test_bounced_mail_says_why_and_its_address_gets_no_more(esp: Esp, mail: OutgoingMail) -> None:
    assert esp("bounced") == 200
    assert state(mail) == "bounced"
    assert "5.1.1" in mail.last_error
    assert suppressed() == [(LEE, "bounced")]
    assert "5.1.1" in SuppressedAddress.objects.get().detail


@each_esp
def test_complaint_leaves_the_mail_and_suppresses_the_address(esp: Esp, mail: OutgoingMail) -> None:
    assert esp("complained") == 200
    assert (state(mail), suppressed()) == ("sent", [(LEE, "complained")])


@each_esp
def test_delay_changes_nothing(esp: Esp, mail: OutgoingMail) -> None:
    assert esp("deferred") == 200
    assert (state(mail), mail.delivered_at, suppressed()) == ("sent", None, [])


@each_esp
def test_bounce_that_is_not_the_address_fault_suppresses_nothing(esp: Esp, mail: OutgoingMail) -> None:
    assert esp("refused") == 200
    assert (state(mail), suppressed()) == ("bounced", [])


@each_esp
def test_mail_is_found_by_its_metadata_before_its_id_is_stored(esp: Esp, mail: OutgoingMail) -> None:
    MailAttempt.objects.update(esp_message_id="", outcome="")
    OutgoingMail.objects.update(state="sending", sent_at=None)
    assert esp("bounced", id="<2@esp.example>", metadata={"mail": str(mail.pk)}) == 200
    assert (state(mail), suppressed()) == ("bounced", [(LEE, "bounced")])


@each_esp
@pytest.mark.parametrize("metadata", [{}, {"mail": "x"}, {"mail": str(uuid.uuid4())}])
def test_what_is_told_of_a_mail_that_is_not_ours_is_ignored(esp: Esp, metadata: object, mail: OutgoingMail) -> None:
    assert esp("bounced", id="<2@esp.example>", metadata=metadata) == 200
    assert (state(mail), suppressed()) == ("sent", [])


@each_esp
def test_bounce_told_twice_counts_once_and_not_after_the_lifting(esp: Esp, mail: OutgoingMail) -> None:
    assert [esp("bounced", NOON - timedelta(minutes=1)) for _time in range(2)] == [200, 200]
    lift(row=SuppressedAddress.objects.get(), actor=Actor.by_job("test"))
    assert esp("bounced", NOON - timedelta(minutes=1)) == 200
    assert (state(mail), suppressed()) == ("bounced", [])


def test_delivery_told_after_the_bounce_leaves_it_bounced(mail: OutgoingMail) -> None:
    mailgun("bounced")
    assert mailgun("delivered") == 200
    assert (state(mail), mail.delivered_at) == ("bounced", None)


def test_bounce_of_an_earlier_try_does_not_move_the_mail_that_was_sent_again(mail: OutgoingMail) -> None:
    outbox.send_again(mail=mail, message=None)
    deliver_due(transport=Published())
    assert mailgun("bounced") == 200
    assert (state(mail), suppressed()) == ("sent", [(LEE, "bounced")])


@each_esp
def test_wrong_password_moves_nothing(esp: Esp, mail: OutgoingMail, settings: Settings) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "esp:other"}
    assert esp("bounced") == 400
    assert state(mail) == "sent"


def test_wrong_signature_moves_nothing(mail: OutgoingMail) -> None:
    assert mailgun("bounced", key="other") == 400
    assert state(mail) == "sent"


@each_esp
def test_without_a_password_there_is_no_webhook(esp: Esp, settings: Settings) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": ""}
    assert esp("bounced") == 404


def test_esp_that_is_not_set_up_has_no_webhook(settings: Settings) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    assert mailgun("bounced") == 404


@pytest.mark.parametrize("name", ["mailgun", "postmark", "amazon_ses", "brevo", "mailjet", "resend", "sparkpost"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"{}", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_no_error_of_the_server(name: str, body: bytes, settings: Settings) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "RESEND_SIGNING_SECRET": "whsec_a2V5"}
    assert post(name, body) in {200, 400, 404}
