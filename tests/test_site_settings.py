"""Settings that staff change while the site runs: what is in force, who may, and what the log has of it."""

import re
from typing import Any

import pytest
from django.conf import settings as environment
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from activity.actors import Actor
from events.services.invitations import invite_email
from mailer.branding import brand_of
from rest.errors import ApiError
from site_settings import values
from site_settings.models import SiteSettings
from site_settings.services import change_settings
from site_settings.values import COLUMNS, present
from tests import factories
from tests.staff.filling import filled
from tests.staff.holding import browser_of
from tests.test_catalogues import sources
from tests.traces import Traces
from users import second_factor
from users.models import Tariff, User

pytestmark = pytest.mark.django_db
PAGE = "/admin/site_settings/sitesettings/1/change/"


@pytest.fixture(autouse=True)
def _from_the_database(_nothing_chosen: None) -> None:
    values.forget()


@pytest.fixture
def chief() -> User:
    return factories.user("chief", is_staff=True, is_superuser=True)


@pytest.fixture
def choose(chief: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    def change(**columns: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            change_settings(actor=Actor.by_admin(chief), columns=columns)

    return change


def test_each_setting_has_a_column_and_one_reader() -> None:
    """Whoever reads one of them from Django's settings would miss what staff have chosen."""
    columns = {column.partition("__")[0] for column in COLUMNS.values()}
    assert columns == {field.name for field in SiteSettings._meta.fields} - {"id"}
    read = re.compile(rf"\bsettings\.({'|'.join(COLUMNS)})\b")
    found = [(path.name, name) for path in sources() for name in read.findall(path.read_text())]
    assert found == []
    assert [name for name in COLUMNS if not hasattr(environment, name)] == []


def test_environment_is_in_force_until_something_is_chosen(choose: Any, settings: Settings) -> None:
    settings.EVENT_INVITE_EXTERNAL, settings.MAIL_BODY_DAYS = True, 30
    assert (present("EVENT_INVITE_EXTERNAL"), present("MAIL_BODY_DAYS")) == (True, 30)
    choose(invites_outsiders=False, mail_body_days=7)
    assert (present("EVENT_INVITE_EXTERNAL"), present("MAIL_BODY_DAYS")) == (False, 7)
    choose(invites_outsiders=None, mail_body_days=None)
    assert (present("EVENT_INVITE_EXTERNAL"), present("MAIL_BODY_DAYS")) == (True, 30)


def test_nought_is_chosen_too(choose: Any, settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 5
    choose(mail_daily_quota=0)
    assert present("MAIL_TENANT_DAILY_QUOTA") == 0


def test_row_is_read_once_in_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process has saved is in force then."""
    clock = [100.0]
    monkeypatch.setattr(values.time, "monotonic", lambda: clock[0])
    with CaptureQueriesContext(connection) as queries:
        assert [present(name) for name in COLUMNS for _again in range(3)]
    assert len(queries) == 1
    SiteSettings.objects.create(mail_body_days=3)
    assert present("MAIL_BODY_DAYS") == environment.MAIL_BODY_DAYS
    clock[0] += values.FRESH_SECONDS
    assert present("MAIL_BODY_DAYS") == 3


def test_consumers_follow(choose: Any, chief: User, settings: Settings) -> None:
    settings.EVENT_INVITE_EXTERNAL = True
    tariff = Tariff.objects.create(name="Starter")
    choose(support_address="new@example.org", second_factor="required", invites_outsiders=False, default_tariff=tariff)
    assert brand_of(None).support_address == "new@example.org"
    assert second_factor.is_needed(factories.user("helper", is_staff=True))
    assert present("TARIFF_DEFAULT") == "Starter"
    with pytest.raises(ApiError):
        invite_email(event=factories.event(chief), email="new@outside.example", actor=Actor.by_api(chief))


def test_one_change_is_one_activity_with_old_and_new(choose: Any, chief: User, settings: Settings) -> None:
    settings.MAIL_SUPPORT_ADDRESS, settings.DEFAULT_USER_LANGUAGE = "", "en-US"
    traces = Traces()
    choose(support_address="help@example.org", default_language="de")
    choose(support_address="help@example.org", default_language="")
    choose(support_address="help@example.org")
    assert [(row.kind, row.actor_name, row.changes) for row in traces.log()] == [
        (
            "settings.updated",
            str(chief),
            {"support_address": ["", "help@example.org"], "default_language": ["en-US", "de"]},
        ),
        ("settings.updated", str(chief), {"default_language": ["de", "en-US"]}),
    ]


@pytest.mark.slow
def test_page_shows_what_is_in_force_and_the_default(chief: User, settings: Settings) -> None:
    settings.MAIL_BODY_DAYS, settings.EVENT_INVITE_EXTERNAL = 30, True
    browser = browser_of(chief)
    assert browser.get("/admin/site_settings/sitesettings/").headers["Location"] == PAGE
    text = browser.get(PAGE).content.decode()
    assert "In force is the default: 30." in text
    assert "Default: yes" in text
    new = {"mail_body_days": "7", "invites_outsiders": "False", "imprint_url": "https://example.org/"}
    assert browser.post(PAGE, filled(browser, PAGE, **new)).status_code == 302
    row = SiteSettings.objects.get()
    assert (row.mail_body_days, row.invites_outsiders, row.imprint_url) == (7, False, "https://example.org/")
    text = browser.get(PAGE).content.decode()
    assert "Changed here. Empty, the default is in force again: 30." in text
    assert browser.post(PAGE, filled(browser, PAGE, mail_body_days="", invites_outsiders="")).status_code == 302
    row.refresh_from_db()
    assert (row.mail_body_days, row.invites_outsiders, row.imprint_url) == (None, None, "https://example.org/")


@pytest.mark.slow
def test_what_would_break_something_is_refused(chief: User) -> None:
    browser = browser_of(chief)
    wrong = {
        "mail_body_days": "0",
        "imprint_url": "javascript:alert(1)",
        "support_address": "nobody",
        "second_factor": "never",
        "mail_daily_quota": "-1",
        "default_language": "xx",
        "invites_outsiders": "perhaps",
    }
    answer = browser.post(PAGE, wrong)
    assert set(answer.context["adminform"].form.errors) == set(wrong)
    assert not SiteSettings.objects.exists()


def staff_with(*rights: str) -> Client:
    person = factories.user(is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return browser_of(person)


@pytest.mark.slow
def test_page_is_for_superusers_and_who_has_the_right() -> None:
    assert staff_with("see_every_tenant").get(PAGE).status_code == 403
    browser = staff_with("see_every_tenant", "change_sitesettings", "view_tariff")
    assert browser.post(PAGE, {"mail_body_days": "7", "second_factor": "optional"}).status_code == 302
    row = SiteSettings.objects.get()
    assert (row.mail_body_days, row.second_factor) == (7, "")


def test_who_sees_one_tenant_has_no_page() -> None:
    assert staff_with("change_sitesettings").get(PAGE).status_code == 403


def test_tariff_of_new_people_cannot_be_deleted(choose: Any) -> None:
    tariff = Tariff.objects.create(name="Starter")
    choose(default_tariff=tariff)
    with pytest.raises(ProtectedError):
        tariff.delete()
