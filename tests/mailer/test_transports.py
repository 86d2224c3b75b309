"""Messages can leave by another way than as rendered mails, such as a queue that another mailer reads."""

import uuid

import pytest
from django.db import transaction

from mailer import outbox
from mailer.errors import RefusedForNowError, UndeliverableError, UnreachableError
from mailer.kinds import from_json, to_json
from mailer.models import OutgoingMail
from mailer.samples import sample
from mailer.send import deliver_due

pytestmark = pytest.mark.django_db
ADDRESSES = ["1@example.com", "2@example.com", "3@example.com"]


class Published:
    """Keeps the messages as they are; fails as it is told, by the address before the @."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = {name[1:]: error for name, error in failures.items()}
        self.messages: list[dict[str, object]] = []
        self.is_closed = False

    def deliver(self, mail: OutgoingMail) -> None:
        name, _at, _domain = mail.address.partition("@")
        if name in self.failures:
            raise self.failures[name]
        self.messages.append(mail.message)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def mails() -> None:
    with transaction.atomic():
        for address in ADDRESSES:
            message = to_json(sample("external_event_invite", "single", "en"))
            message["invitee"]["email"] = address
            outbox.enqueue([from_json(message)], cause=uuid.uuid4())


def states() -> list[str]:
    return list(OutgoingMail.objects.order_by("address").values_list("state", flat=True))


def test_messages_are_published_as_they_were_queued() -> None:
    published = Published()
    assert deliver_due(transport=published) == 3
    assert [message["invitee"] for message in published.messages] == [{"email": address} for address in ADDRESSES]
    assert all(message["version"] == "1" for message in published.messages)
    assert published.is_closed
    assert states() == ["sent"] * 3


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (UndeliverableError("no"), ["sent", "failed", "sent"]),
        (RefusedForNowError("busy"), ["sent", "retry", "sent"]),
        (KeyError("surprise"), ["sent", "retry", "sent"]),
        (UnreachableError("down"), ["sent", "retry", "queued"]),
    ],
)
def test_what_became_of_a_message_is_told_by_the_error(error: Exception, left: list[str]) -> None:
    published = Published(_2=error)
    deliver_due(transport=published)
    assert states() == left
    assert published.is_closed
    assert str(error) in OutgoingMail.objects.get(address=ADDRESSES[1]).last_error
