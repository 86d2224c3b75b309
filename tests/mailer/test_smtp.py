"""What the server's answers mean for a mail, for the others of its domain, and for the connection."""

import smtplib
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from mailer import domains, outbox
from mailer.errors import RefusedForNowError, TransportError, UndeliverableError, UnreachableError
from mailer.kinds import from_json, to_json
from mailer.models import HeldDomain, OutgoingMail
from mailer.samples import sample
from mailer.send import deliver_due
from mailer.smtp import verdict
from tests.smtp_sink import SmtpSink

RECIPIENT, SENDER, DATA = "recipient", "sender", "data"


def refusal(phase: str, code: int, text: str) -> smtplib.SMTPException:
    answer = text.encode()
    if phase == RECIPIENT:
        return smtplib.SMTPRecipientsRefused({"lee@example.org": (code, answer)})
    return smtplib.SMTPSenderRefused(code, answer, "we") if phase == SENDER else smtplib.SMTPDataError(code, answer)


@pytest.mark.parametrize(
    ("phase", "code", "text", "kind", "is_throttled"),
    [
        (RECIPIENT, 550, "5.1.1 No such mailbox", UndeliverableError, False),
        (RECIPIENT, 553, "Mailbox name not allowed", UndeliverableError, False),
        (RECIPIENT, 552, "5.2.2 Mailbox full", RefusedForNowError, False),
        (RECIPIENT, 552, "Too many recipients", RefusedForNowError, False),
        (RECIPIENT, 450, "4.2.0 Busy", RefusedForNowError, False),
        (RECIPIENT, 451, "4.7.1 Greylisted", RefusedForNowError, False),
        (RECIPIENT, 452, "4.2.2 Over quota", RefusedForNowError, False),
        (RECIPIENT, 452, "Out of room", RefusedForNowError, True),
        (RECIPIENT, 451, "4.3.2 Try later", RefusedForNowError, True),
        (RECIPIENT, 450, "4.7.28 Rate limit", RefusedForNowError, True),
        (RECIPIENT, 421, "Too many connections", RefusedForNowError, True),
        (RECIPIENT, 421, "4.7.0 [10.4.7.28] Try again later", RefusedForNowError, True),
        (DATA, 554, "5.7.1 Spam", UndeliverableError, False),
        (DATA, 552, "5.3.4 Message too big", UndeliverableError, False),
        (DATA, 552, "Exceeded storage allocation", RefusedForNowError, False),
        (DATA, 451, "4.3.0 Local error", RefusedForNowError, False),
        (DATA, 421, "4.3.2 Shutting down", RefusedForNowError, True),
        (SENDER, 530, "5.7.0 Authentication required", UnreachableError, False),
        (SENDER, 550, "5.7.1 Sender unknown", UnreachableError, False),
        (SENDER, 451, "4.3.0 Local error", UnreachableError, False),
        (SENDER, 421, "4.3.2 Shutting down", UnreachableError, False),
        (SENDER, 552, "5.3.4 Message size exceeds fixed limit", UndeliverableError, False),
    ],
)
def test_answer_is_about_the_mail_the_domain_or_all_mails(
    phase: str, code: int, text: str, kind: type[TransportError], is_throttled: bool
) -> None:
    found = verdict(refusal(phase, code, text))
    assert type(found) is kind
    assert found.code == code
    assert getattr(found, "is_throttled", False) == is_throttled


@pytest.fixture
def sink(settings: Any) -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def queue(*addresses: str) -> None:
    """Due in this order."""
    for number, address in enumerate(addresses):
        message = to_json(sample("external_event_invite", "single", "en"))
        message["invitee"]["email"] = address
        with transaction.atomic():
            outbox.enqueue([from_json(message)], cause=uuid.uuid4())
        due_at = timezone.now() - timedelta(minutes=len(addresses) - number)
        OutgoingMail.objects.filter(address=address).update(next_try_at=due_at)


def states() -> list[str]:
    return list(OutgoingMail.objects.order_by("address").values_list("state", flat=True))


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


# --- one connection ---


@pytest.mark.django_db
@pytest.mark.parametrize("refuse", ["recipient", "content"])
def test_refusal_leaves_the_connection_to_the_next_mail(sink: SmtpSink, refuse: str) -> None:
    queue("1@a.example", "2@b.example", "3@c.example")
    if refuse == "recipient":
        sink.refused["2@b.example"] = "550 5.1.1 Unknown"
    else:
        sink.before_answer = lambda mail: "554 5.7.1 Spam" if mail.recipient == "2@b.example" else None
    deliver_due()
    assert states() == ["sent", "failed", "sent"]
    assert len({mail.peer for mail in sink.received}) == 1


@pytest.mark.django_db
def test_refusal_of_data_itself_leaves_the_connection_too(sink: SmtpSink) -> None:
    """There smtplib sends no RSET, without which the server refuses the next mail's sender."""
    queue("1@a.example", "2@b.example")
    sink.data_answer = "554 5.5.1 No valid recipients"
    assert deliver_due() == 2
    assert states() == ["failed", "failed"]


@pytest.mark.slow
@pytest.mark.django_db
def test_connection_is_opened_anew_after_so_many_mails(sink: SmtpSink, settings: Any) -> None:
    settings.MAIL_SMTP_REUSE = 2
    queue(*(f"{number}@a.example" for number in range(5)))
    deliver_due()
    peers = [mail.peer for mail in sink.received]
    assert [peers.index(peer) for peer in peers] == [0, 0, 2, 2, 4]


@pytest.mark.slow
@pytest.mark.django_db
def test_421_after_some_mails_is_asked_again_on_a_new_connection(sink: SmtpSink) -> None:
    """Servers end connections so that carried enough for their taste."""
    carried: dict[Any, int] = {}

    def answer(_address: str, peer: Any) -> str:
        carried[peer] = carried.get(peer, 0) + 1
        return "421 4.7.0 Too many messages in this session" if carried[peer] > 2 else "250 OK"

    sink.answers = answer
    queue(*(f"{number}@a.example" for number in range(5)))
    assert deliver_due() == 5
    assert states() == ["sent"] * 5
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {1}
    assert len(carried) == 3


@pytest.mark.django_db
def test_line_that_breaks_in_a_mail_uses_up_a_try_of_that_mail_alone(sink: SmtpSink) -> None:
    queue("1@a.example", "2@b.example", "3@c.example")
    sink.drops = lambda address: address == "2@b.example"
    assert deliver_due() == 3
    assert states() == ["sent", "retry", "sent"]
    assert list(OutgoingMail.objects.order_by("address").values_list("attempts", flat=True)) == [1, 1, 1]


@pytest.mark.django_db
def test_server_that_takes_none_of_us_uses_up_no_try(sink: SmtpSink) -> None:
    queue("1@a.example", "2@b.example")
    sink.sender_answer = "530 5.7.0 Authentication required"
    assert deliver_due() == 1
    assert states() == ["retry", "queued"]
    first = OutgoingMail.objects.get(address="1@a.example")
    assert (first.attempts, first.tries.get().smtp_code) == (0, 530)
    sink.sender_answer = "250 OK"
    with later(11):
        assert deliver_due() == 2
    assert states() == ["sent", "sent"]


# --- domains ---


@pytest.mark.slow
@pytest.mark.django_db
def test_domain_that_throttles_holds_back_its_own_mails_only(sink: SmtpSink) -> None:
    queue("1@slow.example", "2@SLOW.example", "3@other.example", "4@sub.slow.example")
    sink.refused["1@slow.example"] = "421 4.7.0 Try again later"
    assert deliver_due() == 3
    assert states() == ["retry", "queued", "sent", "sent"]
    held = HeldDomain.objects.get()
    assert (held.domain, held.refusals) == ("slow.example", 1)
    assert "Try again later" in held.last_error
    sink.refused.clear()
    with later(11):
        assert deliver_due() == 2
    assert states() == ["sent"] * 4
    assert not HeldDomain.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_held_domain_is_asked_with_one_mail_and_waits_longer_each_time(sink: SmtpSink) -> None:
    queue(*(f"{number}@slow.example" for number in range(3)))
    sink.answers = lambda _address, _peer: "421 4.7.0 Try again later"
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _time in range(6):
            assert deliver_due() == 1
            pause = HeldDomain.objects.get().held_until - timezone.now()
            pauses.append(pause)
            clock.shift(pause - timedelta(milliseconds=1))
            assert deliver_due() == 0
            clock.shift(timedelta(milliseconds=1))
    assert tuple(pauses) == (*HeldDomain.PAUSES, HeldDomain.PAUSES[-1])


@pytest.mark.django_db
def test_workers_that_are_refused_at_once_count_as_one() -> None:
    with time_machine.travel(timezone.now(), tick=False):
        domains.hold("slow.example", "one")
        domains.hold("slow.example", "two")
    assert list(HeldDomain.objects.values_list("refusals", "last_error")) == [(1, "one")]


@pytest.mark.django_db
def test_greylisting_holds_back_no_other_mail(sink: SmtpSink) -> None:
    queue("1@a.example", "2@a.example")
    sink.refused["1@a.example"] = "451 4.7.1 Greylisted"
    assert deliver_due() == 2
    assert states() == ["retry", "sent"]
    assert not HeldDomain.objects.exists()
