"""PATCH /v1/events/{id}/invites/{user_id} and …/invites/email (contract 10.3, 10.6)."""

import uuid
from typing import Any

import pytest

from events import agenda
from invites.models import EmailInvite, EventInvite
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

ROLES = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 403),
    ("creator", 204),
]
DORA = "dora@example.org"


def circle_with_dora() -> Circle:
    circle = Circle()
    circle.invite(DORA)
    return circle


def change(circle: Circle, who: Any, body: Any) -> Any:
    """By id, or by address in the body."""
    api = circle.api("creator")
    if isinstance(who, str):
        return api.patch(f"{circle.path}/invites/email", {"email": who} | body)
    return api.patch(f"{circle.path}/invites/{who}", body)


def role_of_bob() -> str:
    return EventInvite.objects.get(invitee__username="bob").role


@sweep(("who", "status"), ROLES, fast=2)
def test_only_the_creator_may_change_a_role(who: str, status: int) -> None:
    circle = Circle()
    answer = circle.api(who).patch(f"{circle.path}/invites/{circle.bob.pk}", {"role": "moderator"})
    assert (answer.status_code, role_of_bob()) == (status, "moderator" if status == 204 else "user")


@sweep(("who", "status"), ROLES, fast=2)
def test_only_the_creator_may_change_the_role_of_an_address(who: str, status: int) -> None:
    circle = circle_with_dora()
    answer = circle.api(who).patch(f"{circle.path}/invites/email", {"email": DORA, "role": "moderator"})
    expected = "moderator" if status == 204 else "guest"
    assert (answer.status_code, EmailInvite.objects.get().role) == (status, expected)


@pytest.mark.slow
def test_invited_moderator_may_not_change_roles() -> None:
    circle = Circle()
    circle.invite(factories.user("carl"))
    change(circle, circle.bob.pk, {"role": "moderator"})
    carl = EventInvite.objects.get(invitee__username="carl")
    assert (
        circle.api("invitee").patch(f"{circle.path}/invites/{carl.invitee_id}", {"role": "moderator"}).status_code
        == 403
    )


@pytest.mark.slow
def test_role_is_shown_logged_and_not_mailed() -> None:
    circle = Circle()
    traces = Traces()
    answer = change(circle, circle.bob.pk, {"role": "moderator"})
    assert (answer.status_code, answer.content) == (204, b"")
    (row,) = circle.api("invitee").get(f"{circle.path}/invites").json()
    assert row["profile"]["role"] == "moderator"
    assert traces.activities() == [("invite.updated", ["alice", "bob"])]
    activity = traces.last("invite.updated")
    assert activity.changes == {"role": ["user", "moderator"]}
    assert activity.data == {"address": "bob@example.com", "invitee_id": str(circle.bob.pk), "role": "moderator"}
    assert traces.mails() == []
    assert agenda.differences([circle.event]) == []
    assert change(circle, circle.bob.pk, {"role": "user"}).status_code == 204
    assert role_of_bob() == "user"


@pytest.mark.parametrize(("role", "stored"), [("moderator", "moderator"), ("guest", "guest"), ("user", "guest")])
def test_address_is_changed_whatever_its_case(role: str, stored: str) -> None:
    circle = circle_with_dora()
    EmailInvite.objects.update(role="guest" if stored == "moderator" else "moderator")
    traces = Traces()
    assert change(circle, "Dora@Example.ORG", {"role": role}).status_code == 204
    assert EmailInvite.objects.get().role == stored
    assert traces.activities() == [("invite.updated", ["alice"])]
    assert traces.mails() == []


@pytest.mark.parametrize(("role", "stored"), [("moderator", "moderator"), ("guest", "user")])
def test_address_of_a_user_changes_his_invitation(role: str, stored: str) -> None:
    circle = Circle()
    EventInvite.objects.update(role="user" if stored == "moderator" else "moderator")
    assert change(circle, "Bob@Example.com", {"role": role}).status_code == 204
    assert role_of_bob() == stored


@pytest.mark.slow
@pytest.mark.parametrize("by_address", [False, True])
def test_without_a_role_nothing_changes(by_address: bool) -> None:
    circle = circle_with_dora()
    traces = Traces()
    assert change(circle, DORA if by_address else circle.bob.pk, {}).status_code == 204
    assert circle.api("creator").patch(f"{circle.path}/invites/{circle.bob.pk}").status_code == 204
    assert change(circle, circle.bob.pk, {"role": "user"}).status_code == 204
    assert traces.is_empty()


@pytest.mark.slow
def test_who_is_not_invited_is_not_found() -> None:
    circle, carl = Circle(), factories.user("carl")
    other = factories.event(circle.alice)
    circle.invite(carl, event=other)
    traces = Traces()
    for who in (carl.pk, circle.alice.pk, uuid.uuid4(), DORA, "carl@example.com"):
        answer = change(circle, who, {"role": "moderator"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert traces.is_empty()


@pytest.mark.parametrize("role", ["guest", "creator", "", None, 5, ["user"]])
def test_user_has_the_roles_of_users(role: Any) -> None:
    circle = Circle()
    answer = change(circle, circle.bob.pk, {"role": role})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [entry["field"] for entry in answer.json()["validation_errors"]] == ["role"]


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (None, 400, ["email"]),
        ({}, 400, ["email"]),
        ({"role": "owner"}, 400, ["email", "role"]),
        ({"email": 5, "role": "moderator"}, 400, ["email"]),
        ({"email": DORA, "role": 5}, 400, ["role"]),
        ({"email": "d" * 256 + "@example.org", "role": "moderator"}, 422, ["email"]),
    ],
)
def test_every_wrong_member_is_named(body: Any, status: int, fields: list[str]) -> None:
    circle = circle_with_dora()
    answer = circle.api("creator").patch(f"{circle.path}/invites/email", body)
    assert answer.status_code == status
    assert sorted({entry["field"] for entry in answer.json()["validation_errors"]}) == fields


@pytest.mark.slow
def test_first_sign_in_brings_the_new_role() -> None:
    circle = circle_with_dora()
    change(circle, DORA, {"role": "moderator"})
    dora = factories.user("dora", registered=False, email=DORA)
    Api(dora).get("/v1/users/me")
    assert EventInvite.objects.get(invitee=dora).role == "moderator"
