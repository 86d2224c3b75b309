"""GET /v1/events?q=: words in title, description, names and addresses, in the caller's own events."""

import re
from typing import Any

import pytest
from django.db import connection

from events import access
from invites.models import EmailInvite
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.test_list_events import MONDAY, after, plan, titles
from tests.events.test_statements import fill_events
from tests.sweeps import examples, sweep
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def found(user: User, text: str, **query: Any) -> list[str]:
    return titles(user, q=text, **query)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("quarter", True),
        ("QUARTERLY", True),
        ("arterly", True),  # inside a word, too
        ("Übersicht", True),
        ("ÜBERSICHT", True),
        ("übersicht quarterly", True),  # every word, in any order and from any column
        ("übersicht monthly", False),
        ("  quarterly  ", True),
        ("straße", True),
        ("STRASSE", True),
        ("strasse", True),
        ("100%", True),
        ("10%0", False),  # no wildcards
        ("quarter_y", False),
        ("\\", False),
        ("", True),
        (" ", True),
        ("☃", False),
    ],
)
def test_words_of_title_and_description(alice: User, text: str, is_found: bool) -> None:
    plan(alice, "Quarterly REVIEW", description="Die übersicht,\n100% in der Großen Straße")
    assert found(alice, text) == (["Quarterly REVIEW"] if is_found else [])


@pytest.mark.slow
@sweep(
    "text",
    ["alice", "Alice Example", "ALICE@example.com", "bob", "bob@example", "ÖZGE", "özge yılmaz", "dora", "erik"],
    fast=4,
)
def test_names_and_addresses_of_everybody_in_it(text: str) -> None:
    circle = Circle()
    circle.invite(factories.user("oezge", first_name="Özge", last_name="Yılmaz", display_name="Ö. Y."))
    factories.user("erik", registered=False, email="e@example.org")
    circle.invite("e@example.org")
    circle.invite("Dora@Example.org")
    plan(factories.user("zacharias"), "Somebody else's")
    assert found(circle.bob, text) == ["Team meeting"]
    assert found(circle.bob, f"team {text}") == ["Team meeting"]


def test_words_may_come_from_different_people() -> None:
    circle = Circle()
    assert found(circle.alice, "alice bob meeting") == ["Team meeting"]
    assert found(circle.alice, "alice carl meeting") == []


def test_only_own_events_are_searched() -> None:
    circle = Circle()
    carl = factories.user("carl")
    plan(carl, "Team meeting of carl's")
    assert found(circle.bob, "team") == ["Team meeting"]
    assert found(factories.user("stranger"), "team") == []
    circle.api("creator").delete(f"{circle.path}/invites/{circle.bob.pk}")
    assert found(circle.bob, "team") == []


def test_disabled_people_are_not_found_as_they_are_not_shown() -> None:
    circle = Circle()
    User.objects.filter(pk=circle.bob.pk).update(disabled_since="2026-01-01T00:00:00Z")
    assert found(circle.alice, "bob") == []


@pytest.mark.slow
def test_who_is_uninvited_is_found_no_more() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    api = circle.api("creator")
    api.delete(f"{circle.path}/invites/{circle.bob.pk}")
    api.delete(f"{circle.path}/invites/email", {"email": "dora@example.org"})
    assert (found(circle.alice, "bob"), found(circle.alice, "dora")) == ([], [])


@pytest.mark.slow
def test_changes_are_found_at_once() -> None:
    circle = Circle()
    circle.api("creator").patch(circle.path, {"title": "Renamed"})
    assert (found(circle.bob, "team"), found(circle.bob, "renamed")) == ([], ["Renamed"])
    circle.api("creator").patch(circle.path, {"description": "With cake"})
    assert found(circle.bob, "cake") == ["Renamed"]
    Api(circle.bob).patch("/v1/users/me", {"display_name": "Der Baumeister"})
    assert found(circle.alice, "baumeister") == ["Renamed"]


def test_name_that_the_directory_gave_is_found() -> None:
    circle = Circle()
    circle.invite("erik@example.org")
    invite = EmailInvite.objects.get()
    invite.first_name = "Éric"
    invite.save(update_fields=["first_name"])
    assert found(circle.alice, "ÉRIC") == ["Team meeting"]


def test_order_filters_and_pages_are_those_of_the_list(alice: User) -> None:
    for number in range(3):
        plan(alice, f"Standup {number}", MONDAY if number else None, is_adhoc=number == 2)
        plan(alice, f"Other {number}")
    assert found(alice, "standup") == ["Standup 0", "Standup 1", "Standup 2"]
    assert found(alice, "standup", adhoc="false", time_independent="false") == ["Standup 1"]
    first = Api(alice).get("/v1/events", q="standup", per_page=2)
    assert "q=standup" in first["Link"]
    assert found(alice, "standup", per_page=2, after=after(first["Link"])) == ["Standup 2"]


@pytest.mark.parametrize("text", ["x" * 256, "nul\0"])
def test_text_that_no_row_can_hold_is_a_bad_request(alice: User, text: str) -> None:
    answer = Api(alice).get("/v1/events", q=text)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.slow
def test_many_words_are_one_statement(alice: User, django_assert_max_num_queries: Any) -> None:
    plan(alice, "x")
    with django_assert_max_num_queries(3):
        assert found(alice, " ".join(chr(97 + number % 26) + str(number) for number in range(60))) == []


@pytest.fixture
def others(circle: Circle) -> Circle:
    """Two people with many meetings."""
    others = Circle.__new__(Circle)
    others.alice, others.bob, others.event = factories.user("carl"), factories.user("dan"), circle.event
    fill_events(others, examples(300, 1000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return others


@pytest.fixture
def circle() -> Circle:
    return Circle()


def plan_of(user: User) -> str:
    return access.matching(access.agenda(user), "team nobody")[:31].explain()


@pytest.mark.slow
def test_only_the_callers_agenda_is_read(circle: Circle, others: Circle) -> None:
    """Whatever the size of the other tables: each is entered by an index, from the rows of one person's agenda."""
    plan = plan_of(circle.alice)
    tables = r"events_event|events_agenda|invites_eventinvite|invites_emailinvite|U\d"
    assert not re.search(rf"(Seq Scan on|SCAN) ({tables})\b", plan), plan
    assert len(re.findall(rf"(Scan using .* on|SEARCH) ({tables})\b", plan)) >= 2, plan


@pytest.mark.slow
def test_long_agenda_does_not_make_everybodys_invitations_worth_reading(circle: Circle, others: Circle) -> None:
    plan = plan_of(others.alice)
    assert not re.search(r"hashed|Seq Scan on invites|SCAN U\d", plan), plan
