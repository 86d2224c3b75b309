"""What staff change of people, and of what these belong to, is in the log."""

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group as Permissions
from django.test import Client as Browser

from activity.models import Activity
from tests import factories
from tests.staff.asking import confirmed
from tests.staff.filling import filled
from tests.traces import Traces
from users.models import Client, Group, Tariff, Tenant, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return factories.staff()


@pytest.fixture
def admin(staff: User) -> Browser:
    browser = Browser()
    browser.force_login(staff)
    return browser


def entered(browser: Browser, path: str, **fields: Any) -> None:
    answer = browser.post(path, filled(browser, path, **fields))
    assert answer.status_code == 302, answer.context["errors"]


def lines(traces: Traces) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    return [(row.kind, row.actor_name, row.data, row.changes) for row in traces.log()]


@pytest.mark.slow
def test_new_account_is_recorded(admin: Browser, staff: User) -> None:
    traces = Traces()
    names = {"username": "carol", "email": "Carol@example.com", "tenant": staff.tenant_id}
    entered(admin, "/admin/users/user/add/", password1=factories.PASSWORD, password2=factories.PASSWORD, **names)
    carol = User.objects.get(username="carol")
    assert carol.check_password(factories.PASSWORD)
    assert lines(traces) == [("user.added", str(staff), {"email": "carol@example.com", "display_name": ""}, {})]
    (row,) = traces.log()
    assert (row.subject_id, row.tenant_id, row.via) == (carol.pk, carol.tenant_id, "admin")
    assert traces.activities() == [("user.added", ["carol"])]


@pytest.mark.slow
def test_change_of_columns_and_groups_is_one_activity(admin: Browser) -> None:
    alice, helpers = factories.user("alice"), Permissions.objects.create(name="Helpers")
    team = Group.objects.create(tenant=alice.tenant, name="Team")
    traces = Traces()
    changed = {"title": "Dr.", "groups": [helpers.pk], "tenant_groups": [team.pk]}
    entered(admin, f"/admin/users/user/{alice.pk}/change/", **changed)
    (row,) = traces.log()
    assert row.changes == {
        "title": ["", "Dr."],
        "groups": [[], ["Helpers"]],
        "is_staff": [False, True],
        "tenant_groups": [[], [str(team)]],
    }
    assert (*alice.groups.all(), *alice.tenant_groups.all()) == (helpers, team)


@pytest.mark.slow
def test_new_password_is_recorded_and_ends_all_sessions(admin: Browser, staff: User) -> None:
    alice = factories.user("alice")
    User.objects.filter(pk=alice.pk).update(last_login="2026-11-01T00:00:00Z")
    traces, path = Traces(), f"/admin/users/user/{alice.pk}/password/"
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    assert admin.post(path, new | {"usable_password": "true"}).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password("another horse battery")
    assert admin.post(path, {"usable_password": "false", "unset-password": "1"}).status_code == 302
    assert not User.objects.get(pk=alice.pk).has_usable_password()
    assert lines(traces) == [
        ("user.password_set", str(staff), {"is_usable": True}, {}),
        ("user.signed_out", "new password", {"everywhere": True}, {}),
        ("user.password_set", str(staff), {"is_usable": False}, {}),
    ]


@pytest.mark.slow
def test_disabled_account_is_signed_out_by_who_disabled_it(admin: Browser, staff: User) -> None:
    alice = factories.user("alice")
    traces = Traces()
    confirmed(admin, f"/admin/users/user/{alice.pk}/disable/", {"fate": "leave"})
    assert [(kind, actor) for kind, actor, _data, _changes in lines(traces)] == [
        ("user.updated", str(staff)),
        ("user.signed_out", str(staff)),
    ]


TARIFF = {"name": "Big", "external_ids": "[]", "quotas": "{}", "disabled_modules": "[]", "disabled_features": "[]"}


@pytest.mark.slow
def test_tariff_is_recorded_from_its_making_to_its_end(admin: Browser, staff: User) -> None:
    traces = Traces()
    assert admin.post("/admin/users/tariff/add/", TARIFF).status_code == 302
    tariff = Tariff.objects.get(name="Big")
    path = f"/admin/users/tariff/{tariff.pk}"
    assert admin.post(f"{path}/change/", TARIFF | {"quotas": json.dumps({"max_storage": 5})}).status_code == 302
    assert admin.post(f"{path}/change/", TARIFF | {"quotas": json.dumps({"max_storage": 5})}).status_code == 302
    assert admin.post(f"{path}/delete/", {"post": "yes"}).status_code == 302
    label = {"label": "Big"}
    assert lines(traces) == [
        ("setup.created", str(staff), label, {}),
        ("setup.updated", str(staff), label, {"quotas": [{}, {"max_storage": 5}]}),
        ("setup.deleted", str(staff), label, {}),
    ]
    assert {(row.subject_type, row.subject_id) for row in traces.log()} == {("tariff", tariff.pk)}
    assert {tuple(people) for _kind, people in traces.activities()} == {()}


@pytest.mark.slow
def test_rows_deleted_together_are_recorded_one_by_one(admin: Browser) -> None:
    rows = [Tenant.objects.create(external_id=name) for name in ("first", "second")]
    traces = Traces()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    assert admin.post("/admin/users/tenant/", chosen).status_code == 302
    assert {(row.kind, row.data["label"], row.tenant_id) for row in traces.log()} == {
        ("setup.deleted", str(row), row.pk) for row in rows
    }


def test_secret_of_a_client_is_not_in_the_log(admin: Browser) -> None:
    client = Client.objects.create(
        name="Gateway", client_type="confidential", authorization_grant_type="client-credentials"
    )
    traces = Traces()
    entered(admin, f"/admin/users/client/{client.pk}/change/", client_secret="new-secret", name="Bridge")
    (row,) = traces.log()
    assert row.changes == {"client_secret": ["", ""], "name": ["Gateway", "Bridge"]}
    assert (row.kind, row.subject_type, row.subject_id) == ("setup.updated", "client", uuid.UUID(int=client.pk))
    assert not Activity.objects.filter(changes__icontains="new-secret").exists()
