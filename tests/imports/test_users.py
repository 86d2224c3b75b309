"""People from a file: what the preview says, what confirming makes of it."""

from typing import Any

import pytest
from django.test import Client

from imports.models import Import
from tests import factories
from tests.imports.steps import csv_file, found, page_of, press, upload
from tests.staff.holding import browser_of, with_role
from tests.traces import Traces
from users.models import Tariff, User
from users.roles import SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
HEADER = "email,first_name,last_name"


@pytest.fixture
def boss() -> Client:
    return browser_of(factories.staff())


def bring(browser: Client, *lines: str) -> Import:
    return upload(browser, "users", *lines, tenant=factories.tenant().pk)


def test_list_is_shown_and_imported_after_one_confirmation(boss: Client) -> None:
    factories.user("bob")
    traces = Traces()
    job = bring(boss, HEADER, "Carol@Example.com,Carol,Clark", "bob@example.com,Bob,Example")
    assert (job.state, job.total, job.source, User.objects.count()) == ("ready", 2, "list.csv", 2)
    page = page_of(boss, job)
    assert "1 account is made." in page
    assert "Import 1 row" in page
    assert traces.is_empty()
    assert press(boss, job, "confirm").status_code == 302
    job.refresh_from_db()
    assert (job.state, found(job)) == ("done", [(2, "done", []), (3, "exists", [])])
    carol = User.objects.get(email="carol@example.com")
    assert (carol.first_name, carol.last_name, carol.oidc_sub, carol.tenant) == (
        "Carol", "Clark", None, factories.tenant()
    )  # fmt: skip
    assert not carol.has_usable_password()
    assert User.objects.matching("clark").get() == carol
    assert [(row.kind, row.actor_name, row.data) for row in traces.log()] == [
        ("list.imported", "Admin Example", {"list": "users", "count": 1, "source": "list.csv"}),
        ("user.added", "Admin Example", {"email": "carol@example.com", "display_name": ""}),
    ]
    assert not traces.mails()
    assert f"/admin/users/user/{carol.pk}/change/" in page_of(boss, job)


def test_each_row_says_what_is_wrong_with_which_column(boss: Client) -> None:
    factories.user("bob")
    job = bring(
        boss,
        "email;Benutzername;Sprache;Zeitzone;Tarif;Mandant",
        "nobody;;;;;",
        ";x;;;;",
        "a@example.com;bob;;;;",
        "b@example.com;c@example.com;;;;",
        "c@example.com;;xx;Mars/Base;;",
        "d@example.com;;;;Gold;Other",
        "e@example.com;eve;;;OpenTalkDefaultTariff;OpenTalkDefaultTenant",
        "f@example.com;eve;;;;",
        "E@EXAMPLE.com;;;;;",
    )
    assert found(job) == [
        (2, "error", [["email", "Enter a valid email address."]]),
        (3, "error", [["email", "This field is required."]]),
        (4, "error", [["username", "Somebody else has this user name."]]),
        (5, "error", [["username", "An address as a user name must be the person's own."]]),
        (6, "error", [
            ["language", "This site has no such language."],
            ["time_zone", "There is no such time zone; they are called as in Europe/Berlin."],
        ]),
        (7, "error", [
            ["tariff", "There is no such tariff."],
            ["tenant", "The list is for the tenant OpenTalkDefaultTenant."],
        ]),
        (8, "new", []),
        (9, "error", [["username", "Somebody else has this user name."]]),
        (10, "duplicate", [["", "The same as row 8."]]),
    ]  # fmt: skip
    page = page_of(boss, job, "?state=error")
    assert "Mars/Base" in page
    assert "e@example.com" not in page


def test_second_click_and_second_tab_import_nothing_again(boss: Client) -> None:
    job = bring(boss, HEADER, "carol@example.com,Carol,Clark")
    traces = Traces()
    for _click in range(3):
        assert press(boss, job, "confirm").status_code == 302
    assert [row.kind for row in traces.log()] == ["list.imported", "user.added"]
    assert "was confirmed before" in page_of(boss, job)
    assert User.objects.filter(email="carol@example.com").count() == 1


def test_who_came_in_since_the_preview_is_left_alone(boss: Client) -> None:
    job = bring(boss, HEADER, "carol@example.com,Carol,Clark", "dora@example.com,Dora,Dunn")
    factories.user("carol")
    press(boss, job, "confirm")
    assert found(job) == [(2, "exists", []), (3, "done", [])]


def test_discarded_list_is_gone(boss: Client) -> None:
    job = bring(boss, HEADER, "carol@example.com,Carol,Clark")
    press(boss, job, "discard")
    assert not Import.objects.exists()
    assert not User.objects.filter(email="carol@example.com").exists()


def test_file_that_cannot_be_read_is_refused_with_its_place(boss: Client) -> None:
    for content, told in (
        ("name\r\nCarol", "A column is missing: email."),
        ("shoe size\r\n44", "The first row must name the columns"),
        ("email", "There are no rows below the first one."),
        ('email\r\na@example.com\r\n"b', "Row 3 cannot be read."),
    ):
        fields = {"file": csv_file(content), "tenant": factories.tenant().pk}
        answer = boss.post("/admin/imports/import/new/users/", fields)
        assert told in str(answer.context["form"].errors), content
    assert not Import.objects.exists()
    answer = boss.post("/admin/imports/import/new/users/", {"tenant": factories.tenant().pk})
    assert "Choose a file." in str(answer.context["form"].errors)


def test_tenant_administrator_imports_into_the_own_tenant_alone() -> None:
    own, other = factories.tenant("walnut"), factories.tenant("quince")
    Tariff.objects.create(name="Gold")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, own))
    fields = {"file": csv_file(HEADER, "carol@example.com,,"), "tenant": other.pk}
    assert "tenant" in boss.post("/admin/imports/import/new/users/", fields).context["form"].errors
    job = upload(boss, "users", "email,tariff", "carol@example.com,Gold", tenant=own.pk)
    assert job.ignored == ["tariff"]
    press(boss, job, "confirm")
    assert User.objects.values_list("tenant", "tariff").get(email="carol@example.com") == (own.pk, None)
    assert boss.get("/admin/imports/import/new/tariffs/").status_code == 403


def test_lists_of_another_tenant_are_not_there() -> None:
    job = bring(browser_of(factories.staff()), HEADER, "carol@example.com,,")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, factories.tenant("walnut")))
    assert boss.get(f"/admin/imports/import/{job.pk}/change/").status_code == 404
    assert press(boss, job, "confirm").status_code == 404
    assert str(job.pk) not in boss.get("/admin/imports/import/").content.decode()


def test_who_may_not_import_sees_no_way_to_it() -> None:
    support = browser_of(with_role(SUPPORT))
    assert "/imports/import/" not in support.get("/admin/users/user/").content.decode()
    assert support.get("/admin/imports/import/new/users/").status_code == 403
    assert support.get("/admin/imports/import/template/users/").status_code == 403
    assert support.get("/admin/imports/import/new/shoes/").status_code == 404


def test_other_provider_makes_the_accounts(boss: Client, settings: Any) -> None:
    settings.OIDC_IS_EMBEDDED = False
    assert boss.get("/admin/imports/import/new/users/").status_code == 403
    assert "/imports/import/new" not in boss.get("/admin/users/user/").content.decode()


def test_template_is_a_list_that_can_be_imported(boss: Client) -> None:
    template = b"".join(boss.get("/admin/imports/import/template/users/").streaming_content)
    job = upload(boss, "users", template.decode(), tenant=factories.tenant().pk)
    assert found(job) == [(2, "new", [])]
    assert "/admin/imports/import/new/users/" in boss.get("/admin/users/user/").content.decode()
