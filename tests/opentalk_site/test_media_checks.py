"""TURN and STUN settings that cannot work are named before the first meeting."""

from typing import Any

import pytest

from opentalk_site.checks import media


def found(settings: Any, **changes: Any) -> list[str]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id.removeprefix("opentalk_site.") for message in media(None)]


def test_nothing_is_set(settings: Any) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    "uri",
    [
        "turn:turn.example.org",
        "turn:turn.example.org:3478?transport=udp",
        "turns:turn.example.org:5349?transport=tcp",
        "turn:192.0.2.1:3478",
        "turn:[2001:db8::1]:3478",
    ],
)
def test_turn_address(settings: Any, uri: str) -> None:
    assert found(settings, TURN_URIS=[uri], TURN_SECRET="secret") == []


@pytest.mark.parametrize(
    "uri", ["turn.example.org", "turn://turn.example.org", "stun:turn.example.org", "turn:", "turn:a b", "turn:x?y=z"]
)
def test_what_is_no_turn_address(settings: Any, uri: str) -> None:
    assert found(settings, TURN_URIS=[uri], TURN_SECRET="secret") == ["E020"]
    assert uri in media(None)[0].msg


@pytest.mark.parametrize("uri", ["turn:turn.example.org", "stun.example.org", "stun://stun.example.org"])
def test_what_is_no_stun_address(settings: Any, uri: str) -> None:
    assert found(settings, STUN_URIS=["stun:stun.example.org", uri]) == ["E020"]


def test_turn_without_a_secret(settings: Any) -> None:
    assert found(settings, TURN_URIS=["turn:turn.example.org"]) == ["E021"]


@pytest.mark.parametrize(("seconds", "ids"), [(599, ["E022"]), (0, ["E022"]), (-1, ["E022"]), (600, [])])
def test_lifetime(settings: Any, seconds: int, ids: list[str]) -> None:
    assert found(settings, TURN_LIFETIME_SECONDS=seconds) == ids
