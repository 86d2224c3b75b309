"""Lists as CSV files: what the reader of the list sees of it, recorded, without secrets."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.test import Client

from activity.models import Activity
from tests import factories
from tests.staff.holding import Holding, browser_of, with_role
from tests.traces import Traces
from users.models import User
from users.roles import MAIL_OPERATOR, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
USERS = "/admin/users/user/"


def export(browser: Client, path: str, rows: list[Any], *, across: bool = False) -> Any:
    chosen = [str(row.pk) for row in rows]
    return browser.post(path, {"action": "export_csv", "_selected_action": chosen, "select_across": str(int(across))})


def written(answer: Any) -> str:
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(answer.streaming_content).decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = written(answer)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.fixture
def boss() -> Client:
    return browser_of(factories.staff())


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_selected_rows_are_a_file(boss: Client) -> None:
    alice, _bob = factories.user("alice", first_name="=cmd()", phone="+49301234"), factories.user("bob")
    answer = export(boss, USERS, [alice])
    assert answer["Content-Disposition"] == 'attachment; filename="user-2026-11-20.csv"'
    (row,) = rows_of(answer)
    assert (row["email"], row["first_name"], row["phone"]) == ("alice@example.com", "'=cmd()", "'+49301234")
    assert (row["tenant"], row["tariff"]) == ("OpenTalkDefaultTenant", "OpenTalkDefaultTariff")


def test_all_rows_of_the_filtered_list(boss: Client) -> None:
    people = factories.users("alice", "anna", "bob")
    rows = rows_of(export(boss, f"{USERS}?q=a%40example", people[:1], across=True))
    assert [row["username"] for row in rows] == ["anna"]


def test_export_is_recorded_before_it_leaves(boss: Client) -> None:
    people, traces = factories.users("alice", "anna"), Traces()
    export(boss, f"{USERS}?q=a", people, across=True)
    (row,) = traces.log()
    assert (row.kind, row.actor_name, row.subject_type, row.via) == ("list.exported", "Admin Example", "user", "admin")
    assert row.data == {"list": "users.user", "count": 3, "filters": "q=a"}


def test_right_of_its_own() -> None:
    bob = factories.user("bob")
    support, operator = browser_of(with_role(SUPPORT)), browser_of(with_role(MAIL_OPERATOR))
    assert "export_csv" not in support.get(USERS).content.decode()
    assert "text/csv" not in export(support, USERS, [bob])["Content-Type"]
    assert "export_csv" in operator.get(USERS).content.decode()
    assert rows_of(export(operator, USERS, [bob]))
    # Nothing is exported of a list that the reader may not open.
    assert export(operator, "/admin/users/client/", []).status_code == 403


@pytest.mark.slow
def test_no_export_holds_a_secret_or_another_tenant() -> None:
    own, other = Holding("walnut"), Holding("quince")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, own.tenant))
    whole = browser_of(factories.staff())
    exported = [model for model, rows in admin.site._registry.items() if rows.export_columns]
    assert {model._meta.label_lower for model in exported} == {
        "users.user", "users.tariff", "mailer.outgoingmail", "activity.activity"
    }  # fmt: skip
    for model in exported:
        path, rows = f"/admin/{model._meta.label_lower.replace('.', '/')}/", list(model._default_manager.all())
        text = written(export(whole, path, rows, across=True))
        assert text.count("\r\n") > 1
        assert not [secret for secret in (*own.secrets, *other.secrets) if secret in text], model
        if admin.site._registry[model].tenant_path:
            text = written(export(boss, path, rows, across=True))
            assert own.marks[0] in text
            assert not [mark for mark in other.marks if mark in text], model


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 600])
def test_statements_do_not_grow(boss: Client, count: int, django_assert_num_queries: Any) -> None:
    people = factories.users(*(f"person-{number}" for number in range(count)))
    with django_assert_num_queries(9):
        rows = rows_of(export(boss, USERS, people[:1], across=True))
    assert len(rows) == count + 1
    assert Activity.objects.filter(kind="list.exported").count() == 1
    assert User.objects.count() == count + 1
