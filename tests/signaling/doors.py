"""What tests have the served site do (served_app.py)."""

import datetime
import threading
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import close_old_connections, transaction
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from events.models import SharedFolder
from events.services.events import delete_event, update_event
from events.services.invitations import invite_user, uninvite_user
from invites.models import InviteCode
from invites.services import create_code, revoke_code
from rooms.models import Room
from signaling import models, watch
from signaling.hub import hub
from signaling.services.sessions import settle
from signaling.services.staff import end_meeting
from signaling.tickets import issue_ticket
from tests import api, factories
from users.models import Group, Tariff, User
from users.services import update_account


def opened(door: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        return door(**arguments)
    finally:
        close_old_connections()


def furnish(number: int, **columns: Any) -> dict[str, Any]:
    """A meeting of alice's with bob and carol, and a guest code. Each has her own people: alice1, bob1, carol1."""
    alice, bob, carol = factories.users(f"alice{number}", f"bob{number}", f"carol{number}")
    event = factories.event(alice)
    actor = Actor.by_api(alice)
    for invitee in (bob, carol):
        invite_user(event=event, invitee=invitee, actor=actor, suppress_mail=True)
    code = create_code(room=event.room, user=alice, actor=actor)
    Room.objects.filter(pk=event.room_id).update(**columns)
    return {"room": event.room_id, "code": code.pk, "invite_code": code.code}


def ticket(room: str, who: str, breakout_room: str | None = None, **wanted: Any) -> dict[str, str]:
    """For an account, or for the guest code whose id `who` is; `wanted` as of issue_ticket."""
    place = uuid.UUID(breakout_room) if breakout_room else None
    user = User.objects.filter(username=who).first()
    code = None if user else InviteCode.objects.get(pk=who)
    issued = issue_ticket(room=Room.objects.get(pk=room), user=user, code=code, breakout_room=place, **wanted)
    return {"ticket": issued.ticket, "resumption": issued.resumption}


def tickets(room: str, who: str, number: int) -> list[str]:
    return [ticket(room, who)["ticket"] for _number in range(number)]


def token(who: str) -> str:
    """For the REST API."""
    return api.token(User.objects.get(username=who))


def set_quotas(room: str, **quotas: int) -> None:
    tariff = Tariff.objects.create(name=room, quotas=quotas)
    User.objects.filter(rooms=room).update(tariff=tariff)


def limit_people(room: str, limit: int) -> None:
    """In the meeting that is live now, whose tariff stays as it was when it began."""
    session = models.RoomSession.objects.get(room=room, ended_at=None)
    session.tariff["quotas"]["room_participant_limit"] = limit
    session.save()


def add_folder(room: str) -> None:
    event = Room.objects.get(pk=room).events.get()
    link = "https://files.example.org"
    SharedFolder.objects.create(event=event, path="x", read_url=f"{link}/read", write_url=f"{link}/write")


def add_to_group(who: str, name: str) -> None:
    user = User.objects.get(username=who)
    user.tenant_groups.add(Group.objects.get_or_create(tenant=user.tenant, name=name)[0])


def delete_meeting(room: str) -> None:
    meeting = Room.objects.get(pk=room).events.get()
    delete_event(event=meeting, actor=Actor.by_api(meeting.created_by), suppress_mail=True)


def disable(who: str) -> None:
    user = User.objects.get(username=who)
    update_account(user=user, actor=Actor.by_admin(user), disabled_since=datetime.datetime.now(datetime.UTC))


def revoke(who: str) -> None:
    found = InviteCode.objects.get(pk=who)
    revoke_code(code=found, user=found.created_by, actor=Actor.by_api(found.created_by))


def activities(room: str | None = None) -> list[str]:
    found = Activity.objects.filter(room_id=room, kind__regex="^(meeting|participant|vote)")
    return list(found.order_by("position").values_list("kind", flat=True))


def rows(model: str) -> list[dict[str, Any]]:
    return list(getattr(models, model).objects.order_by("pk").values())


def age_leases(seconds: int) -> None:
    """As if that time had passed; living processes renew theirs."""
    models.Process.objects.update(seen_at=timezone.now() - datetime.timedelta(seconds=seconds))


def uninvite(room: str, who: str) -> None:
    meeting = Room.objects.get(pk=room).events.get()
    uninvite_user(
        event=meeting,
        user_id=User.objects.get(username=who).pk,
        actor=Actor.by_api(meeting.created_by),
        suppress_mail=True,
    )


def change(room: str, **columns: Any) -> None:
    """The meeting, by its creator."""
    meeting = Room.objects.get(pk=room).events.get()
    update_event(event=meeting, actor=Actor.by_api(meeting.created_by), columns=columns, suppress_mail=True)


def give_folder(room: str) -> None:
    """As `add_shared_folder` does when the file service has made it."""
    meeting = Room.objects.get(pk=room).events.get()
    folder = SharedFolder(event=meeting, path="x", read_url="https://files.example.org/r", read_password="look")
    update_event(event=meeting, actor=Actor.by_api(meeting.created_by), columns={}, folder=folder, suppress_mail=True)


def end_by_staff(room: str) -> None:
    with transaction.atomic():
        taken = end_meeting(room_id=UUID(room), actor=Actor.by_admin(Room.objects.get(pk=room).created_by))
    settle(room_id=UUID(room), taken=taken)


def look_no_more() -> None:
    """From now on this process hears of nothing but by messages."""
    assert hub.loop is not None
    stopped = threading.Event()
    hub.loop.call_soon_threadsafe(lambda: (_end_chores(), stopped.set()))
    stopped.wait()


def _end_chores() -> None:
    for task in hub.tasks:
        if task.get_coro().__qualname__ == watch.repeat.__qualname__:  # type: ignore[union-attr]
            task.cancel()
