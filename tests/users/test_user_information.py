"""Access tokens that do not say whose they are: the issuer is asked, once per token."""

import pytest

from tests.local_server import Reply
from tests.users.issuer import ALICE, USERINFO, ask
from users.models import User

pytestmark = pytest.mark.django_db
NAMELESS = {"email": None, "given_name": None, "family_name": None}


@pytest.fixture
def asked_issuer(issuer):
    issuer.person = ALICE | {"x_grp": ["staff"]}
    return issuer


def test_person_comes_from_the_issuer(asked_issuer):
    answer = asked_issuer.get(**NAMELESS)
    assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")
    assert User.objects.get().tenant_groups.get().name == "staff"


def test_issuer_is_asked_once_per_token(asked_issuer):
    token = asked_issuer.token(**NAMELESS)
    for _number in range(5):
        assert ask(token).status_code == 200
    assert asked_issuer.count[USERINFO] == 1
    assert asked_issuer.get(**NAMELESS).status_code == 200
    assert asked_issuer.count[USERINFO] == 2


def test_issuer_is_not_asked_what_the_token_says(asked_issuer):
    assert asked_issuer.get().status_code == 200
    assert asked_issuer.count[USERINFO] == 0


def test_statement_count_of_a_token_that_comes_again(asked_issuer, django_assert_num_queries):
    token = asked_issuer.token(**NAMELESS)
    ask(token)
    with django_assert_num_queries(2):  # the person, the used storage
        ask(token)


def test_tenant_comes_from_the_issuer_too(asked_issuer, settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    asked_issuer.person |= {"tenant_id": "acme"}
    token = asked_issuer.token()
    assert [ask(token).status_code, ask(token).status_code] == [200, 200]
    assert User.objects.get().tenant.external_id == "acme"
    assert asked_issuer.count[USERINFO] == 1


def test_token_and_issuer_together_say_all(asked_issuer, settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    asked_issuer.on(USERINFO, Reply({"sub": "alice", "tenant_id": "acme", "given_name": "Alicia"}))
    assert asked_issuer.get().json()["firstname"] == "Alicia"
    user = User.objects.get()
    assert (user.tenant.external_id, user.last_name) == ("acme", "Adams")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500), Reply(b"x"), Reply([]), Reply(b"", wait_seconds=1), Reply({"sub": "bob"} | ALICE),
        Reply(ALICE), Reply(b" " * 300_000),
    ],
    ids=["error", "text", "list", "slow", "somebody else", "nobody", "huge"],
)  # fmt: skip
def test_issuer_that_does_not_answer(asked_issuer, settings, reply):
    settings.OIDC_TIMEOUT_SECONDS = 0.5
    asked_issuer.on(USERINFO, reply)
    answer = asked_issuer.get(**NAMELESS)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert not User.objects.exists()


def test_who_was_here_before_needs_no_answer(asked_issuer):
    asked_issuer.get(**NAMELESS)
    asked_issuer.on(USERINFO, Reply(status=500))
    token = asked_issuer.token(**NAMELESS)
    assert [ask(token).status_code, ask(token).status_code] == [200, 200]
    assert asked_issuer.count[USERINFO] == 2


@pytest.mark.parametrize("status", [401, 403])
def test_token_that_the_issuer_refuses_there(asked_issuer, status):
    """Not 401: the next token would be refused there as well."""
    asked_issuer.on(USERINFO, Reply(status=status))
    assert asked_issuer.get(**NAMELESS).status_code == 403


def test_issuer_that_does_not_know_either(issuer):
    answer = issuer.get(**NAMELESS)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_claims")
    assert answer.json()["message"].endswith("malformed: email, given_name, family_name")


def test_program_is_not_asked_for(asked_issuer):
    assert asked_issuer.get(sub="recorder", azp="recorder", **NAMELESS).status_code == 403
    assert asked_issuer.count[USERINFO] == 0
