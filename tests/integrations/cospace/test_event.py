"""GET /api/event as a plain server answers it; test_real_site.py waits at a real one."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from activity.actors import Actor
from integrations.cospace import kept, live
from integrations.cospace.models import PassingEvent, Session, StreamEvent
from integrations.objects.signals import passing
from operations import job
from operations.jobs.prune_cospace_events import PruneCospaceEvents
from operations.jobs.prune_cospace_sessions import PruneCospaceSessions
from tests import factories
from tests.integrations.cospace.client import STREAMS, Cospace
from users.models import User
from users.services import update_profile

pytestmark = STREAMS


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def client(alice: User) -> Cospace:
    return Cospace().signed_in("alice")


def happen(count: int = 1) -> None:
    """So many more events."""
    session = Session.objects.get()
    first = session.next_number
    StreamEvent.objects.bulk_create(
        StreamEvent(session=session, number=number, name="user_modify", time=1_700_000_000)
        for number in range(first, first + count)
    )
    Session.objects.update(next_number=first + count)


def stream(client: Cospace, **headers: str) -> str:
    sent = {"Accept": "text/event-stream", "Authorization": f"Bearer {client.sid}"} | headers
    answer = Browser().get("/api/event", headers=sent)
    assert answer.status_code == 200
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def test_first_event_has_id_0_and_the_skeleton(alice: User, client: Cospace) -> None:
    assert client.get("/api/event") == {"status": "ok", "event": [], "first": 0}
    before = int(timezone.now().timestamp())
    update_profile(user=alice, actor=Actor.by_api(alice), title="Dr.")
    (event,) = client.events()
    assert event == {"id": 0, "event": "user_modify", "time": event["time"]}
    assert before <= event["time"] <= before + 60


def test_reading_takes_nothing_away(client: Cospace) -> None:
    happen(5)
    first, second = client.events(), client.again().events()
    assert first == second
    assert [event["id"] for event in first] == [0, 1, 2, 3, 4]
    assert [event["id"] for event in client.get("/api/event", id=3)["event"]] == [3, 4]
    assert [event["id"] for event in client.get("/api/event", id=1, count=2)["event"]] == [1, 2]
    assert client.get("/api/event", id=10**18)["event"] == []


def test_gap_is_seen(client: Cospace) -> None:
    happen(5)
    StreamEvent.objects.filter(number__lt=3).delete()
    answer = client.get("/api/event")
    assert (answer["first"], [event["id"] for event in answer["event"]]) == (3, [3, 4])
    StreamEvent.objects.all().delete()
    assert client.get("/api/event") == {"status": "ok", "event": [], "first": 5}


@pytest.mark.parametrize(
    "query",
    [
        {"id": "-1"}, {"id": "x"}, {"id": str(2**63)}, {"id": "9" * 5000}, {"id": "1\0"}, {"timeout": "61"},
        {"timeout": "1.5"}, {"count": "0"}, {"count": "501"}, {"count": ""},
    ],
)  # fmt: skip
def test_bad_query_names_its_field(client: Cospace, query: dict[str, str]) -> None:
    answer = client.call("GET", "/api/event", query=query)
    assert answer["status"] == "wrong-syntax"
    assert answer["message"].startswith(f"{next(iter(query))}: ")


def test_long_poll_of_a_server_that_cannot_wait_is_short(client: Cospace, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(live.time, "sleep", lambda seconds: (slept.append(seconds), happen()))
    assert [event["id"] for event in client.get("/api/event", timeout=60)["event"]] == [0]
    assert slept == [0.2]
    monkeypatch.setattr(live, "LONGEST_IN_THREAD", 0)
    assert client.get("/api/event", id=7, timeout=60)["event"] == []


def pass_unseen(alice: User, client: Cospace, count: int) -> None:
    """What was sent to the session when it had a subscription that is gone."""
    session = Session.objects.get()
    row = {"session": session, "object_id": uuid.uuid4(), "name": "conference_update"}
    PassingEvent.objects.bulk_create(PassingEvent(**row, at=number) for number in range(count))
    passing.send(None, name="chat_user", object_id=None, data={}, user_ids=[alice.pk], key="")


def test_batch_that_tells_nothing_is_not_the_end(alice: User, client: Cospace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.cospace.stream.BATCH", 2)
    pass_unseen(alice, client, 7)
    assert [event["event"] for event in client.get("/api/event")["event"]] == ["chat_user"]


def test_who_waits_does_not_wait_while_there_is_more_to_number(
    alice: User, client: Cospace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.cospace.stream.BATCH", 2)
    monkeypatch.setattr("integrations.cospace.stream.ROUNDS", 2)
    monkeypatch.setattr(live.time, "sleep", lambda _seconds: pytest.fail("it waits"))
    pass_unseen(alice, client, 7)
    session = Session.objects.get()
    wanted = live.Wanted(session.pk, alice.pk, first=0, count=9, seconds=60)
    assert (wanted.look().events, session.passing.count()) == ([], 4)
    assert b"chat_user" in b"".join(live.long_poll(wanted))


def test_server_sent_events(client: Cospace) -> None:
    happen(3)
    data = json.dumps({"id": 1, "event": "user_modify", "time": 1700000000}, separators=(",", ":"))
    assert stream(client).split("\n\n")[0] == "retry: 2000"
    assert stream(client).split("\n\n")[2] == f"event: user_modify\nid: 1\ndata: {data}"
    resumed = stream(client, **{"Last-Event-ID": "0"}).split("\n\n")
    assert [part.split("\n")[1] for part in resumed[1:-1]] == ["id: 1", "id: 2"]
    assert json.loads(stream(client, **{"Last-Event-ID": "x"}))["message"].startswith("Last-Event-ID: ")


def test_no_more_clients_of_a_session_wait_than_are_allowed(client: Cospace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(live._waiting, Session.objects.get().pk, live.MOST_OF_SESSION)
    assert client.call("GET", "/api/event", query={"timeout": 1})["status"] == "fail"
    assert "wait already" in stream(client)
    assert client.get("/api/event")["event"] == []


def test_old_events_and_those_beyond_the_most_go(client: Cospace, settings: Any) -> None:
    happen(8)
    StreamEvent.objects.filter(number__lt=2).update(created_at=timezone.now() - timedelta(hours=25))
    row = job.run(PruneCospaceEvents(), is_dry_run=True)
    assert row is not None
    assert (row.touched, StreamEvent.objects.count()) == (2, 8)
    job.run(PruneCospaceEvents())
    assert client.get("/api/event")["first"] == 2
    settings.COSPACE_EVENTS_KEPT = 3
    assert kept.prune_events(limit=2) == 2
    assert kept.prune_events(limit=2) == 1
    assert client.get("/api/event")["first"] == 5


def test_what_passes_and_nobody_reads_goes_too(alice: User, client: Cospace, settings: Any) -> None:
    """The oldest first; of another session nothing."""
    session, other = Session.objects.get(), Session.objects.create(user=alice, sid_digest="other")
    now = int(timezone.now().timestamp() * 1_000_000)
    hour = 3_600_000_000
    ages = [25 * hour, 24 * hour + 1, 9, 8, 7, 6]
    PassingEvent.objects.bulk_create(
        PassingEvent(session=session, name="chat_user", at=now - age, payload={"chat": str(age)}) for age in ages
    )
    PassingEvent.objects.create(session=other, name="chat_user", at=now - hour)
    row = job.run(PruneCospaceEvents(), is_dry_run=True)
    assert row is not None
    assert (row.touched, session.passing.count()) == (2, 6)
    settings.COSPACE_EVENTS_KEPT = 3
    assert PruneCospaceEvents(limit=1).run(is_dry_run=False).touched == 1
    assert session.passing.order_by("at").values_list("at", flat=True)[0] == now - 24 * hour - 1
    job.run(PruneCospaceEvents())
    assert [event["chat"] for event in client.get("/api/event")["event"]] == ["8", "7", "6"]
    assert other.passing.count() == 1


def test_sessions_that_nobody_uses_go(client: Cospace) -> None:
    Cospace().begin()
    job.run(PruneCospaceSessions())
    assert Session.objects.count() == 2
    happen_to = Session.objects.exclude(user=None)
    happen_to.update(last_call_at=timezone.now() - timedelta(seconds=600))
    job.run(PruneCospaceSessions())
    assert Session.objects.get().user is None


def test_cost_does_not_grow_with_the_events(client: Cospace, django_assert_num_queries: Any) -> None:
    happen(3)
    client.get("/api/event")
    with django_assert_num_queries(8):
        client.get("/api/event")
    happen(300)
    with django_assert_num_queries(8):
        client.get("/api/event", count=500)
