"""Settings that contradict each other are named before the first request."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from opentalk_site import env
from opentalk_site.checks import identity
from tests.sweeps import sweep
from tests.users.issuer import ec_key, rsa_key


def found(settings, **changes) -> list[str]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id.removeprefix("opentalk_site.") for message in identity(None)]


def pem(key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


STATUS = {"default": [], "paid": [], "downgraded": []}
EXTERNAL = {"OIDC_IS_EMBEDDED": False, "OIDC_ISSUER": "https://login.example.com", "DIRECTORY": "none"}
STAFF = {"STAFF_OIDC_CLIENT_ID": "staff", "STAFF_OIDC_CLIENT_SECRET": "secret"}
KEYCLOAK = {
    "DIRECTORY": "keycloak",
    "KEYCLOAK_URL": "https://login.example.com",
    "KEYCLOAK_REALM": "meet",
    "KEYCLOAK_CLIENT_ID": "site",
    "KEYCLOAK_CLIENT_SECRET": "secret",
}


def test_nothing_is_set(settings):
    assert found(settings) == []


@pytest.mark.parametrize(
    "changes",
    [
        EXTERNAL,
        KEYCLOAK,
        EXTERNAL | KEYCLOAK,
        EXTERNAL | STAFF,
        EXTERNAL | {"TARIFF_ASSIGNMENT": "by_external_tariff_id"},
    ],
)
def test_what_belongs_together(settings, changes):
    assert found(settings, **changes) == []


@pytest.mark.parametrize("missing", ["KEYCLOAK_URL", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"])
def test_keycloak_without(settings, missing):
    assert found(settings, **KEYCLOAK | {missing: ""}) == ["E001"]
    assert missing in identity(None)[0].msg


@sweep(
    ("changes", "ids"),
    [
        (EXTERNAL | {"DIRECTORY": "embedded"}, ["W001"]),
        (EXTERNAL | {"OIDC_ISSUER": "http://login.example.com", "IS_HTTPS": True}, ["W002"]),
        ({"OIDC_AUDIENCE": []}, ["E002"]),
        ({"OIDC_CLIENT_IDS": ["another"]}, ["E003"]),
        ({"OIDC_AUDIENCE": ["Frontend"]}, ["W003"]),
        ({"OIDC_SIGNING_KEY": "secret"}, ["E004"]),
        ({"OIDC_SIGNING_KEY": pem(ec_key("first"))}, ["E004"]),
        ({"OIDC_SIGNING_KEYS_INACTIVE": [pem(rsa_key("weak", 1024))]}, ["E004"]),
        ({"TARIFF_ASSIGNMENT": "by_external_tariff_id"}, ["E005"]),
        (EXTERNAL | {"STAFF_OIDC_CLIENT_ID": "staff"}, ["E009"]),
        (EXTERNAL | {"STAFF_OIDC_CLIENT_SECRET": "secret"}, ["E009"]),
        (STAFF, ["E010"]),
        ({"TARIFF_STATUS": STATUS | {"paid": ["ok"]}}, ["E005"]),
        (EXTERNAL | {"TARIFF_STATUS": STATUS | {"downgraded": ["unpaid"]}}, ["E006"]),
        (EXTERNAL | {"TARIFF_STATUS": STATUS | {"default": ["ok"], "paid": ["ok"]}}, ["E007"]),
    ],
    fast=4,
)
def test_contradiction(settings, changes, ids):
    assert found(settings, **changes) == ids


def test_keys_are_told_apart(monkeypatch, tmp_path):
    first, second = pem(rsa_key("first")), pem(rsa_key("second"))
    assert env.pem_blocks("KEYS", tmp_path, "key.*.pem") == []
    (tmp_path / "key.pem").write_text("the active one is not meant")
    (tmp_path / "key.old.pem").write_text(first)
    (tmp_path / "key.older.pem").write_text(second)
    assert env.pem_blocks("KEYS", tmp_path, "key.*.pem") == [first.strip(), second.strip()]
    monkeypatch.setenv("KEYS", (second + first).replace("\n", "\\n"))
    assert env.pem_blocks("KEYS", tmp_path, "key.*.pem") == [second.strip(), first.strip()]


def test_word_that_is_none_of_the_choices(monkeypatch):
    monkeypatch.setenv("CHOICE", "c")
    with pytest.raises(env.ImproperlyConfigured, match="CHOICE must be a or b, not 'c'"):
        env.choice("CHOICE", "a", "a", "b")
