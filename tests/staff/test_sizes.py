"""A form of the admin does not list all tenants, tariffs, groups or people: one types to find them."""

import pytest
from django.contrib import admin
from django.test import Client

from tests import factories
from tests.staff.holding import Holding, browser_of, of_the_site
from tests.staff.test_tenancy import pages
from users.models import Group, Tariff, Tenant

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
MORE = 40
# Of the texts of mails: its list is about one tenant, chosen by name.
WITH_TENANTS = {"/admin/mailer/mailtemplate/"}


@pytest.fixture
def chief() -> Client:
    return browser_of(factories.user("chief", is_staff=True, is_superuser=True))


def sizes(chief: Client, paths: list[str]) -> dict[str, int]:
    answers = {path: chief.get(path) for path in paths}
    return {path: len(answer.content) for path, answer in answers.items() if answer.status_code == 200}


def test_form_does_not_grow_with_what_can_be_chosen(chief: Client) -> None:
    of_the_site()
    side = Holding("walnut")
    forms = [path for path in pages(side, most=1) if path.endswith(("/add/", "/change/", "/hand-over/", "/disable/"))]
    forms.append("/admin/imports/import/new/users/")
    lists = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
    sizes(chief, forms)
    before = sizes(chief, forms)
    for number in range(MORE):
        Tenant.objects.create(external_id=f"another tenant {number}")
        Tariff.objects.create(name=f"another tariff {number}")
        Group.objects.create(tenant=side.tenant, name=f"another group {number}")
    factories.users(*(f"another-{number}" for number in range(MORE)), tenant=side.tenant)
    after = sizes(chief, forms)
    assert {path: (before[path], size) for path, size in after.items() if size > before[path] + 500} == {}
    assert len(after) > 30
    filters = {path: chief.get(path, {"q": "nothing"}).content.decode() for path in lists if path not in WITH_TENANTS}
    assert [path for path, text in filters.items() if "another t" in text] == []
