"""GET /v1/events/{id}/invites (contract 10.1, 2.6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events import access
from invites.models import EmailInvite, EventInvite
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from users.serializers import avatar_url, public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)


def crowd() -> Circle:
    """bob and three users, dora and two addresses, each invited a minute after the one before."""
    circle = Circle()
    for name in ("user1", "user2", "user3"):
        circle.invite(factories.user(name))
    for name in ("dora", "mail1", "mail2"):
        circle.invite(f"{name}@example.org")
    for model in (EventInvite, EmailInvite):
        for minute, row in enumerate(model.objects.order_by("created_at")):
            model.objects.filter(pk=row.pk).update(created_at=NOW + timedelta(minutes=minute))
    return circle


ALL = ["user3", "user2", "user1", "bob", "mail2", "mail1", "dora"]


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["profile"]["email"].partition("@")[0] for row in answer.json()]


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_people_in_it_see_who_is_invited(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(f"{circle.path}/invites").status_code == status


def test_whole_answer() -> None:
    circle = Circle()
    circle.invite("dora@example.org", role="moderator")
    factories.user("erik", registered=False, email="erik@example.org")
    circle.invite("erik@example.org")
    circle.api("invitee").patch(f"{circle.path}/invite", {"status": "tentative"})
    bob = public_profile(circle.bob) | {"id": str(circle.bob.pk)}
    erik = {"kind": "unregistered", "email": "erik@example.org", "firstname": "Erik", "lastname": "Example"}
    dora = {"kind": "email", "email": "dora@example.org", "avatar_url": avatar_url("dora@example.org")}
    assert circle.api("creator").get(f"{circle.path}/invites").json() == [
        {"profile": {"kind": "registered", **bob, "role": "user"}, "status": "tentative"},
        {
            "profile": erik | {"avatar_url": avatar_url("erik@example.org"), "role": "guest"},
            "status": "pending",
        },
        {"profile": dora | {"role": "moderator"}, "status": "pending"},
    ]


@pytest.mark.slow
def test_users_come_before_addresses_and_the_newest_first() -> None:
    circle = crowd()
    answer = circle.api("creator").get(f"{circle.path}/invites")
    assert names(answer) == ALL
    assert "Link" not in answer


@pytest.mark.slow
@sweep("per_page", [1, 2, 3, 4, 5, 6, 7, 100], fast=3)
def test_pages_run_over_both_kinds(per_page: int) -> None:
    circle = crowd()
    api, seen = circle.api("creator"), []
    last = -(-len(ALL) // per_page)
    for page in range(1, last + 1):
        answer = api.get(f"{circle.path}/invites", per_page=per_page, page=page)
        seen.append(names(answer))
        relations = [part.split('rel="')[1].rstrip('"') for part in answer.get("Link", "").split(",") if part]
        expected = (["first", "prev"] if page > 1 else []) + (["next", "last"] if page < last else [])
        assert relations == expected
    assert seen == [ALL[start : start + per_page] for start in range(0, len(ALL), per_page)]
    beyond = api.get(f"{circle.path}/invites", per_page=per_page, page=last + 1)
    assert names(beyond) == []
    assert f'page={last}>; rel="prev"' in beyond["Link"]


@pytest.mark.slow
def test_link_keeps_the_query_and_ends_with_the_page() -> None:
    circle = crowd()
    answer = circle.api("creator").get(f"{circle.path}/invites?page=2&per_page=2&status=pending&status=accepted")
    url = f"http://testserver{circle.path}/invites?per_page=2&status=pending&status=accepted&page="
    assert answer["Link"] == (f'<{url}1>; rel="first",<{url}1>; rel="prev",<{url}3>; rel="next",<{url}4>; rel="last"')


@pytest.mark.slow
@sweep(
    ("status", "expected"),
    [
        ("accepted", ["bob"]),
        ("tentative", ["dora"]),
        ("declined", ["mail1"]),
        ("pending", ["user3", "user2", "user1", "mail2"]),
        (["accepted", "declined"], ["bob", "mail1"]),
        ("accepted,declined", ["bob", "mail1"]),
        ("", ALL),
    ],
    fast=4,
)
def test_status_filters_users_and_addresses(status: Any, expected: list[str]) -> None:
    circle = crowd()
    EventInvite.objects.filter(invitee=circle.bob).update(status="accepted")
    EmailInvite.objects.filter(email="dora@example.org").update(status="tentative")
    EmailInvite.objects.filter(email="mail1@example.org").update(status="declined")
    assert names(circle.api("creator").get(f"{circle.path}/invites", status=status)) == expected


@pytest.mark.parametrize(
    "query", [{"status": "maybe"}, {"page": 0}, {"page": -1}, {"per_page": 0}, {"per_page": 101}, {"page": "x"}]
)
def test_wrong_query_is_a_bad_request(query: dict[str, Any]) -> None:
    circle = Circle()
    answer = circle.api("creator").get(f"{circle.path}/invites", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_nobody_invited_is_an_empty_list() -> None:
    alice = factories.user("alice")
    answer = Api(alice).get(f"/v1/events/{factories.event(alice).pk}/invites")
    assert (names(answer), "Link" in answer) == ([], False)


@pytest.mark.slow
def test_reading_rows_asks_no_other_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is for who shows them: a query may be read inside a transaction, or to be counted."""
    circle = crowd()
    settings.DIRECTORY = "keycloak"
    monkeypatch.setattr("outgoing.http.request", pytest.fail)
    rows = list(access.email_invites().filter(event=circle.event))
    assert len(rows) == 3
