"""PATCH and DELETE /v1/events/{id}/invite (contract 10.7, 10.8)."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from activity.models import Activity
from events import answers
from events.models import Agenda
from events.services.invitations import Proposal, Received, answer_invite
from invites.models import EmailInvite, EventInvite, Reply
from invites.signals import answered
from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import before_the_lock
from tests.sweeps import sweep
from tests.traces import Traces
from users.oidc.claims import Claims
from users.services import provision_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
OCCURRENCE = datetime(2026, 11, 30, 9, tzinfo=UTC)
ROLES = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 204),
    ("creator", 403),
]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@sweep(("who", "status"), ROLES, fast=2)
def test_only_who_is_invited_answers(who: str, status: int, method: str) -> None:
    circle = Circle()
    answer = circle.api(who).request(method, f"{circle.path}/invite")
    assert answer.status_code == status
    assert Reply.objects.exists() is (status == 204)


def test_unknown_event_is_forbidden() -> None:
    assert Circle().api("invitee").patch(f"/v1/events/{uuid.uuid4()}/invite").status_code == 403


@time_machine.travel(NOW, tick=False)
def test_patch_without_body_and_content_type_accepts() -> None:
    circle = Circle()
    traces = Traces()
    answer = circle.api("invitee").patch(f"{circle.path}/invite")
    assert (answer.status_code, answer.content) == (204, b"")
    assert traces.activities() == [("invite.answered", ["alice", "bob"])]
    assert traces.last("invite.answered").data == {
        "address": "bob@example.com",
        "invitee_id": str(circle.bob.pk),
        "status": "accepted",
        "comment": "",
        "occurrence": None,
        "invited_address": "bob@example.com",
        "is_by_invitee": True,
        "former_status": "pending",
    }
    reply = Reply.objects.get()
    values = {field: getattr(reply, field) for field in ("address", "status", "comment", "via", "sequence", "dtstamp")}
    assert values == {
        "address": "bob@example.com",
        "status": "accepted",
        "comment": "",
        "via": "api",
        "sequence": 0,
        "dtstamp": NOW,
    }
    assert (reply.event_invite.invitee, reply.occurrence, reply.is_stale) == (circle.bob, None, False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, "accepted"),
        ({"status": "accepted"}, "accepted"),
        ({"status": "tentative"}, "tentative"),
        ({"status": "declined", "comment": "Zahnarzt 🦷"}, "declined"),
        ({"unknown": 1}, "accepted"),
    ],
)
def test_body_may_say_it_more_exactly(body: dict[str, Any], status: str) -> None:
    circle = Circle()
    assert circle.api("invitee").patch(f"{circle.path}/invite", body).status_code == 204
    reply = Reply.objects.get()
    assert (EventInvite.objects.get().status, reply.status, reply.comment) == (status, status, body.get("comment", ""))
    assert Agenda.objects.get(user=circle.bob).invite_status == status
    assert Agenda.objects.get(user=circle.alice).invite_status == "accepted"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "pending"}, 400),
        ({"status": "maybe"}, 400),
        ({"status": None}, 400),
        ({"comment": 5}, 400),
        ({"comment": "x" * 1001}, 422),
        ({"comment": "\0"}, 422),
        ([], 400),
    ],
)
def test_other_answers_are_refused(body: Any, status: int) -> None:
    circle = Circle()
    traces = Traces()
    assert circle.api("invitee").patch(f"{circle.path}/invite", body).status_code == status
    assert traces.is_empty()
    assert not Reply.objects.exists()


def test_delete_declines_and_keeps_access() -> None:
    circle = Circle()
    bob = circle.api("invitee")
    assert bob.delete(f"{circle.path}/invite").status_code == 204
    assert bob.get(circle.path).json()["invite_status"] == "declined"
    assert bob.get(circle.room_path).status_code == 200


@pytest.mark.slow
def test_the_last_answer_counts_and_all_are_kept() -> None:
    circle = Circle()
    bob = circle.api("invitee")
    bob.delete(f"{circle.path}/invite")
    circle.api("creator").patch(circle.path, {"title": "Other"})
    bob.patch(f"{circle.path}/invite", {"status": "tentative"})
    bob.patch(f"{circle.path}/invite")
    rows = Reply.objects.order_by("received_at").values_list("status", "sequence")
    assert list(rows) == [("declined", 0), ("tentative", 1), ("accepted", 1)]
    assert EventInvite.objects.get().status == "accepted"


def test_answer_mails_nobody() -> None:
    circle = Circle()
    traces = Traces()
    circle.api("invitee").patch(f"{circle.path}/invite")
    circle.api("invitee").delete(f"{circle.path}/invite")
    assert traces.mails() == []


@time_machine.travel(NOW, tick=False)
def test_past_events_are_answered_too() -> None:
    past = factories.schedule(
        starts_at=datetime(2025, 11, 24, 9, tzinfo=UTC), ends_at=datetime(2025, 11, 24, 10, tzinfo=UTC)
    )
    circle = Circle(schedule=past)
    assert circle.api("invitee").patch(f"{circle.path}/invite").status_code == 204


def test_answer_leaves_sequence_and_others_alone() -> None:
    circle, carl = Circle(), factories.user("carl")
    circle.invite(carl)
    circle.api("invitee").patch(f"{circle.path}/invite")
    circle.event.refresh_from_db()
    assert circle.event.sequence == 0
    assert EventInvite.objects.get(invitee=carl).status == "pending"


@pytest.mark.parametrize(("gone", "status"), [("invites/{bob}", 403), ("", 404)])
def test_who_is_not_in_it_any_more_answers_nothing(monkeypatch: pytest.MonkeyPatch, gone: str, status: int) -> None:
    """The un-invitation, or the deletion, came when the answer had been read."""
    circle = Circle()
    path = f"{circle.path}/{gone.format(bob=circle.bob.pk)}".rstrip("/")
    before_the_lock(monkeypatch, lambda: circle.api("creator").delete(path))
    traces = Traces()
    assert circle.api("invitee").patch(f"{circle.path}/invite").status_code == status
    assert not Reply.objects.exists()
    assert "invite.answered" not in dict(traces.activities())


def test_answer_to_an_address_reaches_the_account_that_has_claimed_it(
    monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    settings.OIDC_IS_EMBEDDED = False
    circle = Circle()
    circle.invite("dora@example.org")
    waiting = EmailInvite.objects.get()
    claims = Claims(sub="dora", email="dora@example.org", given_name="Dora", family_name="Dorn")
    before_the_lock(monkeypatch, lambda: provision_user(claims=claims))
    answer_invite(invite=waiting, status="accepted", actor=Actor.by_api(circle.alice), via="page")
    assert EventInvite.objects.get(invitee__email="dora@example.org").status == "accepted"


@time_machine.travel(NOW, tick=False)
def test_answer_keeps_what_its_calendar_object_says() -> None:
    circle = Circle()
    answered_at = datetime(2026, 9, 30, 8, tzinfo=UTC)
    starts_at, ends_at = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)
    answer_invite(
        invite=circle.event.invites.get(),
        status="tentative",
        actor=Actor.by_api(circle.bob),
        via="mail",
        proposal=Proposal(starts_at=starts_at, ends_at=ends_at, zone="Europe/Berlin"),
        received=Received(sequence=7, dtstamp=answered_at, message_id="<1@example.com>"),
    )
    names = (
        "event_id", "invited_address", "address", "status", "proposed_starts_at", "proposed_ends_at", "proposed_zone",
        "sequence", "dtstamp", "message_id", "is_stale", "received_at",
    )  # fmt: skip
    assert Reply.objects.values_list(*names).get() == (
        circle.event.pk, "bob@example.com", "bob@example.com", "tentative", starts_at, ends_at, "Europe/Berlin",
        7, answered_at, "<1@example.com>", False, NOW,
    )  # fmt: skip


@pytest.fixture
def told() -> Iterator[list[Reply]]:
    """The answers that other apps hear of."""
    heard: list[Reply] = []

    def hear(sender: Any, reply: Reply, **_more: Any) -> None:
        heard.append(reply)

    answered.connect(hear)
    yield heard
    answered.disconnect(hear)


def test_other_apps_hear_of_answers_to_the_event_as_it_is_now(told: list[Reply]) -> None:
    circle = Circle()
    invite, stale = circle.event.invites.get(), Received(sequence=0, dtstamp=NOW, is_stale=True)
    for address, received in (("", None), ("boss@example.com", None), ("", stale)):
        answer_invite(
            invite=invite,
            status="accepted",
            actor=Actor.by_api(circle.bob),
            via="mail",
            address=address,
            received=received,
        )
    assert [(reply.address, reply.is_by_invitee) for reply in told] == [
        ("bob@example.com", True),
        ("boss@example.com", False),
    ]


def test_stale_answer_is_kept_and_changes_nothing() -> None:
    circle = Circle()
    traces = Traces()
    invite, received = circle.event.invites.get(), Received(sequence=0, dtstamp=NOW, is_stale=True)
    answer_invite(invite=invite, status="accepted", actor=Actor.by_api(circle.bob), via="mail", received=received)
    assert traces.is_empty()
    assert circle.event.invites.get().status == "pending"
    assert Agenda.objects.get(user=circle.bob).invite_status == "pending"
    assert Reply.objects.get().is_stale


@pytest.mark.parametrize(
    "how",
    [
        {"address": "carol@example.com"},
        {"address": "bob@example.com", "received": Received(sequence=0, dtstamp=NOW, is_by_invitee=False)},
    ],
    ids=["another address", "sender unproven"],
)
@pytest.mark.parametrize("occurrence", [None, OCCURRENCE])
def test_answer_of_somebody_else_is_told_and_is_not_the_invitees(how: Any, occurrence: datetime | None) -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    traces, actor = Traces(), Actor.by_service("test")
    invite = circle.event.invites.get()
    answer_invite(invite=invite, status="accepted", actor=actor, via="page", occurrence=occurrence, **how)
    reply = Reply.objects.get()
    assert (reply.address, reply.invited_address, reply.is_by_invitee) == (how["address"], "bob@example.com", False)
    assert traces.activities() == [("invite.answered", ["alice", "bob"])]
    data = traces.last("invite.answered").data
    assert (data["address"], data["invited_address"], data["is_by_invitee"]) == (
        how["address"],
        "bob@example.com",
        False,
    )
    assert circle.event.invites.get().status == "pending"
    assert Agenda.objects.get(user=circle.bob).invite_status == "pending"
    assert answers.to_occurrences(circle.event) == {}


def test_name_of_somebody_else_is_kept() -> None:
    circle = Circle()
    how = {"actor": Actor.by_page(name="Zoe Zander"), "via": "page", "address": "zoe@example.org"}
    answer_invite(invite=circle.event.invites.get(), status="accepted", name="Zoe Zander", **how)
    reply = Reply.objects.get()
    assert (reply.name, reply.address, reply.is_by_invitee) == ("Zoe Zander", "zoe@example.org", False)
    row = Activity.objects.get(kind="invite.answered")
    assert (row.actor_kind, row.actor_name, row.via) == ("guest", "Zoe Zander", "page")


def test_invitees_address_in_another_spelling_is_the_invitees() -> None:
    circle = Circle()
    actor, invite = Actor.by_service("test"), circle.event.invites.get()
    answer_invite(invite=invite, status="accepted", actor=actor, via="mail", address="Bob@EXAMPLE.com")
    assert circle.event.invites.get().status == "accepted"


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["", "/invites/{bob}", "/invites/email"])
def test_answer_outlives_its_invitation_and_the_event(gone: str) -> None:
    circle = Circle()
    circle.api("invitee").patch(f"{circle.path}/invite")
    path = circle.path + gone.format(bob=circle.bob.pk)
    assert circle.api("creator").delete(path, {"email": circle.bob.email}).status_code == 204
    reply = Reply.objects.get()
    assert (reply.event_id, reply.invited_address, reply.status) == (circle.event.pk, "bob@example.com", "accepted")
    assert (reply.event_invite, reply.email_invite) == (None, None)


@pytest.mark.slow
def test_who_is_invited_again_has_not_answered_yet() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.api("invitee").patch(f"{circle.path}/invite")
    circle.api("creator").delete(f"{circle.path}/invites/{circle.bob.pk}")
    circle.invite(circle.bob)
    assert not circle.event.invites.get().replies.exists()
