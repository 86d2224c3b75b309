"""The main job over the API: plan, invite, answer, cancel, and the mails that follow."""

import pytest
from django.core import mail

from mailer.send import deliver_due
from tests import factories
from tests.api import Api

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.mark.usefixtures("_deliveries")
def test_a_meeting_is_planned_answered_and_cancelled() -> None:
    alice, bob = factories.user("alice"), factories.user("bob", language="de-DE")
    event = Api(alice).post("/v1/events", factories.WEEKLY).json()
    path = f"/v1/events/{event['id']}"
    assert Api(alice).post(f"{path}/invites", {"invitee": str(bob.pk)}).status_code == 201
    assert Api(alice).post(f"{path}/invites", {"email": "dora@example.org"}).status_code == 201
    deliver_due()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "Alice Example <alice@example.com>",
        "Bob Example <bob@example.com>",
        "dora@example.org",
    ]
    assert Api(bob).patch(f"{path}/invite").status_code == 204
    seen = Api(alice).get(path, invitees_max=10).json()
    assert [(row["profile"]["email"], row["status"]) for row in seen["invitees"]] == [
        ("bob@example.com", "accepted"),
        ("dora@example.org", "pending"),
    ]
    mail.outbox.clear()
    assert Api(alice).delete(path).status_code == 204
    deliver_due()
    assert len(mail.outbox) == 3


@pytest.fixture
def _deliveries(django_capture_on_commit_callbacks: object) -> None:
    return None
