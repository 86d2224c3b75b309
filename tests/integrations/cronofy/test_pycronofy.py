"""Cronofy's own library for Python, as it is, against this site over HTTP.

A program is pointed to another host by its client's `request_handler.base_url`: its data centers are names below
cronofy.com, and nothing in the library asks for https.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pycronofy
import pytest
from icalendar import Calendar
from pycronofy.exceptions import PyCronofyRequestError

from activity.actors import Actor
from events.models import Event
from events.services.invitations import answer_invite
from integrations.cronofy.applications import add_key
from integrations.deliveries.keys import create_key
from integrations.deliveries.send import deliver_due
from tests.integrations.cronofy.world import CALLBACK, GUEST, application, the_invite
from tests.integrations.served import while_served
from tests.local_server import LocalServer

pytestmark = pytest.mark.django_db


class Program:
    """Calls the library's client in a thread of its own, and answers here: this thread has the test's transaction."""

    def __init__(self, secret: str) -> None:
        self.client = pycronofy.Client(client_id="recruiting", client_secret=secret)

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, getattr(self.client, name))

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def call(address: str) -> Any:
            self.client.request_handler.base_url = address
            return method(*args, **kwargs)

        return while_served(call)


def talk(hour: int, **members: Any) -> dict[str, Any]:
    return {
        "summary": "Interview",
        "description": "",
        "start": datetime(2027, 1, 21, hour, tzinfo=UTC),
        "end": datetime(2027, 1, 21, hour + 1, tzinfo=UTC),
        "tzid": "Europe/Paris",
        "location": {"description": "Board room"},
    } | members


def method_of(invite: dict[str, Any]) -> str:
    return str(Calendar.from_ical(invite["attachments"]["icalendar"])["METHOD"])


@pytest.mark.slow
def test_invite_from_its_creation_to_its_end() -> None:
    app = application()
    client, guest = Program(create_key(ring=app.ring)), {"email": GUEST}
    organizer = {"name": "Recruiting"}
    made = client.upsert_smart_invite("inv-1", guest, talk(9), callback_url=CALLBACK, organizer=organizer)
    assert (made["recipient"]["status"], method_of(made)) == ("pending", "REQUEST")
    changed = client.upsert_smart_invite("inv-1", guest, talk(10), callback_url=CALLBACK)
    assert changed["event"]["start"] == {"time": "2027-01-21T11:00:00+01:00", "tzid": "Europe/Paris"}
    answer_invite(invite=the_invite(Event.objects.get()), status="accepted", actor=Actor.by_guest(), via="page")
    assert client.get_smart_invite("inv-1", GUEST)["recipient"] == {"email": GUEST, "status": "accepted"}
    cancelled = client.cancel_smart_invite("inv-1", guest)
    assert method_of(cancelled) == "CANCEL"
    assert not Event.objects.exists()
    assert client.get_smart_invite("inv-1", GUEST)["method"] == "cancel"


@pytest.mark.slow
def test_whole_days_and_several_recipients() -> None:
    client = Program(create_key(ring=application().ring))
    people = [{"email": "a@example.org"}, {"email": "b@example.org"}]
    days = {"start": date(2027, 1, 21), "end": date(2027, 1, 23)}
    made = client.upsert_smart_invite("inv-1", people, talk(9, **days))
    assert [person["email"] for person in made["recipients"]] == ["a@example.org", "b@example.org"]
    assert [made["event"][name]["time"] for name in ("start", "end")] == ["2027-01-21", "2027-01-23"]
    assert method_of(client.cancel_smart_invite("inv-1", people)) == "CANCEL"


def test_refusals_reach_the_program() -> None:
    app = application()
    client = Program(create_key(ring=app.ring))
    for call, status in (
        (lambda: client.get_smart_invite("inv-1", GUEST), 404),
        (lambda: client.upsert_smart_invite("", {"email": GUEST}, talk(9)), 422),
        (lambda: Program("whsec_wrong").get_smart_invite("inv-1", GUEST), 401),
    ):
        with pytest.raises(PyCronofyRequestError) as refused:
            call()
        assert refused.value.response.status_code == status


@pytest.mark.slow
def test_callback_is_signed_with_the_key_that_calls(receiver: LocalServer) -> None:
    """By both keys while one takes the place of the other."""
    app = application()
    old, address = create_key(ring=app.ring), f"{receiver.url}/answers"
    Program(old).upsert_smart_invite("inv-1", {"email": GUEST}, talk(9), callback_url=address)
    new = add_key(application=app, actor=Actor.by_job("test"), ends_others=True)
    invite = the_invite(Event.objects.get())
    answer_invite(invite=invite, status="tentative", actor=Actor.by_guest(), via="page", comment="Später?")
    assert deliver_due() == 1
    (asked,) = receiver.asked
    assert json.loads(asked.body)["smart_invite"]["reply"]["comment"] == "Später?"
    for key in (old, new):
        assert pycronofy.Client(client_secret=key).hmac_valid(asked.headers["Cronofy-HMAC-SHA256"], asked.body.decode())
