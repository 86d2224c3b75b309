"""A live presentation: who starts, joins, shows, hands over, leaves and stops, and who is told of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from integrations.objects.conversion import run
from integrations.objects.models import LivePresentation, Object, Tag
from integrations.objects.services.presentations import SILENCE
from operations.jobs.keep_presentations import KeepPresentations
from tests.integrations.cospace.client import STREAMS
from tests.integrations.cospace.media import People, disk, people
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import PDF

__all__ = ["disk", "people"]
pytestmark = STREAMS
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    """Sessions do not live long: it stands still before they begin."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def talk(disk: Uploads, people: People) -> str:
    """The id of one with five pages."""
    made = people.shared("presentation", description="Why")
    people.owner.put(f"/api/presentation/{made}/content", b"12345")
    claimed = run.claim()
    assert claimed is not None
    run.finish(claimed, PDF)
    return made


def control(client: Any, talk: str, name: str, **changes: Any) -> Any:
    return client.call("POST", f"/api/presentation/{talk}/control", {"control": name} | changes)


def started(people: People, talk: str) -> None:
    """By the owner, with the reader as second member; all is read."""
    for client, name in ((people.owner, "start"), (people.reader, "join")):
        assert control(client, talk, name)["status"] == "ok"
    people.read()


def listen(people: People, talk: str) -> None:
    for client in (people.owner, people.reader):
        client.get(f"/api/presentation/{talk}/event")
    people.read()


def test_conversion_is_told_to_who_reads_it(people: People, talk: str) -> None:
    assert people.told("presentation_convert") == [{"presentation": talk, "page_count": 5}]


def test_start_and_stop_are_told_to_all_readers(people: People, talk: str) -> None:
    people.read()
    assert control(people.owner, talk, "start") == {"status": "ok"}
    alice = str(people.alice.pk)
    told = {"presentation": talk, "owner": alice, "user": alice, "description": "Why"}
    assert people.told("presentation_start") == [told]
    assert control(people.owner, talk, "stop") == {"status": "ok"}
    assert people.told("presentation_stop") == [told]
    assert not LivePresentation.objects.exists()


@pytest.mark.slow
def test_detailed_stream_is_for_who_subscribed(people: People, talk: str) -> None:
    people.reader.get(f"/api/presentation/{talk}/event")
    people.read()
    control(people.owner, talk, "start")
    alice, bob = str(people.alice.pk), str(people.bob.pk)
    status = {"presentation": talk, "page": 1, "x": 0.0, "y": 0.0, "visible": False, "moderator": alice}
    assert people.reader.told("presentation_status") == [status | {"member": [alice]}]
    control(people.reader, talk, "join")
    assert people.reader.told("presentation_join") == [{"presentation": talk, "user": bob}]
    control(people.owner, talk, "update", page=3)
    assert people.reader.told("presentation_update") == [{"presentation": talk, "page": 3}]
    control(people.owner, talk, "update", x=0.5, visible=True)
    pointer = {"presentation": talk, "x": 0.5, "y": 0.0, "visible": True}
    assert people.reader.told("presentation_update") == [pointer]
    control(people.owner, talk, "update", moderator=bob)
    assert people.reader.told("presentation_update") == [{"presentation": talk, "moderator": bob}]
    control(people.owner, talk, "leave")
    assert people.reader.told("presentation_leave") == [{"presentation": talk, "user": alice}]
    assert people.owner.names() == ["presentation_start"]
    assert people.stranger.names() == []


@pytest.mark.slow
def test_of_a_pointer_only_its_last_place_is_told(people: People, talk: str) -> None:
    started(people, talk)
    listen(people, talk)
    for x in (0.1, 0.2, 0.3):
        control(people.owner, talk, "update", x=x)
    told = [{"presentation": talk, "x": 0.3, "y": 0.0, "visible": False}]
    assert people.reader.told("presentation_update") == told


@pytest.mark.slow
def test_who_subscribes_to_a_live_one_is_told_its_status(people: People, talk: str) -> None:
    started(people, talk)
    control(people.owner, talk, "update", page=2)
    people.reader.get(f"/api/presentation/{talk}/event")
    status = people.reader.told("presentation_status")
    assert [(one["page"], one["moderator"], len(one["member"])) for one in status] == [(2, str(people.alice.pk), 2)]
    people.reader.delete(f"/api/presentation/{talk}/event")
    control(people.owner, talk, "update", page=3)
    assert people.reader.names() == []


@pytest.mark.slow
def test_stop_implies_that_all_leave(people: People, talk: str) -> None:
    started(people, talk)
    listen(people, talk)
    control(people.owner, talk, "leave")  # the moderator's
    assert people.reader.names() == ["presentation_stop"]
    assert control(people.reader, talk, "leave")["status"] == "fail"


@pytest.mark.slow
def test_who_may_do_what(people: People, talk: str) -> None:
    assert control(people.reader, talk, "start")["status"] == "no-access"
    assert control(people.reader, talk, "join") == {"status": "fail", "message": "The presentation is not live"}
    started(people, talk)
    assert control(people.owner, talk, "start")["status"] == "fail"
    assert control(people.reader, talk, "join")["status"] == "ok"
    assert people.reader.names() == []
    for name, changes in (("stop", {}), ("update", {"page": 2})):
        assert control(people.reader, talk, name, **changes)["status"] == "no-access"
    for name in ("join", "keepalive", "leave"):
        assert control(people.stranger, talk, name)["status"] == "not-found"


def test_presentation_without_pages_cannot_start(people: People, disk: Uploads) -> None:
    made = people.shared("presentation")
    answer = control(people.owner, made, "start")
    assert (answer["status"], "no pages" in answer["message"]) == ("fail", True)


@pytest.mark.slow
def test_bad_controls_name_their_member(people: People, talk: str) -> None:
    started(people, talk)
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({}, "missing-element", "control"),
        ({"control": "dance"}, "wrong-syntax", "control"),
        ({"control": "update"}, "missing-element", "page"),
        ({"control": "join", "page": 2}, "wrong-syntax", "page"),
        ({"control": "update", "page": 6}, "wrong-syntax", "page"),
        ({"control": "update", "page": 0}, "wrong-syntax", "page"),
        ({"control": "update", "page": 10**40}, "wrong-syntax", "page"),
        ({"control": "update", "page": "2"}, "wrong-syntax", "page"),
        ({"control": "update", "x": 1.5}, "wrong-syntax", "x"),
        ({"control": "update", "y": "NaN"}, "wrong-syntax", "y"),
        ({"control": "update", "visible": 1}, "wrong-syntax", "visible"),
        ({"control": "update", "moderator": str(people.carol.pk)}, "wrong-syntax", "moderator"),
    ]
    for body, status, member in bad:
        answer = people.owner.call("POST", f"/api/presentation/{talk}/control", body)
        assert (answer["status"], answer["message"].startswith(member)) == (status, True), (body, answer)


@pytest.mark.slow
def test_pages_and_state_are_read(people: People, talk: str) -> None:
    assert people.reader.get(f"/api/presentation/{talk}/page") == {"status": "ok", "page_count": 5}
    started(people, talk)
    control(people.owner, talk, "update", page=4)
    assert people.reader.get(f"/api/presentation/{talk}/page") == {"status": "ok", "page_count": 5, "page": 4}
    live = people.reader.get(f"/api/presentation/{talk}")["presentation"]["live"]
    assert (live["page"], live["member"]) == (4, [str(people.alice.pk), str(people.bob.pk)])


def test_members_are_asked_whether_they_are_there(people: People, talk: str) -> None:
    started(people, talk)
    KeepPresentations().run(is_dry_run=False)
    KeepPresentations().run(is_dry_run=False)
    assert people.told("presentation_keepalive") == [{"presentation": talk}]


@pytest.mark.slow
def test_member_who_does_not_answer_leaves(clock: Any, people: People, talk: str) -> None:
    started(people, talk)
    listen(people, talk)
    clock.shift(SILENCE)
    assert control(people.owner, talk, "keepalive") == {"status": "ok"}
    clock.shift(timedelta(seconds=1))
    assert KeepPresentations().run(is_dry_run=True).touched == 1
    assert KeepPresentations().run(is_dry_run=False).touched == 1
    told = people.owner.told("presentation_leave")
    assert told == [{"presentation": talk, "user": str(people.bob.pk)}]
    assert control(people.reader, talk, "keepalive")["status"] == "no-access"


@pytest.mark.slow
def test_without_its_moderator_it_ends(clock: Any, people: People, talk: str) -> None:
    started(people, talk)
    clock.shift(SILENCE)
    control(people.reader, talk, "keepalive")
    clock.shift(timedelta(seconds=1))
    KeepPresentations().run(is_dry_run=False)
    told = {"presentation": talk, "owner": str(people.alice.pk), "description": "Why"}
    assert people.told("presentation_stop") == [told]


@pytest.mark.slow
def test_presentation_in_the_trash_ends(people: People, talk: str) -> None:
    started(people, talk)
    people.owner.delete(f"/api/presentation/{talk}")
    KeepPresentations().run(is_dry_run=False)
    assert people.owner.names() == ["object_delete", "presentation_stop"]
    assert not LivePresentation.objects.exists()


def test_who_lost_access_can_do_nothing_more(people: People, talk: str) -> None:
    started(people, talk)
    Tag.objects.all().delete()
    assert control(people.reader, talk, "keepalive")["status"] == "not-found"
    assert Object.objects.filter(pk=talk).exists()
