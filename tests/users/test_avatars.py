"""Pictures of people, drawn here: no other host learns who meets whom."""

import colorsys
import uuid
from xml.etree import ElementTree as ET

import pytest

from tests import factories
from users.avatars import avatar_url, drawing, initials
from users.serializers import public_profile


@pytest.fixture
def alice(db):
    return factories.user("alice")


def letters(svg: str) -> str:
    text = ET.fromstring(svg).find("{http://www.w3.org/2000/svg}text")
    return "" if text is None else text.text


def test_picture_of_a_user_needs_no_sign_in_and_passes_over_what_the_frontend_appends(alice, client):
    url = public_profile(alice)["avatar_url"]
    assert "?" not in url
    answer = client.get(url.removeprefix("http://127.0.0.1:8000") + "?d=robohash&s=512")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert letters(answer.content.decode()) == "AE"


def test_unknown_disabled_and_unregistered_people_look_alike(alice, client):
    hidden = [
        uuid.uuid4(),
        factories.user("bob", disabled_since="2026-11-23T09:00:00Z").pk,
        factories.user("charlie", registered=False).pk,
    ]
    for user_id in hidden:
        answer = client.get(f"/v1/users/{user_id}/avatar")
        assert (answer.status_code, letters(answer.content.decode())) == (200, "")


def test_picture_of_an_address_does_not_tell_the_address(client):
    url = avatar_url("dora@example.org")
    assert "dora" not in url
    answer = client.get(url.removeprefix("http://127.0.0.1:8000"))
    assert (answer.status_code, letters(answer.content.decode())) == (200, "")


def test_same_address_has_the_same_picture():
    assert avatar_url("Dora@example.org ") == avatar_url("dora@example.org") != avatar_url("dora@example.com")
    assert drawing("a") == drawing("a") != drawing("b")


def test_picture_of_the_issuer_wins(alice, settings):
    settings.LIBRAVATAR_URL = "https://seccdn.libravatar.org/avatar/"
    alice.avatar_url = "https://example.com/alice.png"
    assert public_profile(alice)["avatar_url"] == "https://example.com/alice.png"


def test_libravatar_by_setting(alice, settings):
    settings.LIBRAVATAR_URL = "https://seccdn.libravatar.org/avatar/"
    expected = "https://seccdn.libravatar.org/avatar/c160f8cc69a4f0bf2b0362752353d060"
    assert public_profile(alice)["avatar_url"] == avatar_url(" Alice@Example.com") == expected


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice Adams", "AA"), ("Alice Maria Adams", "AA"), ("alice", "A"), ("", ""), ("  ", ""), ("🙂 Bob", "B"),
        ("émile zola", "ÉZ"), ("علی رضایی", "عر"), ("王 小明", "王小"), ("ß x", "SX"), ("<b> &", ""),
        ("3 Musketeers", "3M"), ("e\u0301a", "É"),
    ],
)  # fmt: skip
def test_initials(name, shown):
    assert initials(name) == shown


def test_letters_are_text_and_no_markup():
    assert letters(drawing("key", "<&")) == "<&"


def test_contrast_of_letters():
    """WCAG: 4.5 to 1 at every hue that a key can get."""
    for hue in range(360):
        assert 1.05 / (luminance(hue, 0.45, 0.32) + 0.05) >= 4.5


def luminance(hue: int, saturation: float, lightness: float) -> float:
    channels = colorsys.hls_to_rgb(hue / 360, lightness, saturation)
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
