"""Identity starts as after a restart: nothing known of tokens, keys and accounts of other servers."""

import time
from types import SimpleNamespace

import pytest
import time_machine

from tests import factories
from tests.users.issuer import DISCOVERY, Issuer
from tests.users.keycloak import REALM, KeycloakServer
from tests.users.staff_issuer import CLIENT, SECRET, StaffIssuer, Window
from users.directory import DIRECTORIES
from users.directory import keycloak as keycloak_module
from users.directory.keycloak import Keycloak
from users.oidc import issuer as issuer_module
from users.oidc import tokens


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch):
    tokens.forget()
    issuer_module.forget()
    monkeypatch.setitem(DIRECTORIES, "keycloak", Keycloak())


@pytest.fixture
def issuer(settings):
    """Somebody else's provider, which the site is told to believe."""
    with Issuer() as running:
        settings.OIDC_ISSUER = running.url
        settings.OIDC_IS_EMBEDDED = False
        settings.OIDC_DISCOVERY_URL = running.url + DISCOVERY
        settings.OIDC_TIMEOUT_SECONDS = 3
        settings.DIRECTORY = "none"
        yield running


@pytest.fixture
def staff_issuer(settings):
    """Another one, at which staff sign in."""
    with StaffIssuer() as running:
        settings.OIDC_ISSUER = running.url
        settings.OIDC_IS_EMBEDDED = False
        settings.OIDC_DISCOVERY_URL = running.url + DISCOVERY
        settings.OIDC_TIMEOUT_SECONDS = 1
        settings.STAFF_OIDC_CLIENT_ID, settings.STAFF_OIDC_CLIENT_SECRET = CLIENT, SECRET
        settings.STAFF_OIDC_NAME = "Example Login"
        yield running


@pytest.fixture
def boss(db):
    """Of staff, with the same name at the provider."""
    user = factories.staff("boss")
    user.oidc_sub = "boss"
    user.save()
    return user


@pytest.fixture
def window(staff_issuer):
    return Window(staff_issuer)


class Clock:
    """`shift` moves the time of day and the clocks that measure how old an answer of another server is."""

    def __init__(self, traveller):
        self.traveller = traveller
        self.ahead = 0

    def shift(self, seconds):
        self.traveller.shift(seconds)
        self.ahead += seconds

    def monotonic(self):
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch):
    with time_machine.travel(time.time()) as traveller:
        moved = Clock(traveller)
        for module in (issuer_module, keycloak_module):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=moved.monotonic))
        yield moved


@pytest.fixture
def keycloak(settings):
    """A Keycloak whose accounts the site looks up."""
    with KeycloakServer() as running:
        settings.DIRECTORY = "keycloak"
        settings.KEYCLOAK_URL = running.url
        settings.KEYCLOAK_REALM = REALM
        settings.KEYCLOAK_CLIENT_ID, settings.KEYCLOAK_CLIENT_SECRET = "site", "secret"
        yield running
