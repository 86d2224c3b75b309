"""Conferences: the list, one with its members, and the detailed stream of who comes, changes and goes."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from activity.actors import Actor
from events.services.invitations import uninvite_user
from integrations.cospace import subscriptions
from integrations.cospace.models import Session, Subscription
from integrations.objects.presence import Member
from integrations.objects.services.conferences import lifetime, report_members
from integrations.objects.signals import passing
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import STREAMS, Cospace

pytestmark = STREAMS
A, B = (uuid.UUID(int=number) for number in (1, 2))
QUIET = {"mute": False, "deaf": False, "talk": False, "floor": False, "volume_in": 0, "volume_out": 0}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False) as traveller:
        yield traveller


def report(circle: Circle, **members: Member) -> None:
    report_members(
        room=circle.event.room,
        source="bridge",
        members={uuid.UUID(int=int(name[1:])): member for name, member in members.items()},
        expires_at=lifetime(600),
        actor=Actor.by_service("bridge"),
    )


def test_list_and_one() -> None:
    circle = Circle()
    factories.user("stranger")
    reader, stranger = Cospace().signed_in("bob"), Cospace().signed_in("stranger")
    room = str(circle.event.room_id)
    about = {
        "type": "conference",
        "owner": str(circle.alice.pk),
        "description": "Team meeting",
        "create_time": int(circle.event.room.created_at.timestamp()),
        "tag": [],
        "live": False,
    }
    assert reader.get("/api/conference")["conference"] == {room: about}
    assert reader.get("/api/conference", first=1)["conference"] == {}
    assert reader.get(f"/api/conference/{room}")["conference"] == about | {"member": {}}
    report(circle, m1=Member(phone="+49"))
    assert reader.get("/api/conference")["conference"] == {room: about | {"live": True}}
    report(circle)
    assert reader.get("/api/conference")["conference"] == {room: about}
    assert stranger.get("/api/conference")["conference"] == {}
    for path in (f"/api/conference/{room}", f"/api/conference/{uuid.uuid4()}", f"/api/conference/{room}/event"):
        assert stranger.call("GET", path)["status"] == "not-found"


def test_detailed_stream() -> None:
    """Who did not subscribe hears that the conference is live, and when it is over."""
    circle = Circle()
    owner, reader = Cospace().signed_in("alice"), Cospace().signed_in("bob")
    room = str(circle.event.room_id)
    owner.get(f"/api/conference/{room}/event")
    assert owner.told("conference_status") == [{"conference": room, "member": {}}]
    report(circle, m1=Member(phone="+492216698000", talk=True))
    live = {"conference": room, "owner": str(circle.alice.pk)}
    joined = {"conference": room, "member": {str(A): {"phone": "+492216698000"} | QUIET | {"talk": True}}}
    started, came = owner.events()
    assert (started["event"], came["event"]) == ("conference_start", "conference_join")
    assert came.items() >= joined.items()
    report(circle, m1=Member(phone="+492216698000", mute=True), m2=Member(user_id=circle.bob.pk))
    found = {event["event"]: event for event in owner.events()}
    assert found["conference_update"]["member"] == {str(A): {"mute": True, "talk": False}}
    assert found["conference_join"]["member"] == {str(B): {"user": str(circle.bob.pk)} | QUIET}
    report(circle)
    left = owner.told("conference_leave")
    assert [event["member"] for event in left] == [[str(A)], [str(B)]]
    assert [(event["event"], event["conference"]) for event in reader.events()] == [
        ("conference_start", room),
        ("conference_stop", room),
    ]
    assert started.items() >= live.items()


def test_state_is_told_again_while_somebody_reads(clock: Any) -> None:
    circle = Circle()
    client = Cospace().signed_in("bob")
    path = f"/api/conference/{circle.event.room_id}/event"
    client.get(path)
    assert client.names() == ["conference_status"]
    clock.shift(timedelta(seconds=29))
    assert client.names() == []
    clock.shift(timedelta(seconds=1))
    assert client.again().get("/api/event")["event"][-1]["id"] == 1
    assert client.names() == ["conference_status"]
    client.get(path)
    assert client.names() == ["conference_status"]
    client.delete(path)
    clock.shift(timedelta(seconds=60))
    assert client.names() == []


def test_who_loses_access_loses_the_stream() -> None:
    circle = Circle()
    client = Cospace().signed_in("bob")
    client.get(f"/api/conference/{circle.event.room_id}/event")
    client.events()
    uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=Actor.by_api(circle.alice))
    update(circle, "1")
    assert client.names() == ["invitation_delete", "object_unshare"]
    assert not Subscription.objects.exists()


def test_of_what_nobody_has_read_the_last_value_counts(clock: Any) -> None:
    circle = Circle()
    client = Cospace().signed_in("bob")
    client.get(f"/api/conference/{circle.event.room_id}/event")
    client.events()
    for volume in range(4):
        update(circle, "volume", volume_in=volume)
    update(circle, "mute", mute=True)
    clock.shift(timedelta(milliseconds=1))
    update(circle, "volume", volume_in=-1)
    told = client.told("conference_update")
    assert [event["member"][str(A)] for event in told] == [
        {"mute": True},
        {"volume_in": -1},
    ]
    update(circle, "volume", volume_in=2)
    assert len(client.told("conference_update")) == 1
    assert not Session.objects.get().passing.exists()


def test_who_is_in_two_conferences_is_told_of_in_both() -> None:
    circle, other = Circle(), Circle.__new__(Circle)
    other.event = factories.event(circle.alice)
    client = Cospace().signed_in("alice")
    for one in (circle, other):
        client.get(f"/api/conference/{one.event.room_id}/event")
        report(one, m1=Member())
    client.events()
    for one in (circle, other):
        report(one, m1=Member(mute=True))
    told = [event["conference"] for event in client.told("conference_update")]
    assert sorted(told) == sorted(str(one.event.room_id) for one in (circle, other))


def test_limit_of_subscriptions_refuses_only_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 1)
    circle, other = Circle(), Circle.__new__(Circle)
    other.event = factories.event(circle.alice)
    client = Cospace().signed_in("alice")
    path = f"/api/conference/{circle.event.room_id}/event"
    for _time in range(2):
        client.get(path)
        assert client.names()[-1] == "conference_status"
    assert client.call("GET", f"/api/conference/{other.event.room_id}/event")["status"] == "fail"
    assert Subscription.objects.get().object_id == circle.event.room_id


def test_states_are_told_some_at_a_time_at_constant_cost(
    monkeypatch: pytest.MonkeyPatch, clock: Any, django_assert_max_num_queries: Any
) -> None:
    alice = factories.user("alice")
    client = Cospace().signed_in("alice")
    session = Session.objects.get()
    rooms = [factories.event(alice).room_id for _each in range(45)]
    client.events()
    for room in rooms:
        session.subscriptions.create(kind="conference", object_id=room, status_at=timezone.now())
        clock.shift(timedelta(milliseconds=1))
    # A state asks the database: they come some at a time, the longest due first.
    monkeypatch.setitem(
        subscriptions.STATUSES,
        "conference",
        lambda room: ("conference_status", {"conference": str(room), "member": {}}),
    )
    found = []
    for count in (20, 20, 5, 0):
        with django_assert_max_num_queries(25):
            told = client.told("conference_status")
        assert len(told) == count
        found += [event["conference"] for event in told]
    assert found == [str(room) for room in rooms]


def test_what_passes_is_told_of_all_that_is_subscribed_to(clock: Any, django_assert_max_num_queries: Any) -> None:
    """Also of more than have their states told at once; only what is out of reach is not."""
    alice = factories.user("alice")
    client = Cospace().signed_in("alice")
    session = Session.objects.get()
    rooms = [factories.event(alice).room_id for _each in range(30)]
    client.events()
    later = timezone.now() + timedelta(hours=1)
    for room in [*rooms, uuid.uuid4()]:
        session.subscriptions.create(kind="conference", object_id=room, status_at=later)
        data = {"conference": str(room), "member": {str(A): {"mute": True}}}
        passing.send(None, name="conference_update", object_id=room, data=data, user_ids=None, key="")
    with django_assert_max_num_queries(25):
        told = client.told("conference_update")
    assert {event["conference"] for event in told} == {str(room) for room in rooms}
    assert session.subscriptions.count() == 30


def test_only_those_who_subscribed_are_told() -> None:
    circle = Circle()
    other = Circle.__new__(Circle)
    other.event = factories.event(circle.alice)
    client, quiet = Cospace().signed_in("bob"), Cospace().signed_in("bob")
    client.get(f"/api/conference/{circle.event.room_id}/event")
    client.events()
    update(other, "1")
    update(circle, "1")
    assert client.names() == ["conference_update"]
    assert quiet.names() == []


def update(circle: Circle, key: str, **changed: Any) -> None:
    room = circle.event.room_id
    member = {str(A): changed or {"mute": True}}
    data = {"conference": str(room), "member": member}
    passing.send(None, name="conference_update", object_id=room, data=data, user_ids=None, key=key)
