"""Answers that come by mail: who may answer for whom, to what, and what is no answer (RFC 5546, RFC 6047)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DataError
from pytest_django import Settings

from activity.actors import Actor
from events.models import Event
from events.services import inbound, mail_answers
from events.services.events import locked
from events.services.inbound import process_again, take_in_mail
from invites.models import EmailInvite, EventInvite, InboundMail, Reply
from tests import factories
from tests.circle import Circle
from tests.events import letters
from tests.events.letters import SHAPES, STAMP, gmail, outlook, plain, vcalendar, vevent
from tests.sweeps import sweep
from tests.traces import Traces

STAFF = Actor.by_job("test")

pytestmark = pytest.mark.django_db
BOB, DORA, EVE = "bob@example.com", "dora@example.org", "eve@example.net"
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)
NOW = STAMP + timedelta(minutes=1)


@pytest.fixture
def circle(settings: Settings) -> Any:
    """A weekly meeting of alice's with bob, and dora by her address alone."""
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    with time_machine.travel(NOW, tick=False) as traveller:
        circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
        circle.invite(DORA)
        circle.traveller = traveller  # type: ignore[attr-defined]
        yield circle


def take(data: bytes, *recipients: str) -> str:
    return take_in_mail(data=data, source="pipe", recipients=recipients).verdict


def statuses() -> dict[str, str]:
    found = dict(EventInvite.objects.values_list("invitee__email", "status"))
    return found | dict(EmailInvite.objects.values_list("email", "status"))


def everything() -> list[Any]:
    """All that an answer may change."""
    return [sorted(statuses().items()), list(Reply.objects.order_by("pk").values())]


PENDING = {BOB: "pending", DORA: "pending"}


@pytest.mark.parametrize("sender", [BOB, DORA])
@sweep("shape", SHAPES, fast=2)
def test_answer_of_each_program_is_the_invitees(circle: Circle, shape: str, sender: str) -> None:
    traces = Traces()
    assert take(SHAPES[shape](circle.event, sender, "TENTATIVE")) == "applied"
    assert statuses() == PENDING | {sender: "tentative"}
    reply = Reply.objects.get()
    assert (reply.address, reply.via, reply.dtstamp, reply.is_by_invitee) == (sender, "mail", STAMP, True)
    assert (reply.mail.verdict, reply.mail.event_id) == ("applied", circle.event.pk)
    (activity,) = traces.log()
    assert (activity.kind, activity.via) == ("invite.answered", "mail")
    assert (activity.actor_id == circle.bob.pk) is (sender == BOB)


@sweep(
    ("partstat", "status"),
    [
        ("ACCEPTED", "accepted"),
        ("DECLINED", "declined"),
        ("TENTATIVE", "tentative"),
        ("NEEDS-ACTION", "pending"),
        ("accepted", "accepted"),
    ],
    fast=2,
)
def test_each_word(circle: Circle, partstat: str, status: str) -> None:
    assert take(plain(circle.event, BOB, partstat)) == "applied"
    assert statuses()[BOB] == status


@sweep(
    ("sender", "how"),
    [
        (EVE, {"attendee": BOB}),  # another's answer
        (BOB, {"proof": ""}),  # nobody vouches
        (BOB, {"proof": letters.passed(BOB, server="mx.evil.example")}),  # a stranger vouches
        (BOB, {"proof": letters.passed(EVE)}),  # vouched for another domain
        (
            BOB,
            {"proof": letters.passed(BOB, "dmarc=fail header.from={domain}; dkim=pass header.d={domain}")},
        ),  # dmarc fails
        (
            EVE,
            {"properties": {"ATTENDEE": f';PARTSTAT=ACCEPTED;SENT-BY="mailto:{EVE}":mailto:{BOB}'}},
        ),  # sent by a stranger
        (
            "office@example.com",
            {"properties": {"ATTENDEE": f';PARTSTAT=ACCEPTED;SENT-BY="mailto:office@example.com":mailto:{BOB}'}},
        ),  # another customer of the same provider
        (BOB, {"headers": (f"From: {EVE}",)}),  # two senders
    ],
    fast=3,
)
def test_answer_that_is_not_proven_changes_no_status(circle: Circle, sender: str, how: dict[str, Any]) -> None:
    assert take(plain(circle.event, sender, **how)) in ("not_proven", "no_sender")
    assert statuses() == PENDING
    assert not Reply.objects.filter(is_by_invitee=True).exists()


def test_without_a_server_to_believe_nothing_is_proven(circle: Circle, settings: Settings) -> None:
    settings.INBOUND_AUTHSERV_IDS = []
    assert take(plain(circle.event, BOB)) == "not_proven"
    assert (statuses(), Reply.objects.get().address) == (PENDING, BOB)


def test_assistant_of_a_listed_domain_speaks_for_the_invitee(circle: Circle, settings: Settings) -> None:
    settings.INBOUND_SENT_BY_DOMAINS = ["example.com"]
    attendee = f';PARTSTAT=ACCEPTED;SENT-BY="MAILTO:office@example.com":mailto:{BOB}'
    assert take(plain(circle.event, "office@example.com", properties={"ATTENDEE": attendee})) == "applied"
    assert (statuses()[BOB], Reply.objects.get().address) == ("accepted", BOB)


@sweep(
    ("sender", "attendee"),
    [
        (BOB, ";PARTSTAT=ACCEPTED:mailto:robert@example.com"),  # alias as attendee
        (BOB, ";PARTSTAT=ACCEPTED:mailto:bob+meetings@example.com"),  # tag in the attendee
        ("bob+meetings@example.com", f";PARTSTAT=ACCEPTED:mailto:{BOB}"),  # tag in the sender
    ],
    fast=2,
)
def test_who_speaks_for_the_invitee(circle: Circle, sender: str, attendee: str) -> None:
    assert take(plain(circle.event, sender, properties={"ATTENDEE": attendee})) == "applied"
    assert (statuses()[BOB], Reply.objects.get().address) == ("accepted", BOB)


def test_who_is_not_invited_is_told_and_stays_so(circle: Circle) -> None:
    traces = Traces()
    assert take(plain(circle.event, EVE)) == "not_invited"
    reply = Reply.objects.get()
    assert (reply.event_id, reply.address, reply.name) == (circle.event.pk, EVE, "Somebody")
    assert (reply.event_invite, reply.email_invite) == (None, None)
    assert traces.activities() == [("invite.answered", ["alice"])]
    assert (statuses(), traces.mails()) == (PENDING, [])


def test_delegate_is_noted(circle: Circle) -> None:
    properties = {"ATTENDEE": f';PARTSTAT=DELEGATED;DELEGATED-TO="mailto:{EVE}":mailto:{BOB}', "COMMENT": "Ask her"}
    assert take(plain(circle.event, BOB, properties=properties)) == "applied"
    assert (statuses()[BOB], Reply.objects.get().comment) == ("pending", f"Delegated to {EVE}\nAsk her")


# --- which meeting ---


@pytest.mark.slow
def test_meeting_is_that_of_the_envelope(circle: Circle) -> None:
    data = plain(circle.event, BOB, to="meetings@example.org")
    assert take(data) == "no_address"
    assert take(data, circle.event.organizer_address.upper()) == "applied"


@pytest.mark.slow
def test_old_name_of_the_domain_still_leads_to_the_meeting(circle: Circle) -> None:
    to = circle.event.organizer_address.replace("in.example.org", "old.example.org")
    assert take(plain(circle.event, BOB, to=to)) == "applied"


def test_meeting_that_nobody_knows(circle: Circle) -> None:
    assert take(plain(circle.event, BOB, to=f"meeting+{'0' * 32}@in.example.org")) == "unknown_address"


def test_token_opens_no_other_meeting(circle: Circle) -> None:
    other = factories.event(circle.alice)
    assert take(plain(circle.event, BOB, properties={"UID": other.uid})) == "wrong_meeting"
    assert take(plain(circle.event, BOB, properties={"UID": None})) == "wrong_meeting"
    assert statuses() == PENDING


# --- which time ---


@pytest.mark.slow
def test_several_answers_in_one_mail(circle: Circle) -> None:
    events = [vevent(circle.event, BOB), vevent(circle.event, BOB, "DECLINED", **{"RECURRENCE-ID": "20261130T090000Z"})]
    assert take(plain(circle.event, BOB, events=events)) == "applied"
    assert statuses()[BOB] == "accepted"
    assert set(Reply.objects.values_list("status", "occurrence")) == {("accepted", None), ("declined", SECOND)}


def test_meetings_of_one_mail_are_locked_before_the_first_answer(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer locks its organizer's mails; another meeting's answer may hold that meeting and wait for them."""
    steps: list[str] = []
    monkeypatch.setattr(inbound, "locked", lambda event: steps.append("lock") or locked(event))
    follow = mail_answers.follow
    monkeypatch.setattr(mail_answers, "follow", lambda *told, **more: steps.append("follow") or follow(*told, **more))
    other = factories.event(circle.alice)
    Event.objects.filter(pk=other.pk).update(series=circle.event.series)
    take(plain(circle.event, BOB, events=[vevent(circle.event, BOB), vevent(other, BOB)]))
    assert steps == ["lock", "lock", "follow", "follow"]


@sweep(
    "named",
    [
        ":20261130T090000Z",
        ";TZID=Europe/Berlin:20261130T100000",
        ";TZID=W. Europe Standard Time:20261130T100000",
        ";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261130T100000",
        ";TZID=America/New_York:20261130T040000",
        ":20261130T100000",
        ";VALUE=DATE:20261130",
        ";TZID=Nobody knows:20261130T100000",
    ],
    fast=2,
)
def test_occurrence_in_any_spelling(circle: Circle, named: str) -> None:
    properties = {"RECURRENCE-ID": named if named[0] == ";" else named[1:]}
    assert take(outlook(circle.event, BOB, "DECLINED", properties=properties)) == "applied"
    assert Reply.objects.get().occurrence == SECOND
    assert statuses() == PENDING


def all_day(**more: Any) -> Circle:
    """Whose meeting is another, of one day, and whose Bob is Ben."""
    starts_at = datetime(2026, 11, 22, 23, tzinfo=UTC)
    days = factories.schedule(is_all_day=True, starts_at=starts_at, ends_at=starts_at + timedelta(days=1), **more)
    circle = Circle.__new__(Circle)
    circle.alice, circle.bob = factories.users("anna", "ben")
    circle.event = factories.event(circle.alice, schedule=days)
    circle.invite(circle.bob)
    return circle


@pytest.mark.slow
def test_occurrence_of_an_all_day_series(circle: Circle) -> None:
    circle = all_day(pattern=("RRULE:FREQ=WEEKLY",))
    for index, named in enumerate([";VALUE=DATE:20261130", "20261129T230000Z"]):
        headers = (f"Message-ID: <{index}@example.com>",)
        data = plain(circle.event, "ben@example.com", properties={"RECURRENCE-ID": named}, headers=headers)
        assert take(data) == "applied"
    assert set(Reply.objects.values_list("occurrence", flat=True)) == {datetime(2026, 11, 29, 23, tzinfo=UTC)}


@pytest.mark.parametrize("named", ["20261201T090000Z", "20250101T090000Z"])
def test_occurrence_that_there_is_not(circle: Circle, named: str) -> None:
    assert take(plain(circle.event, BOB, properties={"RECURRENCE-ID": named})) == "stale"
    assert (statuses(), Reply.objects.get().is_stale) == (PENDING, True)


@pytest.mark.slow
def test_answer_to_an_earlier_time_is_kept_and_does_not_count(circle: Circle) -> None:
    old = plain(circle.event, BOB)
    without = plain(circle.event, DORA, properties={"SEQUENCE": None, "DTSTART": "20261123T090000Z"})
    circle.api("creator").patch(circle.path, {"recurrence_pattern": ["RRULE:FREQ=DAILY"]})
    traces = Traces()
    assert take(old) == "stale"
    assert (statuses(), Reply.objects.get().is_stale, traces.is_empty()) == (PENDING, True, True)
    assert take(without) == "applied"  # the start that it answers to is that of now
    circle.event.refresh_from_db()
    assert take(gmail(circle.event, BOB, headers=("Message-ID: <2@example.com>",))) == "applied"


@pytest.mark.slow
def test_answer_to_an_earlier_title_counts(circle: Circle) -> None:
    data = plain(circle.event, BOB)
    circle.api("creator").patch(circle.path, {"title": "Another"})
    assert take(data) == "applied"


@pytest.mark.slow
def test_answer_to_an_earlier_time_of_one_occurrence(circle: Circle) -> None:
    to_second = plain(circle.event, BOB, properties={"RECURRENCE-ID": "20261130T090000Z"})
    to_third = plain(circle.event, DORA, properties={"RECURRENCE-ID": "20261207T090000Z"})
    moved = {"starts_at": {"datetime": "2026-11-30T15:00:00+01:00", "timezone": "Europe/Berlin"}}
    circle.api("creator").patch(f"{circle.path}/instances/20261130T090000Z", moved)
    assert [take(to_second), take(to_third)] == ["stale", "applied"]


# --- order and repetition ---


@pytest.mark.slow
def test_older_answer_that_comes_late_changes_nothing(circle: Circle) -> None:
    late = {"DTSTAMP": "20261120T085959Z"}
    assert take(plain(circle.event, BOB, "DECLINED")) == "applied"
    before = everything()
    assert take(plain(circle.event, BOB, properties=late, headers=("Message-ID: <2@example.com>",))) == "older"
    assert everything() == before


@pytest.mark.slow
def test_clock_that_is_fast_does_not_outrun_later_answers(circle: Circle) -> None:
    ahead = {"DTSTAMP": "29990101T000000Z"}
    assert take(plain(circle.event, BOB, properties=ahead)) == "applied"
    circle.traveller.shift(timedelta(hours=1))  # type: ignore[attr-defined]
    later = {"DTSTAMP": f"{NOW + timedelta(minutes=30):%Y%m%dT%H%M%SZ}"}
    data = plain(circle.event, BOB, "DECLINED", properties=later, headers=("Message-ID: <2@example.com>",))
    assert (take(data), statuses()[BOB]) == ("applied", "declined")


@pytest.mark.slow
def test_mail_that_comes_twice_is_one_row(circle: Circle) -> None:
    data, traces = plain(circle.event, BOB), Traces()
    first = take_in_mail(data=data, source="pipe")
    assert take_in_mail(data=data, source="imap") == first
    assert (InboundMail.objects.count(), Reply.objects.count(), len(traces.log())) == (1, 1, 1)


def test_mail_that_comes_on_two_ways_answers_once(circle: Circle) -> None:
    assert take(plain(circle.event, BOB)) == "applied"
    before = everything()
    assert take(b"Received: by another\r\n" + plain(circle.event, BOB)) == "duplicate"
    assert everything() == before


@pytest.mark.slow
def test_answer_that_is_changed_and_changed_back(circle: Circle) -> None:
    for index, (partstat, status) in enumerate([("ACCEPTED", "accepted"), ("DECLINED", "declined")] * 2):
        stamp = {"DTSTAMP": f"2026112{0}T0900{index:02}Z"}
        headers = (f"Message-ID: <{index}@example.com>",)
        assert take(plain(circle.event, BOB, partstat, properties=stamp, headers=headers)) == "applied"
        assert statuses()[BOB] == status


# --- comments and proposals ---


@pytest.mark.parametrize(
    ("data", "comment"),
    [
        (lambda event: plain(event, BOB, properties={"COMMENT": "First\\nsecond\x07"}), "First\nsecond"),
        (
            lambda event: outlook(event, BOB, text="Five minutes late\r\n-----Original Appointment-----\r\nFrom: x"),
            "Five minutes late",
        ),
        (lambda event: gmail(event, BOB), ""),
        (lambda event: plain(event, BOB, properties={"COMMENT": "é" * 3000}), "é" * 2048),
    ],
    ids=["in the object", "in Outlook's text", "what a program writes is none", "cut to 4 KiB"],
)
def test_comment(circle: Circle, data: Any, comment: str) -> None:
    assert take(data(circle.event)) == "applied"
    assert Reply.objects.get().comment == comment


COUNTER = {
    "DTSTART": ";TZID=W. Europe Standard Time:20261124T140000",
    "DTEND": ";TZID=W. Europe Standard Time:20261124T150000",
    "X-MS-OLK-ORIGINALSTART": ";TZID=W. Europe Standard Time:20261123T100000",
    "X-MS-OLK-ORIGINALEND": ";TZID=W. Europe Standard Time:20261123T110000",
}
PROPOSED = (datetime(2026, 11, 24, 13, tzinfo=UTC), datetime(2026, 11, 24, 14, tzinfo=UTC), "Europe/Berlin")


@sweep(
    ("properties", "proposed"),
    [
        ({}, PROPOSED),
        ({"DTEND": None}, PROPOSED),
        (
            {"DTEND": None, "DURATION": "PT30M"},
            (PROPOSED[0], datetime(2026, 11, 24, 13, 30, tzinfo=UTC), "Europe/Berlin"),
        ),
        ({"DTSTART": "20261124T130000Z", "DTEND": "20261124T140000Z"}, PROPOSED),
        ({"DTSTART": "20261123T090000Z", "DTEND": "20261123T100000Z"}, (None, None, "")),
        ({"DTSTART": "20261124T130000Z", "DTEND": "20261124T120000Z"}, (None, None, "")),
        ({"DTSTART": "30001124T130000Z", "DTEND": None}, (None, None, "")),
        ({"DTSTART": "tomorrow"}, (None, None, "")),
    ],
    fast=3,
)
def test_counter_is_a_proposal(circle: Circle, properties: dict[str, Any], proposed: tuple[Any, ...]) -> None:
    data = outlook(circle.event, BOB, "TENTATIVE", method="COUNTER", properties=COUNTER | properties)
    assert take(data) == "applied"
    names = ("proposed_starts_at", "proposed_ends_at", "proposed_zone")
    assert Reply.objects.values_list(*names).get() == proposed
    assert statuses()[BOB] == "tentative"


@pytest.mark.usefixtures("circle")
@pytest.mark.parametrize("duration", [None, "P1D"])
def test_proposed_day_ends_at_midnight_when_clocks_change(duration: str | None) -> None:
    day = {"DTSTART": ";VALUE=DATE:20270328", "DTEND": None, "DURATION": duration}
    assert take(plain(all_day().event, "ben@example.com", "TENTATIVE", method="COUNTER", properties=day)) == "applied"
    times = Reply.objects.values_list("proposed_starts_at", "proposed_ends_at").get()
    assert times == (datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC))


@pytest.mark.slow
def test_counter_that_lists_all_guests_is_the_senders(circle: Circle) -> None:
    guests = f";PARTSTAT=ACCEPTED:mailto:{DORA}\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{BOB}"
    assert take(plain(circle.event, BOB, method="COUNTER", properties=COUNTER | {"ATTENDEE": guests})) == "applied"
    assert statuses() == PENDING | {BOB: "tentative"}


# --- REFRESH ---


def refresh(circle: Circle, sender: str = BOB, number: int = 1, **more: Any) -> str:
    headers = (f"Message-ID: <{number}@example.com>", *more.pop("headers", ()))
    return take(plain(circle.event, sender, method="REFRESH", headers=headers, **more))


@pytest.mark.slow
def test_refresh_sends_the_meeting_again_and_not_for_ever(circle: Circle) -> None:
    traces = Traces()
    assert [refresh(circle, number=number) for number in range(4)] == ["refreshed"] * 3 + ["refresh_limit"]
    assert traces.mails() == [(BOB, "registered_event_invite", 0)] * 3
    assert traces.activities() == [("invite.refreshed", [])] * 3
    circle.traveller.shift(timedelta(days=1, seconds=1))  # type: ignore[attr-defined]
    assert refresh(circle, number=5) == "refreshed"


@sweep(
    ("sender", "more"),
    [
        (EVE, {}),
        (EVE, {"attendee": BOB}),
        (BOB, {"proof": ""}),
        (BOB, {"headers": ("Auto-Submitted: auto-generated",)}),
        (BOB, {"headers": ("X-Auto-Response-Suppress: All",)}),
        (BOB, {"headers": ("Return-Path: <>",)}),
    ],
    fast=2,
)
def test_nobody_else_and_no_program_makes_us_write(circle: Circle, sender: str, more: dict[str, Any]) -> None:
    traces = Traces()
    assert refresh(circle, sender, **more) == "refresh_refused"
    assert traces.is_empty()


# --- what is no answer ---


@sweep(
    ("data", "verdict"),
    [
        (letters.bounce, "bounce"),
        (lambda event: letters.text_only(event, BOB), "no_calendar"),
        (lambda event: letters.text_only(event, BOB, "Auto-Submitted: auto-replied"), "automatic"),
        (lambda event: letters.text_only(event, BOB, "X-Auto-Response-Suppress: All"), "automatic"),
        (lambda event: plain(event, BOB, headers=("Auto-Submitted: auto-replied (vacation)",)), "automatic"),
        (lambda event: plain(event, BOB, headers=("Precedence: bulk",)), "automatic"),
        (lambda event: plain(event, BOB, method="REQUEST"), "not_an_answer"),
        (lambda event: plain(event, BOB, method="CANCEL"), "not_an_answer"),
        (lambda event: plain(event, BOB, method="PUBLISH"), "not_an_answer"),
        (lambda event: plain(event, BOB, "IN-PROCESS"), "no_status"),
        (lambda event: plain(event, BOB, properties={"ATTENDEE": None}), "no_attendee"),
        (
            lambda event: plain(event, BOB, properties={"ATTENDEE": f":mailto:{DORA}\r\nATTENDEE:mailto:{EVE}"}),
            "no_attendee",
        ),
        (lambda event: plain(event, BOB, events=[vevent(event, BOB)] * 101), "too_many"),
        (lambda event: letters.letter(event, BOB, vcalendar(), kind="text/calendar; method=REPLY"), "unreadable"),
        (lambda event: letters.letter(event, BOB, "garbage", kind="text/calendar; method=REPLY"), "unreadable"),
        (lambda event: letters.letter(event, BOB, "eJ8+", kind="application/ms-tnef; name=winmail.dat"), "tnef"),
        (lambda event: plain(event, BOB) + b" " * 2**20, "too_large"),
        (lambda event: plain(event, BOB) + b"\r\nContent-Type: multipart/mixed; boundary=a\r\n" * 51, "too_deep"),
        (lambda event: b"", "no_calendar"),
    ],
    fast=6,
)
def test_what_is_no_answer_is_kept_with_its_verdict(circle: Circle, data: Any, verdict: str) -> None:
    before, traces = everything(), Traces()
    assert take(data(circle.event)) == verdict
    assert everything() == before
    assert traces.is_empty()
    mail = InboundMail.objects.get()
    assert (mail.content is None) is (verdict == "too_large")


# --- process again ---


@sweep(
    "data",
    [*SHAPES.values(), lambda event, sender: plain(event, sender, method="REFRESH")],
    fast=2,
)
def test_processing_again_does_nothing_twice(circle: Circle, data: Any) -> None:
    mail = take_in_mail(data=data(circle.event, BOB), source="pipe")
    before, traces = everything(), Traces()
    assert process_again(mail=mail, actor=STAFF)
    mail.refresh_from_db()
    assert mail.verdict in ("applied", "refreshed")
    assert (everything(), traces.mails()) == (before, [])
    assert [row.data for row in traces.log()] == [{"address": BOB, "verdict": mail.verdict}]


def test_mail_that_the_database_does_not_take_is_kept_as_failed(circle: Circle, monkeypatch: Any) -> None:
    def refuses(**_how: Any) -> None:
        raise DataError("a character that is none")

    monkeypatch.setattr("events.services.mail_answers.answer_invite", refuses)
    assert take(plain(circle.event, BOB)) == "failed"
    assert InboundMail.objects.get().content is not None


def test_mail_that_cannot_be_read_is_kept_and_stops_no_other(circle: Circle, monkeypatch: Any) -> None:
    def breaks(_data: bytes, **_how: Any) -> None:
        raise RecursionError

    with monkeypatch.context() as patched:
        patched.setattr("mailer.inbound.read", breaks)
        assert take(plain(circle.event, BOB)) == "failed"
    assert InboundMail.objects.get().content is not None


def test_crash_leaves_nothing_and_the_next_delivery_all(circle: Circle, monkeypatch: Any) -> None:
    data, traces = plain(circle.event, BOB), Traces()

    def dies(_mail: InboundMail, **_how: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("events.services.mail_answers._verdict_of", dies)  # all is written by then
        with pytest.raises(KeyboardInterrupt):
            take(data)
    assert (InboundMail.objects.count(), Reply.objects.count(), traces.is_empty()) == (0, 0, True)
    assert statuses() == PENDING
    assert take(data) == "applied"
    assert (Reply.objects.get().name, len(traces.log())) == ("", 1)


def test_two_doors_at_once_make_one_row(circle: Circle, monkeypatch: Any) -> None:
    data = plain(circle.event, BOB)
    first = take_in_mail(data=data, source="pipe")
    found = InboundMail.objects.filter
    answers = iter([InboundMail.objects.none()])
    with monkeypatch.context() as patched:
        patched.setattr(InboundMail.objects, "filter", lambda **which: next(answers, found(**which)))
        assert take_in_mail(data=data, source="imap") == first
    assert Reply.objects.count() == 1


@pytest.mark.slow
def test_mail_that_failed_is_kept_and_processed_when_the_reason_is_gone(circle: Circle, monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("events.services.mail_answers.answer_invite", lambda **_how: 1 / 0)
        mail = take_in_mail(data=plain(circle.event, BOB), source="pipe")
    assert (mail.verdict, mail.error) == ("failed", "ZeroDivisionError: division by zero")
    assert not Reply.objects.exists()
    assert process_again(mail=mail, actor=STAFF)
    assert (InboundMail.objects.get().verdict, statuses()[BOB]) == ("applied", "accepted")


@pytest.mark.slow
def test_mail_without_its_content_cannot_be_processed_again(circle: Circle) -> None:
    mail = take_in_mail(data=plain(circle.event, BOB), source="pipe")
    InboundMail.objects.update(content=None)
    assert not process_again(mail=mail, actor=STAFF)
