"""Mail through an ESP's own API, by anymail; the API is a local server that speaks Postmark's."""

import base64
import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.local_server import LocalServer, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def postmark(settings: Settings) -> Iterator[LocalServer]:
    with LocalServer() as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": f"{server.url}/"}
        yield server


def planned(**fields: str) -> OutgoingMail:
    """`fields` are the creator's."""
    factories.event(factories.user("alice", **fields), suppress_mail=False)
    deliver_due()
    return OutgoingMail.objects.get()


def accepted(status: int = 200, code: int = 0, message: str = "OK") -> Reply:
    body = {"ErrorCode": code, "Message": message, "MessageID": "1", "To": "alice@example.com"}
    return Reply(json.dumps(body).encode(), status, {"Content-Type": "application/json"})


def test_calendar_goes_as_a_file_where_the_api_takes_no_alternative(postmark: LocalServer) -> None:
    postmark.on("/email", accepted())
    assert planned().state == "sent"
    sent = json.loads(postmark.asked[-1].body)
    (file,) = sent["Attachments"]
    assert file["Name"] == "meeting.ics"
    assert file["ContentType"] == "text/calendar; method=PUBLISH; charset=utf-8; name=meeting.ics"
    assert base64.b64decode(file["Content"]).startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Team meeting" in sent["TextBody"]
    assert "Team meeting" in sent["HtmlBody"]


def test_names_of_people_are_not_encoded_for_the_api(postmark: LocalServer) -> None:
    postmark.on("/email", accepted())
    planned(first_name="Zoë", last_name='Müller "zu" Öhringen, Prof.')
    sent = json.loads(postmark.asked[-1].body)
    assert sent["To"] == sent["ReplyTo"] == '"Zoë Müller \\"zu\\" Öhringen, Prof." <alice@example.com>'


def test_api_that_is_down_is_tried_again(postmark: LocalServer) -> None:
    postmark.on("/email", Reply(b"oops", 500))
    mail = planned()
    assert mail.state == "retry"
    assert "500" in mail.last_error


def test_address_that_the_api_refuses_is_final(postmark: LocalServer) -> None:
    refusal = "Found inactive addresses: alice@example.com. Inactive recipients are ones that bounced."
    postmark.on("/email", accepted(422, 406, refusal))
    assert planned().state == "failed"
