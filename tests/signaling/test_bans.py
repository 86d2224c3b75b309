"""Whoever a moderator banned gets no ticket while the live meeting lasts (contract 4.8)."""

import uuid

import pytest
from django.utils import timezone

from activity.actors import Actor
from invites.services import create_code
from rooms.hindrances import Hindrance
from signaling import entry
from signaling.models import Participant, RoomSession
from signaling.tickets import InvalidTicket, issue_ticket, redeem_ticket
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db


def ban(circle: Circle, user: User) -> RoomSession:
    now = timezone.now()
    session = RoomSession.objects.create(room=circle.event.room, opened_at=now, started_at=now)
    Participant.objects.create(
        session=session,
        participant_id=uuid.uuid4(),
        kind="user",
        role="user",
        where="left",
        display_name="Bob",
        user_id=user.pk,
        is_banned=True,
        connection=uuid.uuid4(),
        process=uuid.uuid4(),
        step=1,
    )
    return session


def test_banned_person_starts_when_the_meeting_is_over() -> None:
    circle = Circle()
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    session = ban(circle, circle.bob)
    doors = [("start", {}), ("start_invited", {"invite_code": str(code.code)})]
    for path, body in doors:
        answer = circle.api("invitee").post(f"{circle.room_path}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "banned_from_room")
        assert circle.api("creator").post(f"{circle.room_path}/{path}", body).status_code == 200
    session.ended_at = timezone.now()
    session.save()
    for path, body in doors:
        assert circle.api("invitee").post(f"{circle.room_path}/{path}", body).status_code == 200


def test_earlier_ticket_is_no_longer_good() -> None:
    circle = Circle()
    text = issue_ticket(room=circle.event.room, user=circle.bob).ticket
    ban(circle, circle.bob)
    with pytest.raises(InvalidTicket):
        redeem_ticket(text=text)


def test_staff_see_why() -> None:
    circle = Circle()
    ban(circle, circle.bob)
    people = {person.user: person.hindrances for person in entry.entries(circle.event.room, timezone.now()).people}
    assert people[circle.bob] == [Hindrance.BANNED]
    assert people[circle.alice] == []
