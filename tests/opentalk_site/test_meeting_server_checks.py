"""Servers of live meetings that cannot work are named before the first meeting."""

from typing import Any

import pytest

from opentalk_site.checks import meeting_servers

GOOD = {
    "LIVEKIT_URL": "wss://livekit.example.org",
    "LIVEKIT_SERVICE_URL": "http://10.0.0.2:7880",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "x" * 32,
    "ETHERPAD_URL": "https://etherpad.example.org",
    "ETHERPAD_API_KEY": "key",
    "SPACEDECK_URL": "https://spacedeck.example.org",
    "SPACEDECK_API_KEY": "key",
    "IS_HTTPS": True,
}


def found(settings: Any, **changes: Any) -> list[str]:
    for name, value in (GOOD | changes).items():
        setattr(settings, name, value)
    return [message.id.removeprefix("opentalk_site.") for message in meeting_servers(None)]


def test_what_belongs_together(settings: Any) -> None:
    assert meeting_servers(None) == []
    assert found(settings) == []


@pytest.mark.parametrize("missing", ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "ETHERPAD_API_KEY", "SPACEDECK_API_KEY"])
def test_server_without_its_key(settings: Any, missing: str) -> None:
    assert found(settings, **{missing: ""}) == ["E050"]
    assert missing in meeting_servers(None)[0].msg


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("LIVEKIT_URL", "ws://l.example.org"),
        ("ETHERPAD_URL", "http://e.example.org"),
        ("SPACEDECK_URL", "http://s.org"),
    ],
)
def test_page_that_is_encrypted_uses_nothing_that_is_not(settings: Any, name: str, url: str) -> None:
    assert found(settings, **{name: url}) == ["E051"]
    assert found(settings, **{name: url, "IS_HTTPS": False}) == []


def test_livekit_only_for_us_is_none(settings: Any) -> None:
    assert found(settings, LIVEKIT_URL="") == ["E052"]
    assert found(settings, LIVEKIT_URL="", LIVEKIT_SERVICE_URL="") == []


def test_livekit_takes_no_short_secret(settings: Any) -> None:
    assert found(settings, LIVEKIT_API_SECRET="x" * 31) == ["E053"]
