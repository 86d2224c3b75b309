"""What mails have in common is built once, and no mail gets what is another's."""

import random
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from msgspec.structs import replace

from mailer import render as rendering
from mailer.kinds import PROTOCOL, to_json
from mailer.messages import RegisteredUser
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.render import Shared, render
from mailer.samples import SHAPES, sample
from tests.sweeps import examples

NOW = timezone.now()
OTHER = RegisteredUser("kim@example.com", "", "Kim", "Novak", "en")


def row(message: EventMessage) -> OutgoingMail:
    address = message.receiver.email
    return OutgoingMail(kind=message.kind, message=to_json(message), address=address, created_at=NOW)


def variants(kind: str) -> list[EventMessage]:
    """One meeting's mails that differ in one thing each, and in all."""
    found = []
    for language, zone, shape in product(("en", "de"), ("Asia/Tokyo", "Europe/Berlin"), ("single", "moved_occurrence")):
        message = sample(kind, shape, language)
        message = replace(message, recipient=replace(message.recipient, time_zone=zone, language=language))
        own = replace(message.invitee, email=message.event.organizer.email)
        event = message.event
        found += [
            message,
            replace(message, invitee=own),
            replace(message, inviter=OTHER),
            replace(message, recipient=replace(message.recipient, partstat="DECLINED")),
            replace(message, event=replace(event, revision=event.revision + 1)),
        ]
        for token in ("", "bobs-own-token:" + "x" * 80):
            found.append(replace(message, recipient=replace(message.recipient, answer_token=token)))
        if message.invite_code:
            found.append(replace(message, invite_code="another-code"))
    return found


@pytest.mark.slow
def test_mails_are_the_same_as_when_each_is_made_alone() -> None:
    messages = [message for kind in list(PROTOCOL)[:: examples(4, 1)] for message in variants(kind)]
    random.shuffle(messages)
    shared = Shared()
    for message in messages:
        together, alone = render(row(message), shared), render(row(message))
        for name in ("from_email", "subject", "body", "alternatives", "attachments", "to", "reply_to", "extra_headers"):
            assert getattr(together, name) == getattr(alone, name), (message.kind, name)


def test_fifty_receivers_share_what_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Any] = []
    contents = rendering._contents
    monkeypatch.setattr(rendering, "_contents", lambda *given: built.append(given) or contents(*given))
    shared = Shared()
    for number in range(50):
        message = sample("registered_event_invite", "recurring", ("en", "de")[number % 2])
        person = replace(message.invitee, email=f"person{number}@example.com", last_name=f"Number {number}")
        mail = render(row(replace(message, invitee=person)), shared)
        assert f"mailto:person{number}@example.com" in str(mail.alternatives[1][0]).replace("\r\n ", "")
    assert len(built) == 2


@pytest.mark.slow
def test_what_is_shared_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shared, "_MOST", 3)
    shared = Shared()
    for shape in SHAPES:
        render(row(sample("external_event_invite", shape, "en")), shared)
        assert len(shared._built) <= 3
