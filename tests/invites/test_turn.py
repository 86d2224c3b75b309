"""GET /v1/turn (contract 13.1)."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from activity.actors import Actor
from invites.models import InviteCode
from invites.services import create_code, revoke_code
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)
UDP, TCP = "turn:one.example.org:3478?transport=udp", "turn:one.example.org:3478?transport=tcp"
STUN = ["stun:one.example.org:3478", "stun:two.example.org"]


@pytest.fixture(autouse=True)
def _one_server(settings: Any) -> None:
    settings.TURN_URIS, settings.TURN_SECRET, settings.STUN_URIS = [UDP, TCP], "north", STUN


def turn(api: Api) -> Any:
    return api.get("/v1/turn")


@time_machine.travel(NOW, tick=False)
def test_answer_has_credentials_of_coturns_scheme_and_stun_last() -> None:
    answer = turn(Api(factories.user()))
    server, stun = answer.json()
    expires_at = str(int(NOW.timestamp()) + 86400)
    assert re.fullmatch(f"{expires_at}:turn_random_for_privacy_[A-Za-z0-9+/]{{22}}==", server["username"])
    digest = hmac.new(b"north", server["username"].encode(), hashlib.sha1).digest()
    assert server == {
        "username": server["username"],
        "password": base64.b64encode(digest).decode(),
        "ttl": expires_at,
        "uris": [UDP, TCP],
    }
    assert stun == {"uris": STUN}
    assert answer["Cache-Control"] == "no-store"


def test_user_name_is_another_each_time() -> None:
    api = Api(factories.user())
    assert len({turn(api).json()[0]["username"] for _time in range(3)}) == 3


def test_lifetime_is_a_setting(settings: Any) -> None:
    settings.TURN_LIFETIME_SECONDS = 600
    with time_machine.travel(NOW, tick=False):
        assert turn(Api(factories.user())).json()[0]["ttl"] == str(int(NOW.timestamp()) + 600)


def test_nothing_configured_is_204(settings: Any) -> None:
    settings.TURN_URIS, settings.STUN_URIS = [], []
    answer = turn(Api(factories.user()))
    assert (answer.status_code, answer.content) == (204, b"")


def test_stun_alone_needs_no_credentials(settings: Any) -> None:
    settings.TURN_URIS = []
    assert turn(Api(factories.user())).json() == [{"uris": STUN}]


def test_turn_alone(settings: Any) -> None:
    settings.STUN_URIS = []
    assert [server["uris"] for server in turn(Api(factories.user())).json()] == [[UDP, TCP]]


@pytest.mark.slow
@sweep(("hosts", "given"), [(1, 1), (2, 1), (3, 2), (5, 2)], fast=2)
def test_of_several_servers_some_are_drawn_and_each_has_its_turn(settings: Any, hosts: int, given: int) -> None:
    names = [f"turn{number}.example.org" for number in range(hosts)]
    settings.TURN_URIS = [f"{scheme}:{name}" for scheme in ("turn", "turns") for name in names]
    settings.STUN_URIS = []
    api, seen = Api(factories.user()), set()
    for _time in range(100):
        answer = turn(api).json()
        assert len({server["username"] for server in answer}) == given
        for server in answer:
            name = server["uris"][0].removeprefix("turn:")
            assert server["uris"] == [f"turn:{name}", f"turns:{name}"]
            seen.add(name)
    assert seen == set(names)


# --- Who may ask ---


def guest_code(circle: Circle, **fields: Any) -> InviteCode:
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    InviteCode.objects.filter(pk=code.pk).update(**{"active": True} | fields)
    return code


@pytest.mark.parametrize("scheme", ["Bearer", "InviteCode"])
def test_guest_asks_with_his_code_in_either_scheme(scheme: str) -> None:
    code = guest_code(Circle())
    assert turn(Api(authorization=f"{scheme} {code.code}")).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "InviteCode"])
@pytest.mark.parametrize("why", ["unknown", "revoked", "expired", "owner is disabled", "room is gone"])
def test_code_that_opens_nothing_is_no_sign_in(scheme: str, why: str) -> None:
    """Said in the words by which the frontend does not sign out."""
    circle = Circle()
    code = guest_code(circle)
    match why:
        case "unknown":
            code.code = circle.event.pk
        case "revoked":
            revoke_code(code=code, user=circle.alice, actor=Actor.by_api(circle.alice))
        case "expired":
            InviteCode.objects.update(expiration=timezone.now() - timedelta(seconds=1))
        case "owner is disabled":
            circle.alice.disabled_since = timezone.now()
            circle.alice.save()
        case "room is gone":
            circle.event.room.delete()
    answer = turn(Api(authorization=f"{scheme} {code.code}"))
    assert answer.status_code == 401
    assert answer.json()["message"] == "Unable to parse access token or invite code"


@pytest.mark.parametrize("authorization", ["", "Bearer", "InviteCode", "InviteCode x", "Basic eDp5"])
def test_nothing_is_no_sign_in(authorization: str) -> None:
    answer = turn(Api(authorization=authorization))
    assert answer.status_code == 401
    assert answer.json()["message"] == "Unable to parse access token or invite code"


def test_expired_token_is_told_apart_so_that_it_is_refreshed() -> None:
    answer = turn(Api(authorization="Bearer expired"))
    assert (answer.status_code, answer.json()["message"]) == (401, "Authentication failed")


def test_disabled_person_is_forbidden() -> None:
    assert turn(Api(factories.user(disabled_since=timezone.now()))).status_code == 403
