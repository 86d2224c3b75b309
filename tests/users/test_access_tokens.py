"""Which tokens of the embedded provider open the API, and what the others are answered."""

import hashlib
import hmac
import json
import time
import uuid
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings as django_settings
from jwt.utils import base64url_encode

from tests import factories
from tests.api import token
from tests.users.issuer import ask, rsa_key
from users.authentication import user_of
from users.models import User
from users.oidc import tokens
from users.provider.tokens import _private_key, refresh_token

INVALID = 'Bearer error="invalid_token", error_description="The provided access token is invalid"'
EXPIRED = 'Bearer error="invalid_token", error_description="The provided access token expired"'
MISSING = 'Bearer error="invalid_request", error_description="No access token or invite code was provided"'


@pytest.fixture
def alice(db) -> User:
    return factories.user("alice")


def changed(user: User, *, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
    """A token of ours with other claims, signed by us unless `key` says otherwise; None takes a claim away."""
    good = token(user)
    claims = {**jwt.decode(good, options={"verify_signature": False}), **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key or ours(), "RS256", jwt.get_unverified_header(good) | (header or {}))


def ours() -> Any:
    return _private_key(django_settings.OIDC_SIGNING_KEY)


def public_pem() -> bytes:
    return ours().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(user: User, algorithm: str, signature: bytes = b"") -> str:
    header = jwt.get_unverified_header(token(user)) | {"alg": algorithm}
    payload = token(user).split(".")[1]
    return ".".join([base64url_encode(json.dumps(header).encode()).decode(), payload, signature.decode()])


def hs256_with_the_public_key(user: User) -> str:
    text = unsigned(user, "HS256").rpartition(".")[0]
    digest = hmac.new(public_pem(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64url_encode(digest).decode()}"


def assert_refused(answer: Any, challenge: str, message: str = "Authentication failed") -> None:
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == challenge
    body = answer.json()
    assert (body["code"], body["message"], body["status"]) == ("unauthorized", message, "401")


def test_token_of_the_provider_opens(alice):
    answer = ask(token(alice))
    assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")


# ---- A fresh token would help ----


def test_expired(alice):
    with time_machine.travel(time.time() - 311):
        old = token(alice)
    assert_refused(ask(old), EXPIRED)


def test_clocks_may_differ_a_little(alice):
    with time_machine.travel(time.time() - 305):
        old = token(alice)
    assert ask(old).status_code == 200


def test_not_yet_valid(alice):
    assert_refused(ask(changed(alice, nbf=int(time.time()) + 60)), INVALID)


def test_issued_by_a_clock_ahead_of_ours(alice):
    assert ask(changed(alice, iat=int(time.time()) + 60)).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned(alice, algorithm):
    assert_refused(ask(unsigned(alice, algorithm)), INVALID)


def test_signed_with_the_public_key_as_a_secret(alice):
    assert_refused(ask(hs256_with_the_public_key(alice)), INVALID)


def test_signed_by_somebody_else(alice):
    assert_refused(ask(changed(alice, key=rsa_key("stranger"))), INVALID)


def test_changed_after_it_was_signed(alice):
    header, _payload, signature = token(alice).split(".")
    payload = changed(alice, sub=str(uuid.uuid4())).split(".")[1]
    assert_refused(ask(f"{header}.{payload}.{signature}"), INVALID)


@pytest.mark.parametrize("key_id", ["unknown", "", "../../etc/passwd"])
def test_unknown_key_id(alice, key_id):
    assert_refused(ask(changed(alice, header={"kid": key_id})), INVALID)


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "sub"])
def test_claim_that_every_token_has_is_missing(alice, claim):
    assert_refused(ask(changed(alice, **{claim: None})), INVALID)


@pytest.mark.parametrize("value", [True, -1, 1e300, float("inf"), float("nan"), "later", [], {}])
def test_times_that_are_none(alice, value):
    assert ask(changed(alice, exp=value)).status_code == 401
    assert_refused(ask(changed(alice, iat=value)), INVALID)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "a.b.c",
        "..",
        "e30.e30.e30",
        "ÿ.ÿ.ÿ",
        "[" * 9000,
        base64url_encode(b"[" * 8000).decode() + ".e30.",
        "x" * 17000,
    ],
    ids=["word", "letters", "dots", "objects", "latin", "brackets", "nested", "long"],
)
def test_what_is_no_token(alice, text):
    assert_refused(ask(text), INVALID)


def test_refresh_token_of_ours(alice):
    assert_refused(ask(refresh_token(SimpleNamespace(expires_in=300))), INVALID)


# ---- A fresh token would be no different: 403, or the frontend asks for one after the other without pause ----


def assert_forbidden(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "WWW-Authenticate" not in answer


@pytest.mark.parametrize("audience", ["another", "Frontend", ["another"], None, 7, [7, None]])
def test_for_another_audience(alice, audience):
    assert_forbidden(ask(changed(alice, aud=audience)))


def test_for_several_audiences(alice):
    assert ask(changed(alice, aud=["account", "opentalk"])).status_code == 200


def test_of_another_issuer(alice):
    assert_forbidden(ask(changed(alice, iss="https://elsewhere.example.com/oidc")))


@pytest.mark.parametrize("typ", ["JWT", "", "logout+jwt"])
def test_token_that_does_not_say_it_is_an_access_token(alice, typ):
    assert_forbidden(ask(changed(alice, header={"typ": typ})))


def test_disabled_person(alice):
    text = token(alice)
    assert ask(text).status_code == 200
    User.objects.filter(pk=alice.pk).update(disabled_since="2026-11-23T09:00:00Z")
    assert_forbidden(ask(text))


def test_program_that_got_the_token_for_itself(alice):
    assert_forbidden(ask(changed(alice, sub="recorder", azp="recorder")))


# ---- No token at all ----


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer", "Token abc"])
def test_without_token(db, client, header):
    headers = {"Authorization": header} if header else {}
    answer = client.get("/v1/users/me", headers=headers)
    assert_refused(answer, MISSING, "Unable to parse access token or invite code")


def test_scheme_in_any_case(alice, client):
    assert client.get("/v1/users/me", headers={"Authorization": f"bEARER  {token(alice)}"}).status_code == 200


# ---- Keys change, tokens come again ----


@pytest.fixture
def rotated(settings):
    pem = rsa_key("next").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def rotate(*, is_old_key_kept: bool) -> None:
        settings.OIDC_SIGNING_KEYS_INACTIVE = [settings.OIDC_SIGNING_KEY] if is_old_key_kept else []
        settings.OIDC_SIGNING_KEY = pem
        settings.OAUTH2_PROVIDER = settings.OAUTH2_PROVIDER | {"OIDC_RSA_PRIVATE_KEY": pem}

    return rotate


@pytest.mark.slow
def test_token_of_a_rotated_key_stays_valid(alice, rotated):
    old = token(alice)
    rotated(is_old_key_kept=True)
    new = token(alice)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert [ask(old).status_code, ask(new).status_code] == [200, 200]


def test_token_of_a_withdrawn_key_does_not(alice, rotated):
    old = token(alice)
    rotated(is_old_key_kept=False)
    assert_refused(ask(old), INVALID)


def test_token_that_comes_again_costs_one_statement_and_no_signature_check(
    alice, django_assert_num_queries, monkeypatch
):
    text = token(alice)
    user_of(text)
    monkeypatch.setattr(tokens, "_verify", lambda *args: pytest.fail("checked again"))
    with django_assert_num_queries(1):
        user, _claims = user_of(text)
        assert (user.tenant.external_id, user.tariff.name) == ("OpenTalkDefaultTenant", "OpenTalkDefaultTariff")


def test_token_that_comes_again_dies_when_it_expires(alice):
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False) as clock:
        text = token(alice)
        assert ask(text).status_code == 200
        clock.shift(311)
        assert_refused(ask(text), EXPIRED)


def test_known_tokens_do_not_fill_the_memory(alice, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_CHECKED_TOKENS", 2)
    for _number in range(4):
        assert ask(token(alice)).status_code == 200
    assert len(tokens._checked) == 2
