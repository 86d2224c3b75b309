"""Who is connected, and whom a trusted proxy names."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from opentalk_site import env
from rest.client import client_address

CLIENT, PROXY, BALANCER = "203.0.113.9", "192.0.2.1", "10.1.2.3"
TRUSTED = f"{PROXY},10.0.0.0/8,2001:db8::/32"


@pytest.mark.parametrize(
    ("trusted", "connected", "forwarded", "found"),
    [
        ("", CLIENT, "", CLIENT),
        ("", CLIENT, "1.1.1.1", CLIENT),
        ("", "127.0.0.1", "1.1.1.1", "127.0.0.1"),
        (TRUSTED, CLIENT, "1.1.1.1", CLIENT),
        (TRUSTED, PROXY, "", PROXY),
        (TRUSTED, PROXY, CLIENT, CLIENT),
        (TRUSTED, PROXY, f"1.1.1.1, {CLIENT}", CLIENT),
        (TRUSTED, PROXY, f"1.1.1.1, {CLIENT}, {BALANCER}", CLIENT),
        (TRUSTED, f"::ffff:{PROXY}", CLIENT, CLIENT),
        (TRUSTED, "2001:db8::1", "2001:DB9:0::7", "2001:db9::7"),
        (TRUSTED, PROXY, f"{CLIENT}, nonsense", PROXY),
        (TRUSTED, PROXY, f"{CLIENT}, nonsense, {BALANCER}", BALANCER),
        (TRUSTED, PROXY, f"{BALANCER}, {PROXY}", BALANCER),
        (TRUSTED, "", CLIENT, ""),
        ("unix", "", CLIENT, CLIENT),
        ("unix", "", f"1.1.1.1, {CLIENT}", CLIENT),
    ],
)
def test_address(
    settings: Any, monkeypatch: pytest.MonkeyPatch, trusted: str, connected: str, forwarded: str, found: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", trusted)
    settings.TRUSTED_PROXIES, settings.TRUSTS_UNIX_SOCKET = env.proxies("TRUSTED_PROXIES")
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=connected, **headers)
    assert client_address(request) == found


@pytest.mark.parametrize("wrong", ["*", "localhost", "10.0.0.1/8", "127.0.0.1 10.0.0.1"])
def test_what_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", wrong)
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        env.proxies("TRUSTED_PROXIES")
