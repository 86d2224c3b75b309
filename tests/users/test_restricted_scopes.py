"""The embedded provider gives a scope that needs a right only to people who have it."""

from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from django.core.management import call_command

from tests import factories
from tests.api import Api
from tests.integrations.webex.world import PATH, officer
from tests.users.relying_party import RelyingParty, answer_parameters
from users.provider.clients import ensure_clients
from users.provider.scopes import EVENTS_READ, granted, names_in
from users.provider.validator import Validator

pytestmark = pytest.mark.django_db
ASKED = ["openid", EVENTS_READ]


def test_scope_is_for_people_with_the_right() -> None:
    olga, alice, helper = officer(), factories.user("alice"), factories.user("helper", is_staff=True)
    assert granted(olga, ASKED) == ASKED
    assert granted(factories.staff(), ASKED) == ASKED
    for person in (alice, helper, None):
        assert granted(person, ASKED) == ["openid"]


def test_refresh_loses_the_scope_with_the_right() -> None:
    olga = officer()
    token: Any = SimpleNamespace(access_token_id=1, access_token=SimpleNamespace(scope=" ".join(ASKED)), user=olga)
    request: Any = SimpleNamespace(refresh_token_instance=token)
    assert Validator().get_original_scopes("", request) == ASKED
    olga.is_staff = False
    assert Validator().get_original_scopes("", request) == ["openid"]


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("openid spark-compliance:events_read", {"openid", EVENTS_READ}),
        (["openid", EVENTS_READ, 5], {"openid", EVENTS_READ}),
        (None, set()),
        ({"openid": 1}, set()),
    ],
)
def test_claim_is_read_as_issuers_write_it(claim: Any, names: set[str]) -> None:
    assert names_in(claim) == names


def test_token_by_hand_has_what_the_person_may_have(capsys: Any) -> None:
    officer()
    factories.user("alice")
    for name, has_it in (("olga", True), ("alice", False)):
        token = call_command("access_token", name).strip()
        claims = jwt.decode(token, options={"verify_signature": False})
        assert (EVENTS_READ in claims["scope"].split()) is has_it


@pytest.mark.slow
@pytest.mark.parametrize("has_right", [True, False])
def test_client_asks_for_the_scope_and_gets_what_the_person_may_have(*, has_right: bool) -> None:
    ensure_clients()
    person = officer() if has_right else factories.user("alice")
    party = RelyingParty()
    party.browser.force_login(person)
    code = answer_parameters(party.authorize(scope=" ".join(ASKED)))["code"]
    tokens = party.exchange(code).json()
    renewed = party.refresh(tokens["refresh_token"]).json()
    for given in (tokens, renewed):
        assert given["scope"].split() == (ASKED if has_right else ["openid"])
        answer = Api(authorization=f"Bearer {given['access_token']}").get(PATH)
        assert answer.status_code == (200 if has_right else 403)
