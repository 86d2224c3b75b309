"""GET /v1/rooms/{id}/tariff (contract 4.6)."""

import uuid
from typing import Any

import pytest

from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep
from users.models import Tariff, User

pytestmark = pytest.mark.django_db


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", 200),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_people_of_the_meeting_and_guests_may_read(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(f"{circle.room_path}/tariff").status_code == status


def test_it_is_the_creators_whoever_asks() -> None:
    circle = Circle()
    circle.alice.tariff = Tariff.objects.create(
        name="large",
        quotas={"max_storage": 5_000_000_000, "room_participant_limit": 25},
        disabled_modules=["polls"],
        disabled_features=["recording::stream"],
    )
    circle.alice.save()
    expected = Api(circle.alice).get("/v1/users/me/tariff").json()
    assert (expected["name"], expected["quotas"]["room_participant_limit"]) == ("large", 25)
    for who in ("guest", "invitee", "creator"):
        assert circle.api(who).get(f"{circle.room_path}/tariff").json() == expected


def test_modules_and_quotas_are_objects_and_the_older_names_are_there() -> None:
    circle = Circle()
    answer = circle.api("invitee").get(f"{circle.room_path}/tariff").json()
    assert answer["quotas"] == {}
    assert answer["modules"]["recording"] == {"features": ["record", "stream"]}
    assert answer["enabled_modules"] == sorted(answer["modules"])
    assert answer["disabled_features"] == ["core::call_in"]
    assert all(name in answer["modules"] for name in ("chat", "core", "moderation"))


@pytest.mark.parametrize(
    ("setting", "module"),
    [
        ("JANUS_URL", "media"),
        ("LIVEKIT_URL", "livekit"),
        ("LIVEKIT_URL", "subroom_audio"),
        ("SPACEDECK_URL", "whiteboard"),
        ("ETHERPAD_URL", "meeting_notes"),
    ],
)
def test_module_that_needs_a_server_is_listed_where_the_settings_name_it(
    settings: Any, setting: str, module: str
) -> None:
    circle = Circle()
    for url in ("", "https://media.example.org"):
        setattr(settings, setting, url)
        answer = circle.api("guest").get(f"{circle.room_path}/tariff").json()
        assert (module in answer["modules"]) == (module in answer["enabled_modules"]) == bool(url)


@pytest.mark.parametrize("tel", ["", "+493012345678"])
@pytest.mark.parametrize("folders", ["none", "nextcloud"])
def test_dial_in_and_folders_are_listed_where_they_are_configured(settings: Any, tel: str, folders: str) -> None:
    settings.CALL_IN_TEL, settings.SHARED_FOLDERS = tel, folders
    circle = Circle()
    answer = circle.api("guest").get(f"{circle.room_path}/tariff").json()
    assert answer["modules"]["core"]["features"] == ["call_in", "guests_allowed"][not tel :]
    assert answer["disabled_features"] == ["core::call_in"] * (not tel)
    assert ("shared_folder" in answer["modules"]) == (folders == "nextcloud")
    assert ("shared_folder" in answer["enabled_modules"]) == (folders == "nextcloud")
    assert circle.api("invitee").get("/v1/users/me/tariff").json() == answer


def test_creator_without_tariff_is_not_limited() -> None:
    circle = Circle()
    User.objects.update(tariff=None)
    answer: Any = circle.api("guest").get(f"{circle.room_path}/tariff").json()
    assert (answer["id"], answer["quotas"]) == (str(uuid.UUID(int=0)), {})
