"""Another time that somebody proposes: GET /v1/events/{id}/proposals, accept and refuse."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail

from activity.actors import Actor
from events import answers
from events.services.invitations import Proposal, answer_invite
from invites.models import EmailInvite, EventInvite, Reply
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.render import render
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, before_the_lock, time
from tests.traces import Traces

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SECOND = "20261130T090000Z"  # the second Monday
TUESDAY = {"starts_at": time("2026-12-01T14:00:00+01:00"), "ends_at": time("2026-12-01T16:00:00+01:00")}


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def propose(circle: Circle, proposal: dict[str, Any] = TUESDAY, **answer: Any) -> Reply:
    """By bob."""
    body = {"status": "tentative", "comment": "Later?", "proposal": proposal} | answer
    given = circle.api("invitee").patch(f"{circle.path}/invite", body)
    assert given.status_code == 204, given.content
    return Reply.objects.exclude(proposal_state="").order_by("received_at").last()


def decide(circle: Circle, reply: Reply, what: str, body: Any = None, **query: Any) -> Any:
    return circle.api("creator").post(f"{circle.path}/proposals/{reply.pk}/{what}", body, **query)


def state(reply: Reply) -> str:
    return Reply.objects.values_list("proposal_state", flat=True).get(pk=reply.pk)


# --- What is proposed ---


@time_machine.travel(NOW, tick=False)
def test_creator_sees_who_proposed_what(circle: Circle) -> None:
    whole = propose(circle)
    answer = circle.api("creator").get(f"{circle.path}/proposals")
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "id": str(whole.pk),
            "email": "bob@example.com",
            "invited_email": "bob@example.com",
            "display_name": "Bob Example",
            "status": "tentative",
            "comment": "Later?",
            "starts_at": {"datetime": "2026-12-01T13:00:00Z", "timezone": "Europe/Berlin"},
            "ends_at": {"datetime": "2026-12-01T15:00:00Z", "timezone": "Europe/Berlin"},
            "state": "open",
            "received_at": "2026-11-20T08:30:00Z",
        }
    ]


@pytest.mark.slow
def test_proposal_for_one_occurrence_names_it(circle: Circle) -> None:
    propose(circle, instance_id=SECOND)
    (shown,) = circle.api("creator").get(f"{circle.path}/proposals", state="open").json()
    assert shown["instance_id"] == SECOND
    assert circle.event.invites.get().status == "pending"
    assert circle.api("creator").get(f"{circle.path}/proposals", state="refused").json() == []


def test_proposal_of_somebody_else_names_both_addresses(circle: Circle) -> None:
    circle.invite("eve@example.org")
    times = {"starts_at": NOW, "ends_at": NOW, "zone": "UTC"}
    answer_invite(
        invite=EmailInvite.objects.get(),
        status="declined",
        actor=Actor.by_guest(),
        via="mail",
        address="mallory@example.org",
        proposal=Proposal(**times),
    )
    (shown,) = circle.api("creator").get(f"{circle.path}/proposals").json()
    assert (shown["email"], shown["invited_email"]) == ("mallory@example.org", "eve@example.org")
    assert "display_name" not in shown


def test_invitee_does_not_see_what_others_propose(circle: Circle) -> None:
    propose(circle)
    assert circle.api("invitee").get(f"{circle.path}/proposals").status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"proposal": {"starts_at": time("2026-12-01T14:00:00Z")}}, 400),
        ({"proposal": {"starts_at": TUESDAY["ends_at"], "ends_at": TUESDAY["starts_at"]}}, 422),
        ({"proposal": None}, 400),
        ({"instance_id": "20261201T090000Z"}, 404),
        ({"instance_id": "tomorrow"}, 404),
    ],
)
def test_bad_proposal_is_refused(circle: Circle, body: Any, status: int) -> None:
    assert circle.api("invitee").patch(f"{circle.path}/invite", body).status_code == status
    assert not Reply.objects.exists()


# --- Accepted ---


@pytest.mark.slow
def test_accepted_proposal_moves_the_occurrence_and_tells_everybody(circle: Circle) -> None:
    reply, traces = propose(circle, instance_id=SECOND), Traces()
    assert decide(circle, reply, "accept").status_code == 204
    assert state(reply) == "accepted"
    shown = circle.api("creator").get(f"{circle.path}/instances/{SECOND}").json()
    assert (shown["starts_at"]["datetime"], shown["ends_at"]["datetime"]) == (
        "2026-12-01T13:00:00Z",
        "2026-12-01T15:00:00Z",
    )
    assert traces.mails() == [
        ("alice@example.com", "registered_event_update", 1),
        ("bob@example.com", "registered_event_update", 1),
    ]
    people = ["alice", "bob"]
    assert traces.activities() == [("proposal.accepted", people), ("event.instance_updated", people)]
    assert traces.last("proposal.accepted").data == {
        "address": "bob@example.com",
        "invitee_id": str(circle.bob.pk),
        "occurrence": SECOND,
        "starts_at": "2026-12-01T13:00:00Z",
        "ends_at": "2026-12-01T15:00:00Z",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "proposed", "start", "rule"),
    [
        ((), "2026-12-01", "2026-12-01T13:00:00Z", None),
        (WEEKLY, "2026-12-01", "2026-11-24T13:00:00Z", "RRULE:FREQ=WEEKLY"),
        (("RRULE:FREQ=WEEKLY;BYDAY=MO",), "2026-12-01", "2026-11-24T13:00:00Z", "RRULE:FREQ=WEEKLY;BYDAY=TU"),
        (("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",), "2026-12-02", "2026-11-23T13:00:00Z", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"),
        (
            ("RRULE:FREQ=WEEKLY;UNTIL=20261214T090000Z",),
            "2026-12-01",
            "2026-11-24T13:00:00Z",
            "RRULE:FREQ=WEEKLY;UNTIL=20261215T130000Z",
        ),
    ],
    ids=["single", "weekly", "its only weekday", "one of two weekdays", "until"],
)
def test_accepted_proposal_for_the_whole_keeps_the_pattern(
    lines: tuple[str, ...], proposed: str, start: str, rule: str | None
) -> None:
    """All move by as much as the nearest occurrence."""
    circle = Circle(schedule=factories.schedule(pattern=lines))
    times = {"starts_at": time(f"{proposed}T14:00:00+01:00"), "ends_at": time(f"{proposed}T16:00:00+01:00")}
    reply = propose(circle, times)
    assert decide(circle, reply, "accept").status_code == 204
    shown = circle.api("creator").get(circle.path).json()
    assert shown["starts_at"] == {"datetime": start, "timezone": "Europe/Berlin"}
    assert shown.get("recurrence_pattern") == ([rule] if rule else None)
    assert EventInvite.objects.get().status == "pending"  # the new time, nobody has accepted so far


@pytest.mark.slow
def test_proposed_time_that_the_pattern_does_not_know_is_refused_and_stays_open() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",)))
    reply, traces = propose(circle), Traces()
    answer = decide(circle, reply, "accept")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert state(reply) == "open"
    assert traces.is_empty()


@pytest.mark.slow
def test_event_without_time_gets_the_proposed_one() -> None:
    circle = Circle(schedule=None)
    reply = propose(circle)
    assert decide(circle, reply, "accept").status_code == 204
    shown = circle.api("creator").get(circle.path).json()
    assert (shown["is_time_independent"], shown["starts_at"]) == (
        False,
        {"datetime": "2026-12-01T13:00:00Z", "timezone": "Europe/Berlin"},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("instance_id", "hour", "is_all_day", "start"),
    [
        (None, "00", True, "2026-11-23T23:00:00Z"),
        (None, "14", False, "2026-11-24T13:00:00Z"),
        ("20261129T230000Z", "00", True, "2026-11-30T23:00:00Z"),
        ("20261129T230000Z", "14", False, "2026-12-01T13:00:00Z"),
    ],
)
def test_days_stay_days_where_days_are_proposed(
    instance_id: str | None, hour: str, is_all_day: bool, start: str
) -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    days = {"is_all_day": True, "starts_at": midnight, "ends_at": midnight + timedelta(days=1)}
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY, **days))
    times = {"starts_at": time(f"2026-12-01T{hour}:00:00+01:00"), "ends_at": time(f"2026-12-02T{hour}:00:00+01:00")}
    reply = propose(circle, times, **({"instance_id": instance_id} if instance_id else {}))
    assert decide(circle, reply, "accept").status_code == 204
    path = f"{circle.path}/instances/{instance_id}" if instance_id else circle.path
    shown = circle.api("creator").get(path).json()
    assert (shown["is_all_day"], shown["starts_at"]["datetime"]) == (is_all_day, start)


# --- Refused ---


@pytest.mark.slow
def test_refused_proposal_tells_whoever_made_it_with_the_comment(circle: Circle) -> None:
    reply, traces = propose(circle, instance_id=SECOND), Traces()
    assert decide(circle, reply, "refuse", {"comment": "Taken then; sorry"}).status_code == 204
    assert state(reply) == "refused"
    assert traces.mails() == [("bob@example.com", "registered_event_refusal", 0)]
    assert traces.activities() == [("proposal.refused", ["alice", "bob"])]
    assert traces.last("proposal.refused").data["comment"] == "Taken then; sorry"
    mail = render(OutgoingMail.objects.get(address="bob@example.com"))
    assert mail.subject == "Stays as planned: Team meeting (Mon, Nov 30, 2026)"
    assert "Taken then; sorry" in mail.body
    lines = part(mail, "ics").decode().replace("\r\n ", "").split("\r\n")
    assert {
        "METHOD:DECLINECOUNTER",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "SEQUENCE:0",
        "COMMENT:Taken then\\; sorry",
        f"UID:{circle.event.uid}",
    } <= {*lines}
    event = lines[lines.index("BEGIN:VEVENT") :]
    names = {re.split("[;:]", line)[0] for line in event if line} - {"BEGIN", "END"}
    assert names == {"DTSTAMP", "UID", "RECURRENCE-ID", "SEQUENCE", "ORGANIZER", "COMMENT"}  # RFC 5546 3.2.8


@pytest.mark.slow
def test_refusal_goes_to_the_address_that_answered(circle: Circle) -> None:
    times = Proposal(starts_at=NOW, ends_at=NOW, zone="UTC")
    invite, actor = circle.event.invites.get(), Actor.by_guest()
    reply = answer_invite(
        invite=invite, status="declined", actor=actor, via="mail", address="x@example.org", proposal=times
    )
    traces = Traces()
    assert decide(circle, reply, "refuse").status_code == 204
    assert traces.mails() == [("x@example.org", "external_event_refusal", 0)]
    mail = render(OutgoingMail.objects.get())
    assert "/room/" not in str(mail.message().as_bytes())


def test_refusal_may_be_told_in_person(circle: Circle) -> None:
    reply = propose(circle)
    traces = Traces()
    assert decide(circle, reply, "refuse", suppress_email_notification="true").status_code == 204
    assert traces.mails() == []
    assert not django_mail.outbox


@pytest.mark.slow
def test_meeting_of_which_another_program_tells_refuses_without_a_mail() -> None:
    circle = Circle(sends_mails=False)
    reply, traces = propose(circle), Traces()
    assert decide(circle, reply, "refuse").status_code == 204
    assert traces.mails() == []
    assert [kind for kind, _people in traces.activities()] == ["proposal.refused"]


@pytest.mark.slow
def test_dry_run_says_what_would_happen(circle: Circle) -> None:
    reply = propose(circle)
    assert [mail["kind"] for mail in decide(circle, reply, "accept", dry_run="true").json()["mails"]] == [
        "registered_event_update"
    ]
    assert [mail["kind"] for mail in decide(circle, reply, "refuse", dry_run="true").json()["mails"]] == [
        "registered_event_refusal"
    ]
    assert state(reply) == "open"


# --- Decided once ---


@pytest.mark.slow
@pytest.mark.parametrize("first", ["accept", "refuse"])
@pytest.mark.parametrize("second", ["accept", "refuse"])
def test_proposal_is_decided_once(monkeypatch: pytest.MonkeyPatch, circle: Circle, first: str, second: str) -> None:
    """Two tabs: both have read that it is open."""
    reply = propose(circle)
    before_the_lock(monkeypatch, lambda: decide(circle, reply, first))
    answer = decide(circle, reply, second)
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_decided")


@pytest.mark.slow
def test_unknown_proposal_and_one_of_another_event_are_not_found(circle: Circle) -> None:
    plain = circle.api("invitee").patch(f"{circle.path}/invite") and Reply.objects.get()
    other = factories.event(circle.alice)
    reply = propose(circle)
    creator = circle.api("creator")
    for path in (
        f"{circle.path}/proposals/{uuid.uuid4()}/accept",
        f"{circle.path}/proposals/{plain.pk}/accept",
        f"/v1/events/{other.pk}/proposals/{reply.pk}/refuse",
    ):
        assert creator.post(path).status_code == 404
    assert state(reply) == "open"


# --- Overtaken ---


def _answers(circle: Circle) -> None:
    circle.api("invitee").patch(f"{circle.path}/invite", {"status": "accepted"})


def _answers_one(circle: Circle) -> None:
    circle.api("invitee").patch(f"{circle.path}/invite", {"status": "accepted", "instance_id": SECOND})


def _moves_all(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"starts_at": time("2026-11-23T12:00:00Z"), "ends_at": TUESDAY["ends_at"]})


def _lengthens_all(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"ends_at": time("2026-11-23T12:00:00Z")})


def _moves_one(circle: Circle) -> None:
    body = {"starts_at": time("2026-11-30T12:00:00Z")}
    circle.api("creator").patch(f"{circle.path}/instances/{SECOND}", body)


def _cancels_one(circle: Circle) -> None:
    circle.api("creator").patch(f"{circle.path}/instances/{SECOND}", {"status": "cancelled"})


def _uninvites(circle: Circle) -> None:
    circle.api("creator").delete(f"{circle.path}/invites/{circle.bob.pk}")


def _renames(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "Review"})


def _splits(circle: Circle) -> None:
    body = {"from": time("2026-11-30T09:00:00Z"), "starts_at": time("2026-11-30T12:00:00Z")}
    assert circle.api("creator").post(f"{circle.path}/reschedule", body).status_code == 201


@pytest.mark.slow
@pytest.mark.parametrize(
    ("then", "of_whole", "of_one"),
    [
        (_answers, "overtaken", "open"),
        (_answers_one, "open", "overtaken"),
        (_moves_all, "overtaken", "open"),
        (_lengthens_all, "overtaken", "open"),
        (_moves_one, "open", "overtaken"),
        (_cancels_one, "open", "overtaken"),
        (_uninvites, "overtaken", "overtaken"),
        (_splits, "open", "overtaken"),
        (_renames, "open", "open"),
    ],
)
def test_proposal_is_overtaken(circle: Circle, then: Any, of_whole: str, of_one: str) -> None:
    whole, one = propose(circle), propose(circle, instance_id=SECOND)
    then(circle)
    assert (state(whole), state(one)) == (of_whole, of_one)


@pytest.mark.slow
def test_later_part_of_a_split_series_has_no_open_proposal(circle: Circle) -> None:
    """What somebody proposed for the whole would move its first date, which the later part does not have."""
    propose(circle)
    _splits(circle)
    states = Reply.objects.exclude(event_id=circle.event.pk).values_list("proposal_state", flat=True)
    assert [*states] == ["overtaken"]


def test_answer_of_somebody_else_overtakes_nothing_of_the_invitees(circle: Circle) -> None:
    reply, actor = propose(circle), Actor.by_guest()
    invite = circle.event.invites.get()
    answer_invite(invite=invite, status="declined", actor=actor, via="mail", address="x@example.org")
    assert state(reply) == "open"


@pytest.mark.slow
def test_overtaken_proposal_cannot_be_accepted(circle: Circle) -> None:
    reply = propose(circle)
    _answers(circle)
    assert decide(circle, reply, "accept").status_code == 409
    assert answers.to_occurrences(circle.event) == {}


@pytest.mark.slow
def test_number_of_proposals_does_not_change_the_number_of_statements(
    circle: Circle, django_assert_max_num_queries: Any
) -> None:
    for person in factories.users(*(f"guest{number}" for number in range(4))):
        circle.invite(person)
    times = Proposal(starts_at=NOW, ends_at=NOW, zone="UTC")
    for invite in circle.event.invites.all():
        answer_invite(invite=invite, status="tentative", actor=Actor.by_guest(), via="page", proposal=times)
    creator = circle.api("creator")
    with django_assert_max_num_queries(5):
        assert len(creator.get(f"{circle.path}/proposals").json()) == 5
