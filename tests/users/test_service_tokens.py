"""Programs with a token of their own: which roles they need, and what is no such token (contract 1.1)."""

import time
from typing import Any

import jwt
import pytest
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

from rest.errors import Forbidden
from tests import factories
from tests.api import Api, token
from tests.circle import Circle
from tests.users.gateway import gateway
from users.authentication import service_of

pytestmark = pytest.mark.django_db
PATH = "/v1/services/call_in/start"
NOBODY = {"id": "0" * 10, "pin": "0" * 10}


def forged(**claims: Any) -> str:
    """What the embedded provider would sign, with other claims."""
    pem, now = oauth2_settings.OIDC_RSA_PRIVATE_KEY, int(time.time())
    always = {
        "iss": oauth2_settings.OIDC_ISS_ENDPOINT,
        "aud": "opentalk",
        "iat": now,
        "exp": now + 300,
        "sub": "gateway",
        "azp": "gateway",
    }
    return jwt.encode(always | claims, pem, "RS256", {"typ": "at+jwt", "kid": jwk_from_pem(pem).thumbprint()})


@pytest.mark.parametrize(
    "roles", [["opentalk-call-in"], ["OpenTalk-Call-In"], ["opentalk-recorder", "opentalk-call-in"]]
)
def test_role_is_compared_in_lower_case(roles: list[str]) -> None:
    answer = gateway(*roles).post(PATH, NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_credentials")


@pytest.mark.parametrize("roles", [["opentalk-recorder"], ["opentalk-call-in-2"], ["call-in"]])
def test_token_without_the_role_is_a_401_for_a_fresh_one_may_have_it(roles: list[str]) -> None:
    answer = gateway(*roles).post(PATH, NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.json()["message"] == "Authentication failed"
    assert answer["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


@pytest.mark.parametrize(
    "claim",
    [None, {}, [], "opentalk-call-in", {"roles": None}, {"roles": "opentalk-call-in"}, {"roles": [5, None, {}]}],
)
def test_claim_of_any_other_shape_names_no_role(claim: Any) -> None:
    answer = Api(authorization=f"Bearer {forged(realm_access=claim)}").post(PATH, NOBODY)
    assert answer.status_code == 401


def test_keycloaks_service_account_is_a_service() -> None:
    claims = {"sub": "5c0f", "preferred_username": "service-account-gateway"}
    service, _payload = service_of(forged(**claims, realm_access={"roles": ["opentalk-call-in"]}))
    assert (service.name, service.roles) == ("5c0f", {"opentalk-call-in"})


def test_person_with_the_role_is_no_service() -> None:
    token_of_person = forged(sub="alice", realm_access={"roles": ["opentalk-call-in"]})
    with pytest.raises(Forbidden):
        service_of(token_of_person)


def test_person_is_forbidden_whoever_he_is() -> None:
    answer = Api(authorization=f"Bearer {token(factories.user(is_superuser=True))}").post(PATH, NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic eDp5", "InviteCode 5"])
def test_no_token_is_a_401(authorization: str) -> None:
    answer = Api(authorization=authorization).post(PATH, NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_service_reaches_nothing_else() -> None:
    circle, api = Circle(), gateway()
    for path in ("/v1/events", circle.room_path, "/v1/turn", "/v1/users/me"):
        assert api.get(path).status_code == 403
