"""Live meetings in the admin: who is there, ending one, removing a person, and reading a chat."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.models import Activity
from signaling.bus import Publication, bus
from signaling.models import Participant, RoomSession
from signaling.services.sessions import take_step
from signaling.steps import Outcome
from tests.staff.asking import confirmed
from tests.staff.holding import Holding, browser_of, with_role
from users.roles import PRIVACY_OFFICER, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIST = "/admin/signaling/roomsession/"


@pytest.fixture
def side() -> Holding:
    return Holding("walnut")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Publication]:
    told: list[Publication] = []
    monkeypatch.setattr(bus, "publish", told.append)
    return told


def page_of(session: RoomSession, rest: str = "change/") -> str:
    return f"{LIST}{session.pk}/{rest}"


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def boss_id(browser: Client) -> uuid.UUID:
    return uuid.UUID(browser.session["_auth_user_id"])


def person_of(session: RoomSession) -> Participant:
    found: Participant = session.participants.get()
    return found


def test_page_shows_who_is_there_since_when_and_from_where(side: Holding) -> None:
    support = browser_of(with_role(SUPPORT))
    text = text_of(support.get(page_of(side.session)))
    for shown in ("Who is there now", "walnut", "192.0.2.7", "moderator", "in the meeting"):
        assert shown in text
    assert f"/admin/users/user/{side.owner.pk}/change/" in text
    assert "End the live meeting" not in text
    assert "Read the chat" not in text


def test_list_has_those_that_run(side: Holding) -> None:
    support = browser_of(with_role(SUPPORT))
    running = support.get(LIST).context["cl"].result_list
    assert [(row.pk, row.joined_count, row.waiting_count) for row in running] == [(side.session.pk, 1, 0)]
    RoomSession.objects.update(ended_at=timezone.now())
    for query, expected in (({}, []), ({"state": "ended"}, [side.session]), ({"state": "all"}, [side.session])):
        assert list(support.get(LIST, query).context["cl"].result_list) == expected


def test_room_leads_to_its_live_meeting(side: Holding) -> None:
    support = browser_of(with_role(SUPPORT))
    live = f"/admin/rooms/room/{side.event.room_id}/live/"
    for page in (f"/admin/rooms/room/{side.event.room_id}/change/", f"/admin/events/event/{side.event.pk}/change/"):
        assert live in text_of(support.get(page))
    assert support.get(live).headers["Location"] == page_of(side.session)
    RoomSession.objects.update(ended_at=timezone.now())
    assert support.get(live).headers["Location"] == f"{LIST}?q={side.event.room_id}&state=all"


def test_dashboard_counts_those_that_run(side: Holding) -> None:
    support = browser_of(with_role(SUPPORT))
    assert support.get("/admin/dashboard.json").json()["live"] == {"meetings": 1, "people": 1}
    assert "1 live meeting runs now; 1 person is in it." in text_of(support.get("/admin/"))
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, Holding("quince").tenant))
    assert boss.get("/admin/dashboard.json").json()["live"] == {"meetings": 1, "people": 1}


def test_ending_asks_and_then_everybody_is_out(side: Holding, published: list[Publication]) -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, side.tenant))
    path = page_of(side.session, "end/")
    asked = text_of(boss.post(path))
    assert "All people who are in it or wait leave at once" in asked
    side.session.refresh_from_db()
    assert side.session.ended_at is None
    confirmed(boss, path, {})
    side.session.refresh_from_db()
    assert side.session.ended_at is not None
    person = person_of(side.session)
    assert (person.where, person.address) == ("left", "")
    ended = Activity.objects.get(kind="meeting.ended")
    assert (ended.actor_kind, ended.actor_id, ended.room_id) == ("staff", boss_id(boss), side.event.room_id)
    assert Activity.objects.filter(kind="participant.left").count() == 1


def test_removing_asks_and_then_the_person_is_out(side: Holding) -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, side.tenant))
    path = page_of(side.session, f"remove/{person_of(side.session).participant_id}/")
    assert "walnut leaves at once" in text_of(boss.post(path))
    assert person_of(side.session).where == "joined"
    confirmed(boss, path, {})
    assert person_of(side.session).where == "left"
    left = Activity.objects.get(kind="participant.left")
    assert (left.actor_kind, left.data["reason"]) == ("staff", "kicked")
    answer = confirmed(boss, path, {})
    assert Activity.objects.filter(kind="participant.left").count() == 1
    assert answer.status_code == 302


def test_sockets_are_told_and_closed(
    side: Holding, published: list[Publication], django_capture_on_commit_callbacks: Any
) -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, side.tenant))
    connection = person_of(side.session).connection
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(boss, page_of(side.session, "end/"), {})
    deliveries = [delivery for publication in published for delivery in publication.deliveries]
    assert [(delivery.to, delivery.code) for delivery in deliveries] == [([connection], 0), ([connection], 1000)]
    assert '"message":"kicked"' in deliveries[0].text


@pytest.mark.parametrize("role", [SUPPORT, PRIVACY_OFFICER])
@pytest.mark.parametrize("rest", ["end/", "remove/{person}/"])
def test_who_only_looks_ends_nothing(side: Holding, role: str, rest: str) -> None:
    browser = browser_of(with_role(role))
    path = page_of(side.session, rest.format(person=person_of(side.session).participant_id))
    assert browser.post(path).status_code == 403
    assert person_of(side.session).where == "joined"


def test_other_tenants_meetings_are_not_there(side: Holding) -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, Holding("quince").tenant))
    for rest in ("end/", f"remove/{person_of(side.session).participant_id}/"):
        assert boss.post(page_of(side.session, rest)).status_code == 404
    assert boss.get(page_of(side.session)).status_code == 302


def test_nobody_is_removed_from_another_meeting(side: Holding) -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, side.tenant))
    assert boss.post(page_of(side.session, f"remove/{uuid.uuid4()}/")).status_code == 404


def test_chat_is_read_with_the_right_to_it(side: Holding) -> None:
    path = page_of(side.session, "chat/")
    assert browser_of(with_role(SUPPORT)).get(path).status_code == 403
    officer = browser_of(with_role(PRIVACY_OFFICER))
    assert path in text_of(officer.get(page_of(side.session)))
    person = person_of(side.session)
    for number, (scope, target) in enumerate((("private", str(person.participant_id)), ("group", "board"))):
        data = {"id": str(number), "source": str(uuid.uuid4()), "scope": scope, "target": target}
        data["content"] = f"<b>{scope}"
        side.session.entries.create(namespace="chat", at=timezone.now(), data=data)
    said = officer.get(path).context["messages_said"]
    assert [(message["by"], message["to"], message["content"]) for message in said] == [
        ("walnut", "everybody", "walnut"),
        ("Somebody", "walnut", "<b>private"),
        ("Somebody", "group board", "<b>group"),
    ]


@pytest.mark.parametrize(("days", "kept"), [(0, 0), (30, 1)])
def test_chat_goes_with_the_meeting_or_is_kept(side: Holding, settings: Any, days: int, kept: int) -> None:
    settings.CHAT_DAYS = days

    def end(room: Any) -> Outcome:
        room.ended_at = room.now
        return Outcome()

    take_step(room_id=side.event.room_id, act=end)
    assert side.session.entries.count() == kept
