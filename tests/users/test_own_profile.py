"""users/me: what people see of themselves and may change."""

import pytest

from activity.actors import Actor
from tests import factories
from tests.api import Api
from tests.traces import Traces
from users.models import User
from users.services import update_profile
from users.tariffs import MODULES


@pytest.fixture
def alice(db) -> User:
    return factories.user("alice", title="Dr.", time_zone="Europe/Berlin")


def test_own_profile(alice):
    answer = Api(alice).get("/v1/users/me")
    assert answer.json() == {
        "id": str(alice.pk),
        "email": "alice@example.com",
        "title": "Dr.",
        "firstname": "Alice",
        "lastname": "Example",
        "display_name": "Alice Example",
        "avatar_url": f"http://127.0.0.1:8000/v1/users/{alice.pk}/avatar",
        "dashboard_theme": "system",
        "conference_theme": "system",
        "language": "en-US",
        "time_zone": "Europe/Berlin",
        "tariff_status": "default",
        "used_storage": 0,
    }


def test_nothing_to_change(alice):
    traces = Traces()
    answer = Api(alice).patch("/v1/users/me", {})
    assert (answer.status_code, answer.content) == (204, b"")
    assert Api(alice).patch("/v1/users/me", {"theme": "dark", "email": "x@example.com"}).status_code == 204
    assert traces.activities() == []


@pytest.mark.parametrize(
    ("field", "value", "saved"),
    [
        ("title", "", ""),
        ("title", "Prof. 👩‍🏫", "Prof. 👩‍🏫"),
        ("display_name", "  Ali  ", "Ali"),
        ("display_name", "علی", "علی"),
        ("display_name", "x" * 255, "x" * 255),
        ("language", "de", "de"),
        ("language", "zh-Hant-TW", "zh-Hant-TW"),
        ("time_zone", "Asia/Tokyo", "Asia/Tokyo"),
        ("dashboard_theme", "dark", "dark"),
        ("conference_theme", "light", "light"),
    ],
)
def test_change(alice, field, value, saved):
    traces = Traces()
    answer = Api(alice).patch("/v1/users/me", {field: value})
    assert (answer.status_code, answer.json()[field]) == (200, saved)
    assert Api(alice).get("/v1/users/me").json()[field] == saved
    assert traces.activities() == [("user.updated", ["alice"])]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "x" * 256, "invalid_length"),
        ("title", "a\x00b", "invalid_value"),
        ("display_name", "", "invalid_length"),
        ("display_name", "   ", "invalid_length"),
        ("display_name", "x" * 256, "invalid_length"),
        ("language", "", "invalid_length"),
        ("language", "english please", "invalid_value"),
        ("language", "e", "invalid_value"),
        ("language", "de_DE", "invalid_value"),
        ("language", "de-", "invalid_value"),
        ("language", "de-" + "a1-" * 12 + "a", "invalid_length"),
        ("dashboard_theme", "x" * 129, "invalid_length"),
    ],
)
def test_value_that_breaks_a_rule(alice, field, value, code):
    answer = Api(alice).patch("/v1/users/me", {field: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [(field, code)]


@pytest.mark.parametrize(
    "body",
    [{"title": 7}, {"title": None}, {"language": ["de"]}, {"time_zone": "Mars/Olympus"}, {"display_name": {}}, []],
)
def test_value_of_another_kind(alice, body):
    answer = Api(alice).patch("/v1/users/me", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_all_errors_at_once(alice):
    answer = Api(alice).patch("/v1/users/me", {"title": "x" * 256, "language": "?"})
    assert {entry["field"] for entry in answer.json()["errors"]} == {"title", "language"}


def test_display_name_may_be_fixed(alice, settings):
    settings.DISALLOW_CUSTOM_DISPLAY_NAME = True
    answer = Api(alice).patch("/v1/users/me", {"display_name": "Ali"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["message"] == "changing the display name is prohibited"
    # The frontend sends its whole form.
    unchanged = {"display_name": "Alice Example", "language": "de"}
    assert Api(alice).patch("/v1/users/me", unchanged).json()["language"] == "de"


# ---- The own tariff ----

SHOWN = [
    "breakout", "chat", "core", "echo", "integration", "livekit", "media", "moderation", "recording", "shared_folder",
]  # fmt: skip


@pytest.fixture
def whole_site(settings):
    """With what a tariff lists only where it is configured."""
    settings.CALL_IN_TEL, settings.SHARED_FOLDERS = "+493012345678", "nextcloud"
    settings.LIVEKIT_URL = "wss://livekit.example.org"
    settings.JANUS_URL = "ws://127.0.0.1:8188"


@pytest.mark.usefixtures("whole_site")
def test_own_tariff(alice, settings):
    settings.DISABLED_FEATURES = ["recording::stream"]
    tariff = alice.tariff
    tariff.quotas = {"max_storage": 5_000_000_000, "room_participant_limit": 25}
    tariff.disabled_modules = [name for name in MODULES if name not in SHOWN]
    tariff.disabled_features = ["call_in", "integration::outlook"]
    tariff.save()
    answer = Api(alice).get("/v1/users/me/tariff").json()
    assert answer.pop("modules") == {
        "core": {"features": ["guests_allowed"]},
        "breakout": {"features": []},
        "chat": {"features": []},
        "echo": {"features": []},
        "integration": {"features": []},
        "livekit": {"features": []},
        "media": {"features": []},
        "moderation": {"features": []},
        "recording": {"features": ["record"]},
        "shared_folder": {"features": []},
    }
    assert answer == {
        "id": str(tariff.pk),
        "name": "OpenTalkDefaultTariff",
        "quotas": {"max_storage": 5_000_000_000, "room_participant_limit": 25},
        "enabled_modules": SHOWN,
        "disabled_features": ["core::call_in", "integration::outlook", "recording::stream"],
    }


@pytest.mark.usefixtures("whole_site")
def test_without_tariff_nothing_is_limited(alice):
    User.objects.update(tariff=None)
    answer = Api(alice).get("/v1/users/me/tariff").json()
    assert (answer["quotas"], answer["disabled_features"]) == ({}, [])
    assert answer["modules"]["core"] == {"features": ["call_in", "guests_allowed"]}


@pytest.mark.django_db
def test_change_is_compared_with_the_person_as_it_is():
    """Not as it was when the request was read; a search finds what is stored."""
    stale = factories.user("alice")
    User.objects.filter(pk=stale.pk).update(first_name="Alicia", title="Dr.")
    update_profile(user=stale, actor=Actor.by_api(stale), title="", display_name="Other")
    alice = User.objects.get(pk=stale.pk)
    assert (alice.first_name, alice.title, alice.display_name) == ("Alicia", "", "Other")
    assert alice.search_text == alice.searched()
