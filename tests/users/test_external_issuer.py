"""Tokens of somebody else's provider: where its keys come from, and what happens when it fails, lies or is attacked."""

import threading
import time
import uuid

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from tests import api, factories
from tests.api import Api
from tests.local_server import Reply
from tests.users.issuer import DISCOVERY, KEYS, ask, public_ec, public_rsa, rsa_key
from users.models import User
from users.oidc import keys as keys_module
from users.oidc.issuer import MAX_DOCUMENT_BYTES
from users.oidc.issuer import issuer as known_issuer

pytestmark = pytest.mark.django_db


def test_first_request_makes_the_person(issuer):
    answer = issuer.get()
    assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")
    assert User.objects.get().oidc_sub == "alice"


def test_keys_are_fetched_once(issuer):
    for _number in range(5):
        assert issuer.get().status_code == 200
    assert (issuer.count[DISCOVERY], issuer.count[KEYS]) == (1, 1)


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "PS512"])
def test_rsa_algorithms(issuer, algorithm):
    assert issuer.get(alg=algorithm).status_code == 200


def test_elliptic_curve(issuer):
    issuer.keys = [public_ec("curve")]
    assert issuer.get(kid="curve", alg="ES256").status_code == 200


def test_key_decides_the_algorithm(issuer):
    issuer.keys = [public_rsa("first", alg="RS256")]
    assert [issuer.get(alg="RS256").status_code, issuer.get(alg="RS512").status_code] == [200, 401]


def test_key_without_id(issuer):
    issuer.keys = [{name: value for name, value in public_rsa("first").items() if name != "kid"}]
    token = jwt.encode(issuer.claims(), rsa_key("first"), "RS256")
    assert ask(token).status_code == 200


def test_id_may_be_left_out_where_there_is_one_key(issuer):
    token = jwt.encode(issuer.claims(), rsa_key("first"), "RS256")
    assert ask(token).status_code == 200


def test_id_may_not_be_left_out_where_there_are_two(issuer):
    issuer.keys.append(public_ec("curve"))
    assert issuer.get(kid=None).status_code == 401


# ---- Whom a token is for (Keycloak names us in `azp`, others in `aud`) ----


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "opentalk"}, 200),
        ({"aud": ["account", "opentalk"]}, 200),
        ({"aud": "account", "azp": "Frontend"}, 200),
        ({"aud": None, "azp": "Frontend"}, 200),
        ({"aud": "account", "azp": "Frontend", "typ": "Bearer", "nonce": "n"}, 200),
        ({"aud": "account", "azp": "another"}, 403),
        ({"aud": "account"}, 403),
        ({"aud": None}, 403),
        ({"aud": "account", "azp": ["Frontend"]}, 403),
        ({"iss": "https://elsewhere.example.com"}, 403),
    ],
)
def test_audience(issuer, claims, status):
    assert issuer.get(**claims).status_code == status


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "Frontend", "azp": "Frontend"},
        {"aud": "Frontend", "azp": "Frontend", "typ": "ID"},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"at_hash": "x"},
        {"nonce": "x"},
        {"events": {}},
    ],
)
def test_id_token_is_no_access_token(issuer, claims):
    assert issuer.get(**claims).status_code == 403


def test_access_token_after_rfc_9068(issuer):
    assert [issuer.get(nonce="x").status_code, ask(issuer.token(header_typ="at+jwt", nonce="x")).status_code] == [
        403,
        200,
    ]


def test_keycloaks_service_account_is_no_person(issuer):
    assert issuer.get(preferred_username="service-account-recorder").status_code == 403


# ---- Keys change ----


def test_new_key_is_found(issuer, clock):
    assert issuer.get().status_code == 200
    issuer.keys.append(public_rsa("second"))
    clock.shift(6)
    assert issuer.get(kid="second").status_code == 200
    assert issuer.get().status_code == 200
    assert (issuer.count[DISCOVERY], issuer.count[KEYS]) == (1, 2)


def test_withdrawn_key_is_forgotten(issuer, clock):
    token = issuer.token(exp=int(time.time()) + 7200)
    assert ask(token).status_code == 200
    issuer.keys = [public_rsa("second")]
    clock.shift(601)
    assert ask(token).status_code == 401


@pytest.mark.slow
def test_storm_of_invented_key_ids_fetches_once(issuer, clock):
    assert issuer.get().status_code == 200
    clock.shift(6)
    for _number in range(20):
        token = jwt.encode(issuer.claims(), rsa_key("stranger"), "RS256", {"kid": str(uuid.uuid4())})
        assert ask(token).status_code == 401
    assert issuer.count[KEYS] == 2


def test_parallel_first_requests_fetch_once(issuer):
    issuer.on(KEYS, lambda _asked: Reply({"keys": issuer.keys}, wait_seconds=0.1))
    found = []
    threads = [threading.Thread(target=lambda: found.append(known_issuer().key("first"))) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(found)
    assert (issuer.count[DISCOVERY], issuer.count[KEYS]) == (1, 1)


# ---- The provider fails ----


def assert_unavailable(answer):
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "WWW-Authenticate" not in answer
    body = answer.json()
    assert (body["code"], body["status"]) == ("service_unavailable", "503")


def test_nobody_answers(issuer):
    token = issuer.token()
    issuer.close()
    assert_unavailable(ask(token))
    assert_unavailable(Api().post("/v1/auth/login", {"id_token": token}))
    assert_unavailable(Api().post("/v1/auth/logout", {"logout_token": token}))


def test_provider_that_comes_up_later_is_asked_again(issuer, clock):
    metadata = issuer.replies[DISCOVERY]
    issuer.on(DISCOVERY, Reply(status=502))
    assert_unavailable(issuer.get())
    issuer.on(DISCOVERY, metadata)
    assert_unavailable(issuer.get())
    clock.shift(6)
    assert issuer.get().status_code == 200
    assert issuer.count[DISCOVERY] == 2


def test_known_keys_outlive_the_provider(issuer, clock):
    assert issuer.get().status_code == 200
    new, unknown = issuer.token(exp=int(time.time()) + 9000), issuer.token(kid="second")
    issuer.close()
    clock.shift(4000)
    assert ask(new).status_code == 200
    assert_unavailable(ask(unknown))


def test_slow_provider_holds_a_request_no_longer_than_the_deadline(issuer, settings):
    settings.OIDC_TIMEOUT_SECONDS = 0.3
    issuer.on(KEYS, Reply(b" " * 1000, drip_seconds=0.05))
    began = time.monotonic()
    assert_unavailable(issuer.get())
    assert time.monotonic() - began < 2
    assert_unavailable(issuer.get())
    assert issuer.count[KEYS] == 1


def wait_until(is_so):
    ends_at = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def test_slow_provider_holds_nobody_whose_key_is_known(issuer, clock):
    assert issuer.get().status_code == 200
    issuer.on(KEYS, Reply(b"", wait_seconds=0.4))
    clock.shift(601)
    waiting = threading.Thread(target=known_issuer().key, args=("first",))
    waiting.start()
    wait_until(lambda: issuer.count[KEYS] == 2)
    began = time.perf_counter()
    assert known_issuer().key("first") is not None
    assert time.perf_counter() - began < 0.2
    waiting.join()


# ---- The provider lies ----


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>"),
        Reply([]),
        Reply({}),
        Reply({"keys": {}}),
        Reply({"keys": [1, None, "x", {}]}),
        Reply({"keys": []}, status=500),
        Reply(status=302, headers={"Location": "/keys2"}),
        Reply({"keys": [{"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"}]}),
        Reply({"keys": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0", "alg": "HS256"}]}),
    ],
    ids=["html", "list", "empty", "no list", "no keys", "error", "redirect", "broken", "secret"],
)
def test_key_document_that_is_none(issuer, reply):
    issuer.on(KEYS, reply)
    assert_unavailable(issuer.get())


def test_huge_key_document(issuer):
    issuer.on(KEYS, lambda _asked: Reply({"keys": issuer.keys, "padding": "x" * MAX_DOCUMENT_BYTES}))
    assert_unavailable(issuer.get())


def weak_key():
    numbers = rsa_key("weak", 1024).public_key()
    return {**RSAAlgorithm.to_jwk(numbers, as_dict=True), "kid": "first"}


@pytest.mark.parametrize(
    "key",
    [
        lambda: public_rsa("first", use="enc"),
        lambda: public_rsa("first", alg="HS256"),
        lambda: public_rsa("first", alg="none"),
        lambda: {**RSAAlgorithm.to_jwk(rsa_key("first"), as_dict=True), "kid": "first"},
        lambda: public_rsa("first", kty="EC"),
        lambda: public_ec("first", crv="secp256k1"),
        weak_key,
    ],
    ids=["encryption", "HS256", "none", "private", "wrong type", "odd curve", "weak"],
)
def test_key_that_signs_nothing(issuer, key):
    issuer.keys = [key(), public_rsa("other")]
    assert issuer.get().status_code == 401


def test_secret_key_verifies_nothing(issuer):
    """A token signed with the published RSA key's text, or with a published `oct` key."""
    issuer.keys = [
        public_rsa("first"),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMy"},
    ]
    forged = jwt.encode(issuer.claims(), b"secret-secret-secret-secret-32XX", "HS256", {"kid": "secret"})
    assert ask(forged).status_code == 401


def test_so_many_keys_that_reading_them_takes_long(issuer):
    issuer.keys = [public_rsa("first"), *({"kty": "RSA", "kid": str(number)} for number in range(5000))]
    assert issuer.get().status_code == 200
    assert len(keys_module.from_jwks({"keys": [public_ec("first", kid=str(n)) for n in range(100)]})) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://elsewhere.example.com"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
    ],
)
def test_discovery_document_that_does_not_fit(issuer, changes):
    issuer.metadata |= changes
    assert_unavailable(issuer.get())


def test_keys_of_an_encrypted_issuer_are_fetched_encrypted(issuer, settings):
    settings.OIDC_ISSUER = "https://login.example.com/"
    issuer.metadata |= {"issuer": "https://login.example.com", "jwks_uri": issuer.url + KEYS}
    assert_unavailable(issuer.get())
    assert issuer.count[KEYS] == 0


def test_slash_at_the_end_of_the_issuer_is_as_the_provider_writes_it(issuer, settings):
    settings.OIDC_ISSUER = issuer.url + "/"
    assert issuer.get().status_code == 200


def test_token_of_our_own_provider_is_of_an_unknown_key(issuer):
    assert ask(api.token(factories.user("alice"))).status_code == 401
