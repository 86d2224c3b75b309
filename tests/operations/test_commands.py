"""Commands for operators with the arguments of OpenTalk's controller."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from invites.services import create_code, revoke_code
from tests import factories
from users.models import Tariff, Tenant, User
from users.tariffs import MODULES

pytestmark = pytest.mark.django_db


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> str:
        call_command(*arguments)
        return capsys.readouterr().out

    return run


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as raised:
        call_command(*arguments)
    return str(raised.value)


# --- tariffs ---


def test_tariff_is_made_changed_and_deleted(output: Any) -> None:
    text = output("tariffs", "create", "Big", "big-1", "--disabled-modules", "polls,chat", "--quotas", "max_storage=5")
    big = Tariff.objects.get(name="Big")
    assert text.splitlines()[0].split() == [
        "id", "name", "external_ids", "quotas", "disabled_modules", "disabled_features",
    ]  # fmt: skip
    assert str(big.pk) in text
    assert (big.external_ids, big.quotas, big.disabled_modules) == (["big-1"], {"max_storage": 5}, ["chat", "polls"])

    output(
        "tariffs", "edit", "Big", "--set-name", "Huge", "--add-external-tariff-ids", "big-2",
        "--remove-disabled-modules", "polls", "--add-disabled-modules", "timer",
        "--add-disabled-features", "core::call_in", "--add-quotas",
        "max_storage=7,room_participant_limit=3",
    )  # fmt: skip
    big.refresh_from_db()
    assert big.name == "Huge"
    assert (big.external_ids, big.disabled_modules) == (["big-1", "big-2"], ["chat", "timer"])
    assert big.disabled_features == ["core::call_in"]
    assert big.quotas == {"max_storage": 7, "room_participant_limit": 3}
    output("tariffs", "edit", "Huge", "--remove-quotas", "max_storage", "--remove-external-tariff-ids", "big-1")
    big.refresh_from_db()
    assert (big.external_ids, big.quotas) == (["big-2"], {"room_participant_limit": 3})

    listed = json.loads(output("tariffs", "list", "--json"))
    assert listed[0] == {
        "id": str(big.pk),
        "name": "Huge",
        "external_ids": ["big-2"],
        "quotas": {"room_participant_limit": 3},
        "disabled_modules": ["chat", "timer"],
        "disabled_features": ["core::call_in"],
    }
    assert output("tariffs", "delete", "Huge") == "Huge is deleted.\n"
    assert output("tariffs", "list") == "no tariffs\n"
    kinds = Activity.objects.order_by("position").values_list("kind", "actor_name")
    assert list(kinds) == [
        ("setup.created", "manage.py tariffs"), ("setup.updated", "manage.py tariffs"),
        ("setup.updated", "manage.py tariffs"), ("setup.deleted", "manage.py tariffs"),
    ]  # fmt: skip


def test_what_is_removed_and_added_at_once_is_there(output: Any) -> None:
    Tariff.objects.create(name="Big", external_ids=["a"])
    output("tariffs", "edit", "Big", "--remove-external-tariff-ids", "a", "--add-external-tariff-ids", "a,b")
    assert Tariff.objects.get().external_ids == ["a", "b"]


def test_tariff_that_people_have_goes_only_with_another_for_them(output: Any) -> None:
    big, small = (Tariff.objects.create(name=name) for name in ("Big", "Small"))
    alice = factories.user("alice", tariff=big)
    assert refused("tariffs", "delete", "Big").startswith("1 people have the tariff Big.")
    assert refused("tariffs", "delete", "Big", "--reassign", "Big") == "--reassign needs another tariff."
    assert refused("tariffs", "delete", "Big", "--reassign", "None") == "There is no tariff None."
    output("tariffs", "delete", "Big", "--reassign", "Small")
    assert User.objects.get(pk=alice.pk).tariff == small
    assert not Tariff.objects.filter(name="Big").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "Big", "x"], "already exists"),
        (["create", "Other", "x", "--quotas", "max_storage"], "invalid _quotas value"),
        (["create", "Other", "x", "--quotas", "max_storage=-1"], "invalid _quotas value"),
        (["edit", "Nothing"], "There is no tariff Nothing."),
        (["edit", "Big", "--set-name", "x" * 256], "at most 255"),
        (["delete", "Nothing"], "There is no tariff Nothing."),
    ],
)
def test_wrong_tariff(arguments: list[str], message: str) -> None:
    Tariff.objects.create(name="Big")
    assert message in refused("tariffs", *arguments)
    assert Tariff.objects.count() == 1


# --- tenants, modules, invites ---


def test_tenant_gets_another_id(output: Any) -> None:
    tenant, other = factories.tenant("one"), factories.tenant("two")
    assert output("tenants", "set-oidc-id", str(tenant.pk), "uno") == f"{tenant.pk}: one -> uno\n"
    rows = json.loads(output("tenants", "list", "--json"))
    assert {"id": str(tenant.pk), "oidc_id": "uno"} in rows
    assert refused("tenants", "set-oidc-id", str(tenant.pk), other.external_id).endswith("already exists.")
    assert refused("tenants", "set-oidc-id", "x", "y") == "There is no tenant with the id x."
    assert Tenant.objects.get(pk=tenant.pk).external_id == "uno"
    assert Activity.objects.get(kind="setup.updated").changes == {"external_id": ["one", "uno"]}


def test_modules(output: Any) -> None:
    rows = {row["module"]: row for row in json.loads(output("modules", "list", "--json"))}
    assert set(rows) == set(MODULES)
    assert rows["recording"]["features"] == ["record", "stream"]
    assert rows["chat"]["configured"]
    assert not rows["livekit"]["configured"]


def test_guest_links_of_a_person(output: Any, settings: Any) -> None:
    settings.FRONTEND_URL = "https://meet.example.com"
    alice = factories.user("alice")
    room, actor = factories.event(alice).room, Actor.by_api(alice)
    code = create_code(room=room, user=alice, actor=actor)
    revoked = create_code(room=room, user=alice, actor=actor, expiration=timezone.now() + timezone.timedelta(days=1))
    revoke_code(code=revoked, user=alice, actor=actor)
    for owner in ("alice", alice.email.upper()):
        (row,) = json.loads(output("invites", "list", "--owner", owner, "--json"))
        assert row == {"room": str(room.pk), "expires": None, "link": f"https://meet.example.com/invite/{code.code}"}
    assert output("invites", "list", "--owner", factories.user("bob").email) == "no valid guest codes\n"
    assert refused("invites", "list", "--owner", "x@example.org") == "Nobody here is x@example.org."


# --- openapi, version ---


@pytest.mark.slow
def test_openapi_document(output: Any, tmp_path: Path) -> None:
    as_yaml = yaml.safe_load(output("openapi", "dump"))
    as_json = json.loads(output("openapi", "dump", "--format", "json"))
    assert as_yaml["paths"].keys() == as_json["paths"].keys() >= {"/v1/events"}
    target = tmp_path / "api.json"
    assert output("openapi", "dump", str(target), "--format", "json") == ""
    assert json.loads(target.read_text()) == as_json
    assert refused("openapi", "dump", str(tmp_path / "no" / "folder")).endswith("No such file or directory")


def test_version(output: Any) -> None:
    found = json.loads(output("version", "--json"))
    assert found["opentalk_site"].count(".") == 2
    assert found["migrations"] >= 0  # the fast tests make their tables without
    assert found["django"].startswith("5.2")
    assert output("version").splitlines()[0].split() == ["opentalk_site", found["opentalk_site"]]
