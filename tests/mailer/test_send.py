"""The mail server is down, slow or choosy: nothing is lost, and the row says what happened."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from activity.actors import Actor
from events.services.invitations import invite_email
from mailer import send
from mailer.models import OutgoingMail
from mailer.send import claim, deliver_due
from tests.factories import event, staff, user
from tests.smtp_sink import SmtpSink, free_port

pytestmark = pytest.mark.django_db
ADDRESSES = ["dora@example.org", "emil@example.org", "frida@example.org"]


@pytest.fixture(autouse=True)
def _smtp(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_TIMEOUT = 5


@pytest.fixture
def sink(settings: Any) -> Iterator[SmtpSink]:
    with SmtpSink(settings.EMAIL_PORT) as server:
        yield server


@pytest.fixture
def mails() -> list[OutgoingMail]:
    """One to each of ADDRESSES, in this order."""
    meeting = event(user("alice"))
    for address in ADDRESSES:
        invite_email(event=meeting, email=address, actor=Actor.by_api(meeting.created_by))
    return list(OutgoingMail.objects.order_by("created_at"))


def states() -> dict[str, str]:
    return dict(OutgoingMail.objects.order_by("address").values_list("address", "state"))


def mail_to(address: str) -> OutgoingMail:
    return OutgoingMail.objects.get(address=address)


def later(**delay: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**delay))


def test_run_ends_where_nothing_of_a_batch_is_claimed(
    mails: list[OutgoingMail], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps a mail that is due from being claimed: the next run looks again."""
    asked = iter(mails)  # each once: a second batch would find no more
    monkeypatch.setattr(send, "claim", lambda _mail: next(asked) and None)
    assert deliver_due() == 0
    assert not list(asked)


@pytest.mark.slow
def test_mails_arrive_once(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    assert deliver_due() == 3
    assert deliver_due() == 0
    assert sink.recipients == ADDRESSES
    assert set(states().values()) == {"sent"}
    sent = mail_to("dora@example.org")
    assert (sent.attempts, sent.last_error, sent.subject) == (1, "", sink.received[0].message["Subject"])
    assert sent.sent_at is not None


def test_down_server_is_tried_with_one_mail_only(mails: list[OutgoingMail]) -> None:
    assert deliver_due() == 1
    assert list(states().values()) == ["retry", "queued", "queued"]
    assert "refused" in mail_to("dora@example.org").last_error


@pytest.mark.slow
def test_mails_go_when_the_server_is_back(settings: Any, mails: list[OutgoingMail]) -> None:
    for _time in range(3):
        deliver_due()
    with SmtpSink(settings.EMAIL_PORT) as server, later(seconds=11):
        assert deliver_due() == 3
    assert sorted(server.recipients) == ADDRESSES
    assert set(states().values()) == {"sent"}
    assert mail_to("dora@example.org").last_error == ""


@pytest.mark.slow
def test_slow_server_holds_back_one_mail_for_the_time_allowed(
    settings: Any, sink: SmtpSink, mails: list[OutgoingMail]
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    is_over = threading.Event()
    sink.before_answer = lambda _mail: is_over.wait(10)
    started = time.monotonic()
    assert deliver_due() == 1
    assert time.monotonic() - started < 5
    is_over.set()
    assert list(states().values()) == ["retry", "queued", "queued"]
    assert mail_to("dora@example.org").last_error.endswith("timed out")


@pytest.mark.slow
def test_refused_recipient_fails_and_the_others_get_theirs(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    sink.refused["emil@example.org"] = "550 5.1.1 No such mailbox"
    assert deliver_due() == 3
    assert sink.recipients == ["dora@example.org", "frida@example.org"]
    assert states()["emil@example.org"] == "failed"
    assert "No such mailbox" in mail_to("emil@example.org").last_error
    with later(days=2):
        assert deliver_due() == 0


def test_refused_content_fails(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    sink.before_answer = lambda mail: "554 5.7.1 Spam" if mail.recipient == "dora@example.org" else None
    deliver_due()
    assert states() == dict(zip(ADDRESSES, ["failed", "sent", "sent"], strict=True))


@pytest.mark.slow
def test_recipient_refused_for_now_is_tried_again(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    answer = "451 4.7.1 Greylisted"
    sink.refused["emil@example.org"] = answer
    deliver_due()
    assert states() == dict(zip(ADDRESSES, ["sent", "retry", "sent"], strict=True))
    assert answer[4:] in mail_to("emil@example.org").last_error
    sink.refused.clear()
    with later(seconds=11):
        assert deliver_due() == 1
    assert states()["emil@example.org"] == "sent"
    assert mail_to("emil@example.org").attempts == 2


@pytest.mark.slow
def test_pauses_grow_and_end_after_the_last_try(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    OutgoingMail.objects.exclude(address="emil@example.org").delete()
    sink.refused["emil@example.org"] = "451 4.7.1 Greylisted"
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while deliver_due():
            mail = mail_to("emil@example.org")
            pauses.append(mail.next_try_at - timezone.now())
            clock.move_to(mail.next_try_at - timedelta(milliseconds=1))
            assert deliver_due() == 0
            clock.shift(timedelta(milliseconds=1))
            if mail.state == "failed":
                break
    assert tuple(pauses[:-1]) == OutgoingMail.DELAYS
    assert sorted(pauses[:-1]) == pauses[:-1]
    assert sum(pauses[:-1], timedelta()) > timedelta(hours=18)
    assert mail_to("emil@example.org").attempts == len(OutgoingMail.DELAYS) + 1
    assert "Greylisted" in mail_to("emil@example.org").last_error


@pytest.mark.slow
def test_claim_of_a_dead_sender_runs_out(settings: Any, sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    assert claim(OutgoingMail.objects.get(pk=mails[0].pk)) is not None
    assert claim(mails[0]) is None
    assert deliver_due() == 2
    with later(seconds=settings.MAIL_CLAIM_SECONDS + 1):
        assert deliver_due() == 1
    assert sorted(sink.recipients) == ADDRESSES


def test_message_that_cannot_be_rendered_fails_alone(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    OutgoingMail.objects.filter(pk=mails[0].pk).update(message={"no": "message"})
    assert deliver_due() == 3
    assert states() == dict(zip(ADDRESSES, ["failed", "sent", "sent"], strict=True))
    assert mail_to("dora@example.org").last_error


@pytest.mark.slow
def test_staff_see_state_and_error(sink: SmtpSink, mails: list[OutgoingMail]) -> None:
    sink.refused["emil@example.org"] = "550 5.1.1 No such mailbox"
    deliver_due()
    client = Client()
    client.force_login(staff())
    page = client.get("/admin/mailer/outgoingmail/", {"state__exact": "failed"}).content.decode()
    assert "emil@example.org" in page
    assert "dora@example.org" not in page
    detail = client.get(f"/admin/mailer/outgoingmail/{mails[1].pk}/change/").content.decode()
    assert "No such mailbox" in detail
