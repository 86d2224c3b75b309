"""Tickets are good once, for half a minute, and only for who may still enter."""

import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError

from activity.actors import Actor
from events.services.events import delete_event
from events.services.invitations import uninvite_user
from invites.models import InviteCode
from invites.services import create_code, revoke_code
from rooms.services import create_sip_config, update_room
from signaling.models import Ticket
from signaling.tickets import Admission, InvalidTicket, Issued, issue_ticket, redeem_ticket
from tests import factories
from tests.circle import Circle
from users.models import User
from users.services import update_account

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
# The characters of an HTTP token (RFC 9110 5.6.2), of which browsers take a subprotocol to be made.
TOKEN_CHARACTERS = set(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")


@pytest.fixture(autouse=True)
def _reached_by_phone(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"


class Door:
    """A room and who stands before it."""

    def __init__(self, **fields: Any) -> None:
        self.circle = Circle(**fields)
        self.alice, self.bob, self.room = self.circle.alice, self.circle.bob, self.circle.event.room
        self.actor = Actor.by_api(self.alice)
        self.code: InviteCode = create_code(room=self.room, user=self.alice, actor=self.actor)

    def ticket(self, who: str = "invitee", *, resumption: str | None = None) -> Issued:
        holders: dict[str, Any] = {
            "creator": {"user": self.alice},
            "invitee": {"user": self.bob},
            "guest": {"code": self.code},
            "caller": {},
        }
        self.room.refresh_from_db()
        return issue_ticket(room=self.room, resumption=resumption, **holders[who])

    def enter(self, who: str = "invitee", *, resumption: str | None = None) -> tuple[Admission, Issued]:
        issued = self.ticket(who, resumption=resumption)
        return redeem_ticket(text=issued.ticket), issued

    def disable(self, user: User) -> None:
        update_account(user=user, actor=self.actor, disabled_since=NOW)


@pytest.mark.parametrize(
    ("who", "kind"), [("creator", "user"), ("invitee", "user"), ("guest", "guest"), ("caller", "sip")]
)
def test_ticket_says_who_comes_and_where_to(who: str, kind: str) -> None:
    door = Door(password="open sesame")
    admission, issued = door.enter(who)
    ticket = admission.ticket
    assert ticket.room == door.room
    assert (ticket.kind, ticket.is_resuming) == (kind, False)
    assert ticket.user == {"creator": door.alice, "invitee": door.bob}.get(who)
    assert ticket.invite_code == (door.code if who == "guest" else None)
    assert set(f"ticket#{issued.ticket}") <= TOKEN_CHARACTERS


# --- Once, and soon ---


def test_ticket_is_used_once() -> None:
    issued = Door().ticket()
    redeem_ticket(text=issued.ticket)
    with pytest.raises(InvalidTicket):
        redeem_ticket(text=issued.ticket)


@pytest.mark.parametrize(("seconds", "is_good"), [(29, True), (30, False), (31, False)])
def test_ticket_is_good_for_half_a_minute(seconds: int, is_good: bool) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        issued = Door().ticket()
        clock.shift(seconds)
        if is_good:
            redeem_ticket(text=issued.ticket)
            return
        with pytest.raises(InvalidTicket):
            redeem_ticket(text=issued.ticket)


@pytest.mark.parametrize("text", ["", "x", "0" * 64, "\0", "ä" * 64])
def test_text_that_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(InvalidTicket):
        redeem_ticket(text=text)


def test_neither_digest_nor_resumption_token_is_a_ticket() -> None:
    issued = Door().ticket()
    row = Ticket.objects.get()
    for text in (issued.resumption, row.digest, row.resumption_digest, issued.ticket.upper(), issued.ticket + " "):
        with pytest.raises(InvalidTicket):
            redeem_ticket(text=text)


# --- Rights are read again ---


def is_let_in(issued: Issued) -> bool:
    try:
        redeem_ticket(text=issued.ticket)
    except InvalidTicket:
        return False
    return True


def test_person_who_was_disabled_does_not_enter() -> None:
    door = Door()
    issued = door.ticket()
    door.disable(door.bob)
    assert not is_let_in(issued)


def test_person_who_was_uninvited_does_not_enter() -> None:
    door = Door()
    issued = door.ticket()
    uninvite_user(event=door.circle.event, user_id=door.bob.pk, actor=door.actor, suppress_mail=True)
    assert not is_let_in(issued)


@pytest.mark.parametrize("who", ["creator", "invitee", "guest", "caller"])
def test_nobody_enters_a_room_that_was_deleted(who: str) -> None:
    door = Door()
    issued = door.ticket(who)
    delete_event(event=door.circle.event, actor=door.actor, suppress_mail=True)
    assert not Ticket.objects.exists()
    assert not is_let_in(issued)


@pytest.mark.parametrize("who", ["creator", "invitee", "guest", "caller"])
def test_nobody_enters_a_room_whose_creator_was_disabled(who: str) -> None:
    door = Door()
    issued = door.ticket(who)
    door.disable(door.alice)
    assert not is_let_in(issued)


@pytest.mark.parametrize("why", ["revoked", "expired"])
def test_guest_whose_code_is_over_does_not_enter(why: str) -> None:
    door = Door()
    issued = door.ticket("guest")
    if why == "revoked":
        revoke_code(code=door.code, user=door.alice, actor=door.actor)
    else:
        InviteCode.objects.update(expiration=datetime(2020, 1, 1, tzinfo=UTC))
    assert not is_let_in(issued)


@pytest.mark.parametrize(
    ("before", "after", "guest_enters"),
    [("one", "one", True), ("one", "two", False), ("", "one", False), ("one", "", True), ("", "", True)],
)
def test_guest_enters_only_by_the_password_that_holds_now(before: str, after: str, guest_enters: bool) -> None:
    door = Door(password=before)
    guest, person = door.ticket("guest"), door.ticket("invitee")
    update_room(room=door.room, actor=door.actor, password=after)
    assert is_let_in(guest) == guest_enters
    assert is_let_in(person)


@pytest.mark.parametrize("why", ["another PIN", "no dial-in", "encrypted", "feature is off", "no number"])
def test_caller_enters_only_by_the_dial_in_that_holds_now(why: str, settings: Any) -> None:
    door = Door()
    issued = door.ticket("caller")
    config = door.room.sip_config
    match why:
        case "another PIN":
            config.delete()
            create_sip_config(room=door.room)
        case "no dial-in":
            config.delete()
        case "encrypted":
            update_room(room=door.room, actor=door.actor, e2e_encryption=True)
        case "feature is off":
            settings.DISABLED_FEATURES = ["core::call_in"]
        case "no number":
            settings.CALL_IN_TEL = ""
    assert not is_let_in(issued)


def test_room_password_is_no_matter_to_callers() -> None:
    door = Door()
    issued = door.ticket("caller")
    update_room(room=door.room, actor=door.actor, password="open sesame")
    assert is_let_in(issued)


def test_ticket_that_was_refused_is_not_used_up() -> None:
    """Its holder gets in when invited again in time."""
    door = Door()
    issued = door.ticket()
    uninvite_user(event=door.circle.event, user_id=door.bob.pk, actor=door.actor, suppress_mail=True)
    assert not is_let_in(issued)
    door.circle.invite(door.bob)
    assert is_let_in(issued)


# --- Coming back ---


@pytest.mark.parametrize("who", ["creator", "invitee", "guest", "caller"])
def test_participant_comes_back_as_the_same(who: str) -> None:
    door = Door()
    first, issued = door.enter(who)
    second, _issued = door.enter(who, resumption=issued.resumption)
    assert second.ticket.participant_id == first.ticket.participant_id
    assert second.ticket.is_resuming


@pytest.mark.parametrize(("seconds", "is_same"), [(119, True), (120, False), (3600, False)])
def test_place_is_kept_for_two_minutes(seconds: int, is_same: bool) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        door = Door()
        first, issued = door.enter()
        clock.shift(timedelta(seconds=seconds))
        second, _issued = door.enter(resumption=issued.resumption)
        assert (second.ticket.participant_id == first.ticket.participant_id) == is_same


def is_new(door: Door, who: str, resumption: str) -> bool:
    places = set(Ticket.objects.values_list("participant_id", flat=True))
    admission, _issued = door.enter(who, resumption=resumption)
    assert not admission.ticket.is_resuming or admission.ticket.participant_id in places
    return admission.ticket.participant_id not in places


def test_resumption_token_is_used_once() -> None:
    door = Door()
    _first, issued = door.enter()
    assert not is_new(door, "invitee", issued.resumption)
    assert is_new(door, "invitee", issued.resumption)


def test_resumption_token_of_a_ticket_that_was_not_used_keeps_no_place() -> None:
    door = Door()
    assert is_new(door, "invitee", door.ticket().resumption)


def test_resumption_token_is_good_for_its_holder_only() -> None:
    door = Door()
    _admission, issued = door.enter("invitee")
    for who in ("creator", "guest", "caller"):
        assert is_new(door, who, issued.resumption)
    assert not is_new(door, "invitee", issued.resumption)


def test_resumption_token_is_good_in_its_room_only() -> None:
    door = Door()
    _admission, issued = door.enter("creator")
    other = factories.event(door.alice).room
    ticket = issue_ticket(room=other, user=door.alice, resumption=issued.resumption).ticket
    assert not redeem_ticket(text=ticket).ticket.is_resuming


@pytest.mark.parametrize("resumption", ["", "x", "0" * 64])
def test_resumption_token_that_is_no_good_is_passed_over(resumption: str) -> None:
    assert is_new(Door(), "invitee", resumption)


# --- The row ---


@pytest.mark.parametrize("kind", ["user", "guest", "sip", "recorder"])
@pytest.mark.parametrize("has_user", [True, False])
@pytest.mark.parametrize("has_code", [True, False])
def test_database_holds_kind_and_holder_together(kind: str, has_user: bool, has_code: bool) -> None:
    door = Door()
    ticket = Ticket(
        digest="1",
        resumption_digest="1",
        room=door.room,
        kind=kind,
        user=door.bob if has_user else None,
        invite_code=door.code if has_code else None,
        participant_id=uuid.uuid4(),
        expires_at=NOW,
    )
    if (has_user, has_code) == {
        "user": (True, False),
        "guest": (False, True),
        "sip": (False, False),
        "recorder": (False, False),
    }[kind]:
        ticket.save()
        return
    with pytest.raises(IntegrityError):
        ticket.save()
