"""One invitation is answered through all five doors; after each of them everything that tells of the answer agrees.

An application invites bob, who has an account, by a Smart Invite whose mails this site sends. Bob answers through the
API, on the page, from his calendar by mail; staff record what he says on the phone; at last he proposes another time
from the object that the application mailed him itself. Then the same meeting is watched through every vocabulary that
reads the log.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from pytest_django import Settings

from events.models import Agenda, Event
from integrations.cronofy.models import Application
from integrations.deliveries.send import deliver_due
from integrations.webex import ids
from invites.models import EventInvite, Reply
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.render import render
from operations.tasks import run_job
from tests import factories
from tests.api import Api
from tests.events import letters
from tests.events.test_ingest_mail import pipe
from tests.events.test_rsvp_page import post
from tests.integrations.cospace.client import STREAMS, Cospace
from tests.integrations.cronofy.world import PATH, application, client, put
from tests.integrations.webex.hooks import SECRET, webhook_of
from tests.integrations.webex.world import items, officer, program
from tests.local_server import LocalServer
from users.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
BOB = "bob@example.com"
PARTSTAT = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED", "pending": "NEEDS-ACTION"}
SAID = {"accepted": "accepts", "tentative": "may come", "declined": "declines"}
LATER = datetime(2027, 1, 22, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[Any]:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


class World:
    def __init__(self, callbacks: LocalServer, clock: Any, *, bob: User | None = None) -> None:
        self.callbacks, self.clock = callbacks, clock
        self.url = f"{callbacks.url}/answers"
        self.bob = bob or factories.user("bob")
        self.app: Application = application(sends_mails=True)
        self.program = client(self.app)
        put(self.program, "inv-1", BOB, callback_url=self.url)
        self.event = Event.objects.get()
        self.changes = 0

    @property
    def planner(self) -> Api:
        """With a new token: the clock goes on."""
        return Api(self.app.service_user)

    @property
    def path(self) -> str:
        return f"/v1/events/{self.event.pk}"

    def invite(self) -> EventInvite:
        return self.event.invites.get()

    def resource(self) -> Any:
        query = {"smart_invite_id": "inv-1", "recipient_email": BOB, "include_ics": "true"}
        return self.program.get(PATH, **query).json()

    def mail(self) -> Any:
        """The last one to bob."""
        return render(OutgoingMail.objects.filter(address=BOB).latest("created_at", "sequence"))

    def change_text(self) -> None:
        """Everybody is mailed, and nobody is asked anew."""
        self.changes += 1
        board = {"summary": f"Board meeting, draft {self.changes}", "tzid": "Europe/Paris"}
        times = {"start": "2027-01-21T09:30:00Z", "end": "2027-01-21T10:00:00Z"}
        put(self.program, "inv-1", BOB, callback_url=self.url, event=board | times)

    def called_back(self) -> list[Any]:
        """What the application's server got, in this order."""
        deliver_due()
        return [orjson.loads(asked.body)["smart_invite"] for asked in self.callbacks.asked if asked.path == "/answers"]


def attendee_of(data: bytes | str) -> tuple[str, str]:
    """The address and the PARTSTAT that a calendar object has."""
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    return str(event["ATTENDEE"]).removeprefix("mailto:"), event["ATTENDEE"].params["PARTSTAT"]


def answer_to(data: bytes | str, partstat: str, *, number: int, method: str = "REPLY", **more: str) -> bytes:
    """What bob's calendar program mails to the ORGANIZER of the object that it has."""
    calendar = Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
    lines = {
        "UID": str(event["UID"]),
        "DTSTAMP": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        "ORGANIZER": f"mailto:{organizer}",
        "ATTENDEE": f";PARTSTAT={partstat}:mailto:{BOB}",
        "SEQUENCE": str(event["SEQUENCE"]),
    } | more
    told = (f"{name}{value if value[:1] == ';' else ':' + value}" for name, value in lines.items())
    body = letters.vcalendar(letters.CRLF.join(["BEGIN:VEVENT", *told, "END:VEVENT"]), method=method)
    headers = (f"Message-ID: <{number}@mail.example.com>",)
    kind = f"text/calendar; method={method}"
    return letters.letter(Event.objects.get(), BOB, body, kind=kind, to=organizer, headers=headers)


# --- the doors ---


def by_api(world: World, _monkeypatch: Any) -> None:
    body = {"status": "accepted", "comment": "One"}
    assert Api(world.bob).patch(f"{world.path}/invite", body).status_code == 204


def on_page(world: World, _monkeypatch: Any) -> None:
    link = re.findall(r"https?://\S+/rsvp/[^\s?]+", str(world.mail().body))[0]
    post(link.removeprefix(settings.BASE_URL), answer="tentative", comment="Two")


def by_mail(world: World, monkeypatch: Any) -> None:
    data = answer_to(part(world.mail(), "ics"), "DECLINED", number=3, COMMENT="Three")
    assert pipe(monkeypatch, data) == 0


def through_staff(world: World, _monkeypatch: Any) -> None:
    staff = Client()
    staff.force_login(factories.staff())
    page = reverse("admin:events_event_answer", args=[world.event.pk, world.invite().pk])
    assert staff.post(page, {"status": "accepted", "comment": "Four"}).status_code == 302


def of_smart_invite(world: World, monkeypatch: Any) -> None:
    object_of_application = world.resource()["attachments"]["icalendar"]
    times = {"DTSTART": f"{LATER:%Y%m%dT%H%M%SZ}", "DTEND": f"{LATER + timedelta(minutes=30):%Y%m%dT%H%M%SZ}"}
    more = {"method": "COUNTER", "COMMENT": "Five", **times}
    assert pipe(monkeypatch, answer_to(object_of_application, "TENTATIVE", number=5, **more)) == 0


DOORS: list[tuple[Callable[[World, Any], None], str, str, str]] = [
    (by_api, "api", "accepted", "One"),
    (on_page, "page", "tentative", "Two"),
    (by_mail, "mail", "declined", "Three"),
    (through_staff, "admin", "accepted", "Four"),
    (of_smart_invite, "mail", "tentative", "Five"),
]


def all_agree(world: World, via: str, status: str, comment: str, number: int) -> None:
    reply = Reply.objects.latest("received_at")
    assert (reply.via, reply.status, reply.comment, reply.is_by_invitee) == (via, status, comment, True)
    assert Reply.objects.count() == number

    # the agenda
    assert world.invite().status == status
    assert Agenda.objects.get(user=world.bob).invite_status == status

    # the API
    assert Api(world.bob).get(world.path).json()["invite_status"] == status
    (invitee,) = world.planner.get(world.path, invitees_max=5).json()["invitees"]
    assert (invitee["profile"]["email"], invitee["status"]) == (BOB, status)
    (instance,) = world.planner.get(f"{world.path}/instances", invitees_max=5).json()
    assert [one["status"] for one in instance["invitees"]] == [status]
    recipient = world.resource()["recipient"]
    assert (recipient["status"], recipient["comment"]) == (status, comment)

    # the callback
    called = world.called_back()
    assert len(called) == number
    assert (called[-1]["smart_invite_id"], called[-1]["recipient"], called[-1]["reply"]) == (
        "inv-1",
        recipient,
        recipient,
    )

    # the calendar objects: the application's own, and that of the next mail
    world.change_text()
    expected = (BOB, PARTSTAT[status])
    assert attendee_of(world.resource()["attachments"]["icalendar"]) == expected
    assert attendee_of(part(world.mail(), "ics")) == expected

    # the mail to the organizer
    run_job("send-digests")
    told = OutgoingMail.objects.filter(kind="answers_digest").latest("created_at")
    assert told.address == world.app.service_user.email
    assert f"Bob Example ({BOB}) {SAID[status]}" in render(told).body
    assert f"“{comment}”" in render(told).body
    assert OutgoingMail.objects.filter(kind="answers_digest").count() == number


def test_answer_through_each_door_is_told_alike_everywhere(
    receiver: LocalServer, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(receiver, clock)
    assert attendee_of(part(world.mail(), "ics")) == (BOB, "NEEDS-ACTION")
    world.planner.put("/v1/users/me/answer_mails", {"frequency": "at_once"})
    for number, (answer, via, status, comment) in enumerate(DOORS, start=1):
        clock.shift(timedelta(minutes=10))
        answer(world, monkeypatch)
        all_agree(world, via, status, comment, number)

    (proposal,) = world.planner.get(f"{world.path}/proposals", state="open").json()
    assert proposal["starts_at"] == {"datetime": "2027-01-22T13:00:00Z", "timezone": "Europe/Paris"}
    start = {"time": "2027-01-22T14:00:00+01:00", "tzid": "Europe/Paris"}
    assert world.called_back()[-1]["reply"]["proposal"]["start"] == start
    assert world.planner.post(f"{world.path}/proposals/{proposal['id']}/accept").status_code == 204
    assert Agenda.objects.get(user=world.bob).invite_status == "pending"
    assert world.resource()["recipient"]["status"] == "pending"
    for data in (world.resource()["attachments"]["icalendar"], part(world.mail(), "ics")):
        (event,) = Calendar.from_ical(data).walk("VEVENT")
        assert event["DTSTART"].dt == LATER
        assert attendee_of(data) == (BOB, "NEEDS-ACTION")
    assert len(world.called_back()) == len(DOORS)  # an organizer's change is no answer


@STREAMS
@pytest.mark.slow
def test_one_meeting_is_told_by_every_vocabulary(receiver: LocalServer, clock: Any) -> None:
    """A program invites bob, who accepts by the API; all five tell of both, by the same ids."""
    bob, olga = factories.user("bob"), officer()
    webhook_of(bob, f"{receiver.url}/hook", resource="memberships")
    stranger = Cospace().signed_in(factories.user("stranger").username or "")
    session = Cospace().signed_in(bob.username or "")
    world = World(receiver, clock, bob=bob)
    clock.shift(timedelta(seconds=30))
    by_api(world, None)
    shared, invited = session.events()  # waits on PostgreSQL until the log's readers see all
    event, invite = world.event, world.invite()
    room, person = ids.written(ids.ROOM, event.room_id), ids.written(ids.PERSON, bob.pk)

    # our own words
    told = Api(bob).get("/v1/activity", event=str(event.pk)).json()
    kinds = [one["kind"] for one in told if one["kind"].startswith("invite.")]
    assert sorted(kinds) == ["invite.added", "invite.answered"]

    # the mail protocol
    kinds = list(OutgoingMail.objects.filter(address=BOB).order_by("created_at").values_list("kind", flat=True))
    assert kinds[0] == "registered_event_invite"

    # Smart Invites
    (called,) = world.called_back()
    assert called["reply"] == {"email": BOB, "status": "accepted", "comment": "One"}

    # Webex: what a compliance officer lists, and what bob's program is called with
    listed = [one["data"] for one in items(program(olga), resource="memberships")]
    pushed = [orjson.loads(asked.body) for asked in receiver.asked if asked.path == "/hook"]
    assert [(one["event"], one["actorId"]) for one in pushed] == [
        ("created", ids.written(ids.PERSON, world.app.service_user.pk)),
        ("updated", person),
    ]
    assert [one["data"] for one in pushed] == listed[::-1]
    for data in listed:
        assert (data["roomId"], data["personId"]) == (room, person)
        assert data["id"] == ids.written(ids.MEMBERSHIP, invite.pk)
    assert listed[0]["status"] == "accepted"
    for asked in receiver.asked:
        if asked.path == "/hook":
            signature = hmac.new(SECRET.encode(), asked.body, hashlib.sha1).hexdigest()
            assert asked.headers["X-Spark-Signature"] == signature

    # cospace, which knows no acceptance; that he declines it knows
    assert (shared["event"], shared["object"]) == ("object_share", str(event.room_id))
    assert (invited["event"], invited["user"]) == ("invitation_new", str(bob.pk))
    assert Api(bob).delete(f"{world.path}/invite").status_code == 204
    assert session.names() == ["invitation_delete"]
    assert world.called_back()[-1]["recipient"]["status"] == "declined"
    assert [one["data"]["status"] for one in items(program(olga), type="deleted")] == ["declined"]
    pushed = [orjson.loads(asked.body) for asked in receiver.asked if asked.path == "/hook"]
    assert [one["event"] for one in pushed] == ["created", "updated", "deleted"]
    assert stranger.names() == []
