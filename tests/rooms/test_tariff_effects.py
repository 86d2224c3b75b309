"""Before a tariff becomes smaller, or a role or group goes, staff see whom it takes something from."""

import json

import pytest
from django.contrib.auth.models import Group as Permissions
from django.test import Client

from rooms.models import Asset
from tests import factories
from tests.staff.asking import ask, confirmed
from tests.staff.filling import filled
from tests.staff.holding import browser_of
from users.models import Group, Tariff, User

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def chief() -> Client:
    return browser_of(factories.user("chief", is_staff=True, is_superuser=True))


@pytest.fixture
def alice() -> User:
    tariff = Tariff.objects.create(name="Big", quotas={"max_storage": 5000, "room_time_limit_secs": 60})
    alice = factories.user("alice", tariff=tariff)
    Asset.objects.create(room=factories.event(alice).room, kind="minutes", filename="a.pdf", size=3000)
    factories.user("bob", tariff=tariff)
    return alice


def page_of(tariff: Tariff) -> str:
    return f"/admin/users/tariff/{tariff.pk}/change/"


def test_smaller_tariff_says_who_has_less(chief: Client, alice: User) -> None:
    tariff = alice.tariff
    new = {"quotas": json.dumps({"max_storage": 2000, "room_time_limit_secs": 30}), "disabled_modules": '["polls"]'}
    text = ask(chief, page_of(tariff), filled(chief, page_of(tariff), **new)).content.decode()
    assert "2 people have this tariff." in text
    assert "1 person keeps more than 2.0\xa0KB" in text
    assert "room_time_limit_secs is 30 instead of 60" in text
    assert "polls" in text
    tariff.refresh_from_db()
    assert tariff.quotas["max_storage"] == 5000
    assert confirmed(chief, page_of(tariff), filled(chief, page_of(tariff), **new)).status_code == 302
    tariff.refresh_from_db()
    assert (tariff.quotas["max_storage"], tariff.disabled_modules) == (2000, ["polls"])


@pytest.mark.parametrize(
    "new",
    [
        {"quotas": '{"max_storage": 9000, "room_time_limit_secs": 60}'},
        {"quotas": '{"max_storage": 5000}'},
        {"name": "Bigger"},
    ],
)
def test_more_or_as_much_asks_nothing(chief: Client, alice: User, new: dict[str, str]) -> None:
    path = page_of(alice.tariff)
    assert chief.post(path, filled(chief, path, **new)).status_code == 302


def test_tariff_of_nobody_asks_nothing(chief: Client) -> None:
    path = page_of(Tariff.objects.create(name="Unused", quotas={"max_storage": 5}))
    assert chief.post(path, filled(chief, path, quotas='{"max_storage": 1}')).status_code == 302


def test_deletion_names_who_loses_a_role_or_group(chief: Client, alice: User) -> None:
    role = Permissions.objects.create(name="Helpers")
    group = Group.objects.create(tenant=alice.tenant, name="Team")
    alice.groups.add(role)
    alice.tenant_groups.add(group)
    for path in (f"/admin/users/role/{role.pk}/delete/", f"/admin/users/group/{group.pk}/delete/"):
        text = chief.get(path).content.decode()
        assert "1 person loses it:" in text
        assert str(alice) in text
        assert "relationship" not in text
