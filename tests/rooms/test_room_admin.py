"""The page about who can enter a room, and what staff do from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from events.models import Event
from invites.models import InviteCode
from invites.services import create_code
from mailer.models import OutgoingMail
from rooms.models import Guess, Room, SipConfig
from tests import factories
from tests.circle import Circle
from tests.staff.asking import ask, confirmed

pytestmark = pytest.mark.django_db
TEL = "+493012345678"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def who_may(*permissions: str) -> Client:
    user = factories.user("helper", is_staff=True)
    names = {*permissions, "see_every_tenant"}
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def page_of(circle: Circle, *more: str) -> str:
    return "/".join(["/admin/rooms/room", str(circle.event.room_id), "entry", *more, ""])


def text_of(client: Client, circle: Circle, **query: str) -> str:
    answer = client.get(page_of(circle), query)
    assert answer.status_code == 200
    return answer.content.decode()


def code_of(circle: Circle) -> InviteCode:
    return create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))


@pytest.mark.slow
def test_page_is_linked_from_the_meeting_and_the_room(staff: Client) -> None:
    circle = Circle()
    for path in (f"/admin/events/event/{circle.event.pk}/change/", f"/admin/rooms/room/{circle.event.room_id}/change/"):
        assert f'<a href="{page_of(circle)}">Who can enter now, and why</a>' in staff.get(path).content.decode()


@pytest.mark.slow
def test_page_says_who_and_why_and_no_secret(staff: Client, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL, settings.CALL_IN_TEL = True, TEL
    circle = Circle(password="open sesame", waiting_room=True)
    circle.invite("dora@example.org")
    code, config = code_of(circle), SipConfig.objects.get()
    text = text_of(staff, circle, q="bob@example.com")
    for told in (
        "Team meeting",
        "Alice Example",
        "owner",
        "Bob Example",
        "dora@example.org",
        "with the room&#x27;s password",
        "The waiting room is on: who comes now waits to be let in.",
        f"{str(code.code)[:8]}…",
    ):
        assert told in text, told
    for secret in (
        "open sesame",
        config.password,
        config.sip_id,
        *map(str, InviteCode.objects.values_list("code", flat=True)),
    ):
        assert secret not in text
    Room.objects.update(e2e_encryption=True)
    assert "The room is end-to-end encrypted: neither guests nor phones can enter" in text_of(staff, circle)


@pytest.mark.slow
def test_new_pin_is_asked_about_and_mailed(staff: Client, settings: Any) -> None:
    settings.CALL_IN_TEL = TEL
    circle = Circle()
    old, path = SipConfig.objects.get(), page_of(circle, "pin")
    page = ask(staff, path, {"is_told": "on"}).content.decode()
    assert "The PIN that people have now stops working at once." in page
    assert "2 mails will be sent" in page
    assert SipConfig.objects.get().password == old.password
    assert confirmed(staff, path, {"is_told": "on"}).status_code == 302
    new = SipConfig.objects.get()
    assert (new.sip_id, new.password == old.password) == (old.sip_id, False)
    told = OutgoingMail.objects.get(address="bob@example.com")
    assert told.message["event"]["call_in"]["sip_password"] == new.password
    assert told.message["changes"] == {"dial_in_pin": [True, True]}
    assert told.sequence == Event.objects.get().sequence == 1
    kinds = Activity.objects.filter(actor_kind="staff").order_by("position").values_list("kind", flat=True)
    assert list(kinds) == ["sip.updated", "event.updated"]
    assert new.password not in str(list(Activity.objects.values()))


@pytest.mark.slow
def test_new_pin_without_mails(staff: Client) -> None:
    circle = Circle()
    old = SipConfig.objects.get().password
    assert confirmed(staff, page_of(circle, "pin"), {}).status_code == 302
    assert SipConfig.objects.get().password != old
    assert not OutgoingMail.objects.exists()


def test_room_without_dial_in_has_no_pin_to_renew(staff: Client) -> None:
    circle = Circle()
    SipConfig.objects.all().delete()
    assert staff.post(page_of(circle, "pin")).status_code == 404
    assert "New PIN" not in text_of(staff, circle)


@pytest.mark.slow
def test_code_is_withdrawn_after_a_question(staff: Client, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = True
    circle = Circle()
    circle.invite("dora@example.org")
    doras = InviteCode.objects.get()
    path = page_of(circle, "codes", str(doras.pk))
    page = ask(staff, path, {}).content.decode()
    assert "Nobody can enter with 1 guest code any more." in page
    assert "dora@example.org" in page
    assert confirmed(staff, path, {}).status_code == 302
    doras.refresh_from_db()
    # People in the room see who changed it: staff may belong to another tenant.
    assert (doras.active, doras.updated_by) == (False, circle.alice)
    assert Activity.objects.get(kind="code.revoked").actor_name == "Admin Example"


def test_code_of_another_room_is_not_found(staff: Client) -> None:
    circle, other = Circle(), factories.event(factories.user("carl"))
    code = create_code(room=other.room, user=other.created_by, actor=Actor.by_api(other.created_by))
    assert staff.post(page_of(circle, "codes", str(code.pk))).status_code == 404
    code.refresh_from_db()
    assert code.active


def test_lock_out_is_lifted(staff: Client) -> None:
    circle = Circle()
    for client in ("call-in", "somebody"):
        Guess.objects.bulk_create(Guess(room=circle.event.room, client=client) for _number in range(6))
    assert "Locked out until" in text_of(staff, circle)
    answer = staff.post(page_of(circle, "guesses"), follow=True).content.decode()
    assert "Nobody has to wait: 12 wrong tries no longer count." in answer
    assert "None: nobody is locked out." in answer
    logged = Activity.objects.get(kind="room.unlocked")
    assert (logged.data, logged.actor_kind, logged.room_id) == ({"wrong_guesses": 12}, "staff", circle.event.room_id)


def test_few_or_old_wrong_tries_lock_nobody_out(staff: Client) -> None:
    circle = Circle()
    Guess.objects.create(room=circle.event.room, client="call-in")
    Guess.objects.create(room=circle.event.room, client="x", guessed_at=timezone.now() - timedelta(hours=2))
    text = text_of(staff, circle)
    assert "not locked out" in text
    assert "a guest, by the room" not in text


@pytest.mark.parametrize("where", ["pin", "guesses", "code"])
def test_who_may_only_look_changes_nothing_and_sees_no_buttons(where: str) -> None:
    circle = Circle()
    code, helper = code_of(circle), who_may("view_room")
    Guess.objects.create(room=circle.event.room, client="call-in")
    before = [*SipConfig.objects.values(), *InviteCode.objects.values(), *Guess.objects.values()]
    path = page_of(circle, "codes", str(code.pk)) if where == "code" else page_of(circle, where)
    assert helper.post(path).status_code == 403
    assert [*SipConfig.objects.values(), *InviteCode.objects.values(), *Guess.objects.values()] == before
    assert 'method="post"' not in text_of(helper, circle).partition('id="content"')[2]


def test_who_may_not_look_at_people_cannot_search_them() -> None:
    circle = Circle()
    factories.user("stranger")
    helper = who_may("view_room")
    assert "Nobody here has this name." in text_of(helper, circle, q="Stranger")
    assert "/admin/users/user/" not in text_of(helper, circle, q="Bob")


def test_page_is_for_who_may_look_at_rooms() -> None:
    assert who_may("view_event").get(page_of(Circle())).status_code == 403


def test_looking_is_done_by_get_and_doing_by_post(staff: Client) -> None:
    circle = Circle()
    assert staff.post(page_of(circle)).status_code == 405
    for where in ("pin", "guesses"):
        assert staff.get(page_of(circle, where)).status_code == 405
