"""Mail through an ESP's own API, by anymail; the API is a local server that speaks Postmark's."""

import base64
import json
import pkgutil
from collections.abc import Iterator
from email.mime.image import MIMEImage
from pathlib import Path
from typing import Any

import anymail.backends
import pytest
import requests
from anymail.backends.base import BasePayload
from anymail.exceptions import AnymailError
from botocore.client import BaseClient
from django.core.mail import EmailMessage, get_connection
from pytest_django import Settings

from mailer import esp
from mailer.models import OutgoingMail
from mailer.preview import sample_mail
from mailer.send import deliver_due
from opentalk_site import checks
from tests import factories
from tests.local_server import LocalServer, Reply
from tests.mailer.test_branding import png

pytestmark = pytest.mark.django_db
NO_ESPS = {"base", "base_requests", "console", "sendinblue", "test"}  # sendinblue is brevo's old name
ESPS = sorted({module.name for module in pkgutil.iter_modules(anymail.backends.__path__)} - NO_ESPS)
KEYS = ("API_KEY", "SECRET_KEY", "API_TOKEN", "SERVER_TOKEN")
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp, "_first", {})


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


def test_mail_that_the_api_takes_in_no_shape_fails_and_says_why(postmark: LocalServer, settings: Settings) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "SEND_DEFAULTS": {"send_at": "2030-01-01T00:00:00Z"}}
    mail = planned()
    assert (mail.state, mail.attempts, postmark.asked) == ("failed", 1, [])
    assert "Postmark does not support send_at" in mail.last_error


@pytest.mark.slow
def test_what_the_api_refused_once_is_not_tried_again(postmark: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    unsupported = BasePayload.unsupported_feature

    def counted(payload: BasePayload, feature: str) -> None:
        asked.append(feature)
        unsupported(payload, feature)

    monkeypatch.setattr(BasePayload, "unsupported_feature", counted)
    postmark.on("/email", accepted())
    alice = factories.user("alice")
    factories.event(alice, suppress_mail=False, schedule=None)
    deliver_due()
    assert asked == []
    factories.event(alice, suppress_mail=False)
    deliver_due()
    assert set(asked) == {"alternative part with type 'text/calendar; method=PUBLISH'"}
    asked.clear()
    factories.event(alice, suppress_mail=False)
    deliver_due()
    assert asked == []
    assert len(postmark.asked) == 3


def test_mail_is_tagged_with_its_kind_and_names_its_row(postmark: LocalServer) -> None:
    postmark.on("/email", accepted())
    mail = planned()
    sent = json.loads(postmark.asked[-1].body)
    assert mail.tries.get().esp_message_id == "1"
    assert (sent["Tag"], sent["Metadata"]) == ("registered_event_invite", {"mail": str(mail.pk)})


def documented() -> dict[str, list[str]]:
    """The rows of docs/operations.md's table of ESPs, by backend."""
    lines = OPERATIONS.read_text().partition("\n## ESPs\n")[2].partition("\nA `file`")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {row[0].strip("`"): row[1:] for row in cells[2:]}


def test_each_esp_of_anymail_is_documented() -> None:
    assert sorted(documented()) == ESPS


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
@pytest.mark.parametrize("name", ESPS)
def test_esp_is_given_the_best_that_it_takes(
    name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(png(300, 60))
    settings.MAIL_LOGO = str(tmp_path / "logo.png")
    keys: dict[str, Any] = {f"{name.upper()}_{key}": "key" for key in KEYS}
    client = {"region_name": "eu-central-1", "aws_access_key_id": "key", "aws_secret_access_key": "key"}
    settings.ANYMAIL = keys | {
        "AMAZON_SES_CLIENT_PARAMS": client,
        "SCALEWAY_PROJECT_ID": "1",
        f"{name.upper()}_API_URL": "https://esp.example/",
    }
    monkeypatch.setattr(requests.Session, "request", leave)
    monkeypatch.setattr(BaseClient, "_make_api_call", leave)
    backend = get_connection(f"anymail.backends.{name}.EmailBackend")
    left: list[EmailMessage] = []

    def send(message: EmailMessage) -> None:
        try:
            backend.send_messages([message])
        except (LeftError, AnymailError) as error:
            if "left for the ESP" not in str(error):
                raise
            left.append(message)

    esp.send(
        sample_mail("registered_event_invite", "single", "en"),
        OutgoingMail(kind="kind"),
        backend=type(backend),
        by=send,
    )
    (message,) = left
    assert [
        calendar_in(message),
        pictures_in(message),
        *(told(message, extra) for extra in ("tags", "metadata")),
    ] == documented()[name]


class LeftError(Exception):
    """The backend took the mail."""


def leave(*args: object, **kwargs: object) -> None:
    raise LeftError("left for the ESP")


def told(message: EmailMessage, extra: str) -> str:
    return "yes" if hasattr(message, extra) else "no"


def pictures_in(message: Any) -> str:
    """With a picture the HTML shows it, without one the name."""
    html = message.alternatives[0][0]
    if any(isinstance(file, MIMEImage) for file in message.attachments):
        return "yes" if "cid:logo" in html else ""
    return "no" if "<img" not in html and ">OpenTalk</td>" in html else ""


def calendar_in(message: Any) -> str:
    kinds = [part[1] for part in message.alternatives if part[1].startswith("text/calendar")]
    files = [file[2] for file in message.attachments if not isinstance(file, MIMEImage)]
    return {
        (("text/calendar; method=REQUEST",), ("application/ics",)): "alternative",
        ((), ("text/calendar; method=REQUEST; charset=utf-8; name=invite.ics",)): "file",
        ((), ("text/calendar",)): "plain file",
    }[tuple(kinds), tuple(files)]


def test_leaving_out_what_an_esp_lacks_must_not_be_set(settings: Settings) -> None:
    assert checks.esp(None) == []
    settings.ANYMAIL = {"IGNORE_UNSUPPORTED_FEATURES": "true"}
    assert [found.id for found in checks.esp(None)] == ["opentalk_site.E027"]


def test_password_of_the_webhooks_is_asked_for_and_looked_at(settings: Settings) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "word"}
    assert [found.id for found in checks.esp(None)] == ["opentalk_site.E028"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": "esp:word"}
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    assert checks.esp(None) == []
    settings.ANYMAIL = {}
    assert [found.id for found in checks.esp(None)] == ["opentalk_site.W028"]


@pytest.mark.parametrize(("status", "attempts"), [(500, 1), (400, 1), (401, 0), (429, 0)])
def test_answer_about_all_mails_uses_up_no_try(postmark: LocalServer, status: int, attempts: int) -> None:
    postmark.on("/email", Reply(b'{"ErrorCode": 10, "Message": "no"}', status, {"Content-Type": "application/json"}))
    mail = planned()
    assert (mail.state, mail.attempts) == ("retry", attempts)
