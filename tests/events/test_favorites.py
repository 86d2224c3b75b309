"""PUT and DELETE /v1/users/me/event_favorites/{id} (contract 11)."""

import uuid

import pytest
from django.utils import timezone

from events import agenda
from events.models import Agenda, Favorite
from tests.circle import GUEST, Circle
from tests.events.changes import before_the_lock
from tests.sweeps import sweep
from tests.traces import Traces
from users.models import User

pytestmark = pytest.mark.django_db

ROLES = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 201),
    ("creator", 201),
]


def path(circle: Circle) -> str:
    return f"/v1/users/me/event_favorites/{circle.event.pk}"


@sweep(("who", "status"), ROLES, fast=3)
def test_everybody_in_it_may_mark_it(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).request("PUT", path(circle)).status_code == status
    assert Favorite.objects.exists() is (status == 201)


@sweep(("who", "status"), ROLES, fast=3)
def test_nobody_else_may_unmark_it(who: str, status: int) -> None:
    circle = Circle()
    expected = 404 if status == 201 else status  # nothing is marked so far
    assert circle.api(who).delete(path(circle)).status_code == expected


def test_unknown_event_is_forbidden_like_a_foreign_one() -> None:
    bob, unknown = Circle().api("invitee"), f"/v1/users/me/event_favorites/{uuid.uuid4()}"
    assert (bob.request("PUT", unknown).status_code, bob.delete(unknown).status_code) == (403, 403)


def test_event_of_a_disabled_person_is_forbidden_like_a_foreign_one() -> None:
    circle = Circle()
    User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
    assert circle.api("invitee").request("PUT", path(circle)).status_code == 403


def test_mark_shows_in_the_event_and_in_the_list_of_its_owner_alone() -> None:
    circle = Circle()
    alice, bob = circle.api("creator"), circle.api("invitee")
    answer = bob.request("PUT", path(circle))
    assert (answer.status_code, answer.content) == (201, b"")
    assert bob.get(circle.path).json()["is_favorite"] is True
    assert [row["id"] for row in bob.get("/v1/events", favorites="true").json()] == [str(circle.event.pk)]
    assert alice.get(circle.path).json()["is_favorite"] is False
    assert alice.get("/v1/events", favorites="true").json() == []


def test_second_mark_changes_nothing() -> None:
    circle = Circle()
    bob = circle.api("invitee")
    bob.request("PUT", path(circle))
    traces = Traces()
    answer = bob.request("PUT", path(circle))
    assert (answer.status_code, answer.content) == (204, b"")
    assert traces.is_empty()


@pytest.mark.slow
def test_unmarked_event_leaves_the_favourites_and_stays_in_the_list() -> None:
    circle = Circle()
    bob = circle.api("invitee")
    bob.request("PUT", path(circle))
    circle.api("creator").request("PUT", path(circle))
    answer = bob.delete(path(circle))
    assert (answer.status_code, answer.content) == (204, b"")
    assert bob.get("/v1/events", favorites="true").json() == []
    assert len(bob.get("/v1/events").json()) == 1
    assert Favorite.objects.get().user == circle.alice
    assert agenda.differences([circle.event]) == []


def test_what_is_no_favourite_is_not_found() -> None:
    circle = Circle()
    circle.api("creator").request("PUT", path(circle))
    traces = Traces()
    answer = circle.api("invitee").delete(path(circle))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert traces.is_empty()
    assert Favorite.objects.exists()


def test_only_its_owner_learns_of_it_and_nobody_is_mailed() -> None:
    circle = Circle()
    bob, traces = circle.api("invitee"), Traces()
    bob.request("PUT", path(circle))
    bob.delete(path(circle))
    assert traces.activities() == [("favorite.added", ["bob"]), ("favorite.removed", ["bob"])]
    assert traces.mails() == []
    assert Agenda.objects.get(user=circle.bob).is_favorite is False


def test_who_was_uninvited_meanwhile_has_no_favourite(monkeypatch):
    circle = Circle()
    invite = f"{circle.path}/invites/{circle.bob.pk}"
    before_the_lock(monkeypatch, lambda: circle.api("creator").delete(invite))
    assert circle.api("invitee").put(f"/v1/users/me/event_favorites/{circle.event.pk}").status_code == 403
    assert not Favorite.objects.exists()
