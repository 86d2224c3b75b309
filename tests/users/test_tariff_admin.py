"""Staff enters tariffs as JSON: what would break the API is refused."""

import json

import pytest
from django.test import Client as Browser

from tests import factories
from users.models import Tariff

GOOD = {
    "name": "Big",
    "external_ids": ["big"],
    "quotas": {"max_storage": 5},
    "disabled_modules": ["polls"],
    "disabled_features": ["core::call_in"],
}


@pytest.fixture
def admin(db):
    browser = Browser()
    browser.force_login(factories.staff())
    return browser


def enter(admin, **changes):
    fields = GOOD | changes
    name = fields.pop("name")
    return admin.post("/admin/users/tariff/add/", {"name": name} | {key: json.dumps(fields[key]) for key in fields})


def test_tariff_is_made(admin):
    assert enter(admin).status_code == 302
    assert Tariff.objects.filter(**GOOD).exists()


def test_everything_may_be_empty(admin):
    assert enter(admin, external_ids=[], quotas={}, disabled_modules=[], disabled_features=[]).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("external_ids", "big"), ("external_ids", [1]), ("disabled_modules", {"polls": True}), ("disabled_features", 5),
        ("quotas", [1]), ("quotas", {"max_storage": "5"}), ("quotas", {"max_storage": -1}), ("quotas", {"a": True}),
    ],
)  # fmt: skip
def test_json_of_another_shape(admin, field, value):
    answer = enter(admin, **{field: value})
    assert field in answer.context["adminform"].form.errors
    assert not Tariff.objects.filter(name="Big").exists()
