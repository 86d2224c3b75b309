"""The states of a mail: the table in docs/operations.md is what happens, and nothing else does."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from mailer import domains, outbox
from mailer.errors import RefusedForNowError, UndeliverableError, UnreachableError
from mailer.ledger import MOVES, On, move, one
from mailer.models import MailAttempt, OutgoingMail
from mailer.samples import sample
from mailer.send import claim, deliver_due
from mailer.suppression import suppress
from tests.mailer.test_transports import Published

pytestmark = pytest.mark.django_db
STATES = list(OutgoingMail.State)
LINE = re.compile(r"^\| ([a-z ]+) \| ([a-z, ]+) \| ([a-z]+) \| (.+) \|$", re.MULTILINE)
DOCUMENT = (Path(settings.BASE_DIR) / "docs/operations.md").read_text().partition("### States of a mail")[2]
TABLE = {
    on: (sources.split(", "), target, next_try)
    for on, sources, target, next_try in LINE.findall(DOCUMENT.partition("\n\n- ")[0])
    if on != "on"
}


@pytest.fixture
def mail() -> OutgoingMail:
    with transaction.atomic():
        outbox.enqueue([sample("external_event_invite", "single", "en")], cause=uuid.uuid4())
    return OutgoingMail.objects.get()


def put(mail: OutgoingMail, state: str, **fields: object) -> OutgoingMail:
    """In a state, as if it had come there; what waits is due."""
    sent_at = timezone.now() if state == "sent" else None
    OutgoingMail.objects.update(**{"state": state, "sent_at": sent_at, "next_try_at": timezone.now(), **fields})
    mail.refresh_from_db()
    return mail


def fails(error: Exception) -> Callable[[OutgoingMail], object]:
    return lambda mail: deliver_due(limit=1, transport=Published(_lee=error))


REAL: dict[On, Callable[[OutgoingMail], object]] = {
    On.CLAIM: claim,
    On.ACCEPTANCE: lambda mail: deliver_due(limit=1, transport=Published()),
    On.REFUSAL: fails(UndeliverableError("no")),
    On.DEFERRAL: fails(RefusedForNowError("busy")),
    On.OUTAGE: fails(UnreachableError("down")),
    On.ABORT: lambda mail: outbox.abort(mail=mail),
    On.RESEND: lambda mail: outbox.send_again(mail=mail, message=None),
    On.RELEASE: lambda mail: move(one(mail), On.RELEASE, next_try_at=timezone.now()),
    On.WITHHOLDING: lambda mail: move(one(mail), On.WITHHOLDING),
    On.BOUNCE: lambda mail: move(one(mail), On.BOUNCE),
}


def test_table_in_the_documents_is_the_one_in_the_code() -> None:
    assert {on: (sources, target) for on, (sources, target, _next) in TABLE.items()} == {
        str(on): ([str(source) for source in step.sources], str(step.target)) for on, step in MOVES.items()
    }
    assert {target for _sources, target, _next in TABLE.values()} == set(STATES)


@pytest.mark.parametrize("on", On)
def test_mail_moves_where_the_table_says_so_and_stays_elsewhere(mail: OutgoingMail, on: On) -> None:
    sources, target, _next = TABLE[on]
    columns = {"sent_at": timezone.now()} if on == On.ACCEPTANCE else {}
    for state in STATES:
        put(mail, state)
        assert move(one(mail), on, **columns) == (state in sources), state
        mail.refresh_from_db()
        assert mail.state == (target if state in sources else state)


@pytest.mark.parametrize("on", REAL)
def test_what_happens_moves_the_mail_as_the_table_says(mail: OutgoingMail, on: On) -> None:
    sources, target, next_try = TABLE[on]
    for state in sources:
        put(mail, state)
        with time_machine.travel(timezone.now(), tick=False):
            REAL[on](mail)
            mail.refresh_from_db()
            assert mail.state == target
            wait = mail.next_try_at - timezone.now()
        if next_try.startswith("now"):
            assert (wait, mail.attempts) == (timedelta(), 0)
        elif next_try.startswith("after"):
            assert wait == timedelta(seconds=10)


def test_abort_meets_no_mail_that_is_being_sent(mail: OutgoingMail) -> None:
    assert claim(mail) is not None
    assert not outbox.abort(mail=mail)
    mail.refresh_from_db()
    assert mail.state == "sending"


def test_aborted_mail_is_not_sent(mail: OutgoingMail) -> None:
    assert outbox.abort(mail=mail)
    assert deliver_due(transport=Published()) == 0


def test_mail_whose_workers_all_died_is_given_up(mail: OutgoingMail) -> None:
    put(mail, "sending", attempts=len(OutgoingMail.DELAYS) + 1)
    assert deliver_due(transport=Published()) == 0
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == ("failed", "Each worker that had it died.")


def test_mail_that_was_changed_since_it_was_read_is_not_claimed(mail: OutgoingMail) -> None:
    put(mail, "failed")
    as_read = put(mail, "queued", next_try_at=timezone.now() - timedelta(seconds=5))
    put(OutgoingMail.objects.get(), "queued")
    assert claim(as_read) is None


def test_mail_whose_domain_was_held_since_it_was_read_is_not_claimed(mail: OutgoingMail) -> None:
    domains.hold(mail.domain, "421 busy")
    assert claim(mail) is None
    domains.release(mail.domain)
    assert claim(mail) is not None


def test_address_that_was_suppressed_since_the_mail_was_read_gets_none(mail: OutgoingMail) -> None:
    put(mail, "queued", address="kim@example.com")
    OutgoingMail.objects.create(
        kind=mail.kind, message=mail.message, cause=uuid.uuid4(), address="lee@example.com", language="en"
    )

    class Suppressing(Published):
        def deliver(self, mail: OutgoingMail) -> None:
            suppress(address="lee@example.com", reason="staff", actor=Actor.by_job("test"))
            super().deliver(mail)

    assert deliver_due(transport=Suppressing()) == 2
    assert list(OutgoingMail.objects.order_by("address").values_list("state", flat=True)) == ["sent", "withheld"]


def test_worker_that_overslept_leaves_what_its_successor_wrote(mail: OutgoingMail) -> None:
    first = claim(mail)
    assert first is not None
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.MAIL_CLAIM_SECONDS + 1)):
        assert deliver_due(transport=Published()) == 1
    first.end(On.REFUSAL, MailAttempt.Outcome.REFUSED, "too late")
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == ("sent", "")
    assert list(mail.tries.values_list("outcome", "error")) == [("refused", "too late"), ("sent", "")]


# --- attempts ---


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (UndeliverableError("550 no", code=550), ("refused", 550, "550 no")),
        (RefusedForNowError("451 busy", code=451), ("deferred", 451, "451 busy")),
        (UnreachableError("down"), ("unreachable", None, "down")),
        (KeyError("surprise"), ("deferred", None, "KeyError: 'surprise'")),
        (None, ("sent", None, "")),
    ],
)
def test_each_try_leaves_a_row(
    mail: OutgoingMail, error: Exception | None, outcome: tuple[str, int | None, str]
) -> None:
    deliver_due(limit=1, transport=Published(**({"_lee": error} if error else {})))
    row = mail.tries.get()
    assert (row.outcome, row.smtp_code, row.error) == outcome
    assert row.ended_at is not None
    assert row.started_at <= row.ended_at
    assert re.fullmatch(r".+:\d+", row.worker)


def test_try_of_a_dead_worker_has_no_end(mail: OutgoingMail) -> None:
    claim(mail)
    assert list(mail.tries.values_list("outcome", "ended_at")) == [("", None)]


@pytest.mark.slow
def test_server_out_of_reach_uses_up_no_try_and_leaves_one_row(mail: OutgoingMail) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _try in range(30):
            assert deliver_due(transport=Published(_lee=UnreachableError("down"))) == 1
            clock.shift(timedelta(seconds=10))
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.tries.count()) == ("retry", 0, 1)
        assert deliver_due(transport=Published()) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("sent", 1)


def test_mail_that_is_sent_again_keeps_its_row_and_its_attempts(mail: OutgoingMail) -> None:
    deliver_due(transport=Published())
    assert outbox.send_again(mail=mail, message=None)
    deliver_due(transport=Published())
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.tries.count()) == ("sent", 1, 2)
