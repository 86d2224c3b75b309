"""The main job, end to end: from signing in to an invitation that arrives, is answered and is cancelled."""

import re
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.databases import Database
from tests.person import Person
from tests.site import Site
from tests.smtp_sink import SmtpSink
from tests.tree.judge import Invitation, judge

pytestmark = pytest.mark.tree
ALICE, BOB, DORA = "alice@example.com", "bob@example.com", "dora@example.org"
BERLIN = ZoneInfo("Europe/Berlin")


def next_monday() -> datetime:
    """Ten o'clock in Berlin."""
    today = datetime.now(BERLIN).replace(hour=10, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def weekly(start: datetime) -> dict[str, Any]:
    return {
        "title": "Jour fixe",
        "description": "What we did, what we do",
        "is_time_independent": False,
        "is_all_day": False,
        "starts_at": {"datetime": start.isoformat(), "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": (start + timedelta(hours=1)).isoformat(), "timezone": "Europe/Berlin"},
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
    }


class Story:
    """What arrives, step by step; each step's calendars are judged alone and against those before."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink
        self.newest: dict[str, Invitation] = {}

    def arrives(self, *guests: str, organizer: str, method: str) -> dict[str, Invitation]:
        """The mails of one step: exactly one to each; the organizer is told, and not asked."""
        addresses = (organizer, *guests)
        mails = self.sink.wait_for(len(addresses))
        assert sorted(mail.recipient for mail in mails) == sorted(addresses)
        step = {mail.recipient: judge(mail.message) for mail in mails}
        self.sink.received.clear()
        for address, invitation in step.items():
            assert invitation.method == ("PUBLISH" if (address, method) == (organizer, "REQUEST") else method)
            assert invitation.address == address
            if before := self.newest.get(address):
                _judge_successor(before, invitation)
        self.newest |= step
        assert len({invitation.event.value("UID") for invitation in self.newest.values()}) == 1
        assert {invitation.event.value("ORGANIZER") for invitation in self.newest.values()} == {f"mailto:{ALICE}"}
        # DTSTAMP counts whole seconds.
        time.sleep(1.1)
        return step


def _judge_successor(before: Invitation, after: Invitation) -> None:
    assert all(new > old for old, new in zip(before.version, after.version, strict=True))
    for name in ("UID", "ORGANIZER"):
        assert after.event.one(name) == before.event.one(name)
    assert after.mail["Message-ID"] != before.mail["Message-ID"]
    assert after.mail["References"] == before.mail["References"]


def test_main_job(tmp_path: Path, database: Database, sink: SmtpSink) -> None:
    story, start = Story(sink), next_monday()
    with Site(tmp_path, DATABASE_URL=database.url, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}") as site:
        alice = Person(site.url).sign_in("alice", site.password)
        assert alice.get("/v1/users/me").json()["email"] == ALICE
        event = plan_and_invite(alice, start)
        invited = story.arrives(BOB, DORA, organizer=ALICE, method="REQUEST")
        check_entries(invited, start)
        check_languages(invited)
        check_links(invited, event, site)
        bob = Person(site.url).sign_in(BOB, site.password)
        assert bob.patch(f"/v1/events/{event['id']}/invite", {"status": "accepted"}).status == 204
        assert alice.patch(f"/v1/events/{event['id']}", {"title": "Jour fixe, new"}).status == 200
        committed_at = time.monotonic()
        # The worker looks into its queue twice a second. A lost wake-up would show: the sweep comes after 30 s.
        assert sink.wait_for(3)[-1].at - committed_at < 10
        story.arrives(BOB, DORA, organizer=ALICE, method="REQUEST")

        assert site.stop(signal.SIGINT) == 0
        site.start()

        alice = Person(site.url).sign_in("alice", site.password)
        seen = alice.get(f"/v1/events/{event['id']}", invitees_max="10").json()
        answers = {invitee["profile"]["email"]: invitee["status"] for invitee in seen["invitees"]}
        assert answers == {BOB: "accepted", DORA: "pending"}
        assert alice.delete(f"/v1/events/{event['id']}").status == 204
        cancelled = story.arrives(BOB, DORA, organizer=ALICE, method="CANCEL")
        assert not any(site.url in invitation.text() for invitation in cancelled.values())
        assert alice.get(f"/v1/events/{event['id']}").status in {403, 404}
        assert sink.received == []
        check_everything_is_recorded(database)


def plan_and_invite(alice: Person, start: datetime) -> dict[str, Any]:
    created = alice.post("/v1/events", weekly(start))
    assert created.status == 201, created.body
    event: dict[str, Any] = created.json()
    (found,) = alice.get("/v1/users/find", q="berger").json()
    path = f"/v1/events/{event['id']}/invites"
    assert alice.post(path, {"invitee": found["id"]}).status == 201
    assert alice.post(path, {"email": DORA}).status == 201
    return event


def check_entries(invited: dict[str, Invitation], start: datetime) -> None:
    """The same meeting for all; alice plans it, the others are asked."""
    wanted = {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    for address, invitation in invited.items():
        assert address == ALICE or wanted.items() <= invitation.event.one("ATTENDEE").parameters.items()
        begin = invitation.event.one("DTSTART")
        assert (begin.parameters["TZID"], begin.value) == ("Europe/Berlin", f"{start:%Y%m%dT100000}")
        assert invitation.event.value("DTEND") == f"{start:%Y%m%dT110000}"
        assert "FREQ=WEEKLY" in invitation.event.value("RRULE").split(";")
        assert invitation.event.value("SUMMARY") == "Jour fixe"


def check_languages(invited: dict[str, Invitation]) -> None:
    """bob reads German; dora, whom nobody knows, reads what alice does."""
    assert 'lang="de"' in invited[BOB].text("html")
    assert 'lang="en"' in invited[DORA].text("html")
    assert "Montag" in invited[BOB].text()
    assert "Einladung" in invited[BOB].mail["Subject"]
    assert "Monday" in invited[DORA].text()
    assert "Invitation" in invited[DORA].mail["Subject"]


def check_links(invited: dict[str, Invitation], event: dict[str, Any], site: Site) -> None:
    """bob gets the room, dora a code of her own that opens it; our own origin answers where they lead."""
    room = f"{site.url}/room/{event['room']['id']}"
    assert room in invited[BOB].text()
    assert room not in invited[DORA].text()
    guest_link, code = guest_link_in(invited[DORA])
    assert guest_link.startswith(f"{site.url}/")
    assert not any("/invite/" in invited[address].text() for address in (ALICE, BOB))
    stranger = Person(site.url)
    verified = stranger.post("/v1/invite/verify", {"invite_code": code})
    assert verified.json() == {"room_id": event["room"]["id"], "password_required": False}
    for link in (room, guest_link, f"{site.url}/dashboard/meetings/{event['id']}"):
        page = stranger.get(link)
        assert (page.status, page.headers.get_content_type()) == (200, "text/html")
    assert "Jour fixe" in stranger.get(guest_link).body.decode()


def guest_link_in(invitation: Invitation) -> tuple[str, str]:
    links = set(re.findall(r"(\S+/invite/([0-9a-f-]{36}))", invitation.text()))
    assert len(links) == 1, links
    return next(iter(links))


def check_everything_is_recorded(database: Database) -> None:
    assert database.rows("SELECT state, count(*) FROM mailer_outgoingmail GROUP BY state") == [("sent", 9)]
    kinds = [kind for (kind,) in database.rows("SELECT kind FROM activity_activity ORDER BY position")]
    for kind in ("event.created", "invite.added", "invite.answered", "event.updated", "event.deleted"):
        assert kind in kinds, kinds
