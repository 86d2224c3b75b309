"""users/find, users/{id} and GET users: who sees whom."""

import uuid

import pytest

from tests import factories
from tests.api import Api


@pytest.fixture
def alice(db):
    return factories.user("alice")


def find(user, text):
    answer = Api(user).get("/v1/users/find", q=text)
    assert answer.status_code == 200, answer.content
    return [found["email"] for found in answer.json()]


def test_registered_person_is_found_with_profile(alice):
    bob = factories.user("bob", title="Dr.")
    (found,) = Api(alice).get("/v1/users/find", q="bob").json()
    assert found == {
        "kind": "registered",
        "id": str(bob.pk),
        "email": "bob@example.com",
        "title": "Dr.",
        "firstname": "Bob",
        "lastname": "Example",
        "display_name": "Bob Example",
        "avatar_url": f"http://127.0.0.1:8000/v1/users/{bob.pk}/avatar",
    }


def test_account_that_never_used_the_api_is_found_without_id(alice):
    factories.user("charlie", registered=False)
    (found,) = Api(alice).get("/v1/users/find", q="charlie").json()
    assert found.pop("avatar_url").startswith("http://127.0.0.1:8000/v1/avatars/")
    assert found == {
        "kind": "unregistered",
        "email": "charlie@example.com",
        "firstname": "Charlie",
        "lastname": "Example",
    }


@pytest.mark.parametrize("text", ["Bobby", "bobBY", "Robert Ber", "ert berg", "b.berger@", "  bobby  ", "bob%by"])
def test_display_name_full_name_and_address_are_searched(alice, text):
    factories.user("b", email="b.berger@example.org", first_name="Robert", last_name="Berger", display_name="Bobby")
    assert find(alice, text) == ["b.berger@example.org"]


@pytest.mark.parametrize("text", ["özgür", "ÖZGÜR", "strasser"])
def test_letters_beyond_ascii_have_cases_on_every_database(alice, text):
    factories.user("b", first_name="Özgür", last_name="Straßer")
    factories.user("c", registered=False, first_name="özgür", last_name="STRASSER")
    assert find(alice, text) == ["b@example.com", "c@example.com"]


@pytest.mark.parametrize("text", ["b_b", "b\\b", "'; --", "🙂🙂🙂", "[a-z]"])
def test_signs_of_databases_mean_nothing(alice, text):
    factories.user("bob")
    assert find(alice, text) == []


def test_registered_people_come_first(alice):
    for name in ("sam1", "sam3"):
        factories.user(name, registered=False)
    factories.user("sam2")
    assert find(alice, "sam") == ["sam2@example.com", "sam1@example.com", "sam3@example.com"]


def test_who_searches_is_found_too(alice):
    assert find(alice, "alice") == ["alice@example.com"]


def test_disabled_people_are_not_found(alice):
    factories.user("bob", disabled_since="2026-11-23T09:00:00Z")
    factories.user("bobby", registered=False, disabled_since="2026-11-23T09:00:00Z")
    assert find(alice, "bob") == []


def test_people_of_another_tenant_are_not_found(alice):
    factories.user("bob", tenant=factories.tenant("another"))
    factories.user("bobby", registered=False, tenant=factories.tenant("another"))
    assert find(alice, "bob") == []


def test_no_more_than_the_limit(alice, settings):
    settings.USERS_FIND_LIMIT = 3
    for number in range(3):
        factories.user(f"bob{number}")
        factories.user(f"bobby{number}", registered=False)
    assert find(alice, "bob") == ["bob0@example.com", "bob1@example.com", "bob2@example.com"]


@pytest.mark.parametrize("text", ["", "ab", "  a  ", "%%%%", "a%%b", "äö"])
def test_text_that_is_too_short(alice, text):
    answer = Api(alice).get("/v1/users/find", q=text)
    assert (answer.status_code, answer.json()["code"]) == (400, "query_too_short")


def test_text_is_missing(alice):
    assert Api(alice).get("/v1/users/find").status_code == 400


@pytest.mark.parametrize("text", ["abc\x00", "x" * 256])
def test_text_that_nobody_has(alice, text):
    answer = Api(alice).get("/v1/users/find", q=text)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_only_the_database_is_searched(alice, settings):
    settings.USERS_FIND = "database"
    factories.user("bob")
    factories.user("bobby", registered=False)
    assert find(alice, "bob") == ["bob@example.com"]


def test_nobody_may_be_searched(alice, settings):
    settings.USERS_FIND = "disabled"
    assert Api(alice).get("/v1/users/find", q="alice").status_code == 404
    assert Api(alice).get("/v1/users").status_code == 404


@pytest.mark.parametrize("people", [1, 30])
def test_statements_of_a_search(alice, people, django_assert_max_num_queries):
    for number in range(people):
        factories.user(f"bob{number}", registered=number % 2 == 0)
    api = Api(alice)
    api.get("/v1/users/find", q="bob")
    with django_assert_max_num_queries(4):
        api.get("/v1/users/find", q="bob")


# ---- One of them ----


def test_profile_of_another(alice):
    bob = factories.user("bob")
    answer = Api(alice).get(f"/v1/users/{bob.pk}").json()
    assert (answer["id"], answer["email"]) == (str(bob.pk), "bob@example.com")
    assert "language" not in answer


@pytest.mark.parametrize(
    "who",
    [
        {"registered": False},
        {"disabled_since": "2026-11-23T09:00:00Z"},
        {"tenant": "another"},
        None,
    ],
    ids=["unregistered", "disabled", "other tenant", "nobody"],
)
def test_whoever_may_not_be_seen_looks_like_nobody(alice, who):
    if who and "tenant" in who:
        who = {"tenant": factories.tenant(who["tenant"])}
    user_id = factories.user("bob", **who).pk if who else uuid.uuid4()
    answer = Api(alice).get(f"/v1/users/{user_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_is_no_id(alice):
    assert (
        Api(alice).client.get("/v1/users/bob", headers={"Authorization": Api(alice).authorization}).status_code == 404
    )


# ---- All of them ----


def test_list_of_the_tenant_in_pages(alice):
    for name in ("bob", "charlie", "dora"):
        factories.user(name)
    factories.user("erin", registered=False)
    factories.user("frank", tenant=factories.tenant("another"))
    factories.user("grace", disabled_since="2026-11-23T09:00:00Z")
    first = Api(alice).get("/v1/users", per_page=3)
    assert [person["display_name"] for person in first.json()] == ["Alice Example", "Bob Example", "Charlie Example"]
    assert first["Link"] == (
        '<http://testserver/v1/users?per_page=3&page=2>; rel="next",'
        '<http://testserver/v1/users?per_page=3&page=2>; rel="last"'
    )
    second = Api(alice).get("/v1/users", per_page=3, page=2)
    assert [person["display_name"] for person in second.json()] == ["Dora Example"]
    assert Api(alice).get("/v1/users", page=9).json() == []


@pytest.mark.parametrize("query", [{"per_page": 0}, {"per_page": 101}, {"page": 0}, {"page": "x"}])
def test_page_that_does_not_exist(alice, query):
    assert Api(alice).get("/v1/users", **query).status_code == 400


@pytest.mark.parametrize(
    "path", ["/v1/users", "/v1/users/me/tariff", "/v1/users/me/pending_invites", "/v1/users/find?q=abc"]
)
def test_stranger_sees_nobody(db, path):
    assert Api().get(path).status_code == 401
