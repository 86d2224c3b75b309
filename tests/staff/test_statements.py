"""What a page of the admin costs does not grow with what is kept."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.staff.copies import multiply
from tests.staff.holding import Holding, browser_of, of_the_site
from tests.staff.test_tenancy import pages

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
OTHERS = {"admin", "auth", "contenttypes", "sessions", "oauth2_provider"}  # and their one-row tables:
ALONE = {"django_celery_beat.PeriodicTasks", "site_settings.SiteSettings"}


def kinds() -> list[type[Model]]:
    found = [kind for kind in apps.get_models() if not kind._meta.proxy and kind._meta.app_label not in OTHERS]
    return [kind for kind in found if kind._meta.label not in ALONE]


@pytest.fixture
def chief() -> Client:
    return browser_of(factories.user("chief", is_staff=True, is_superuser=True))


@pytest.fixture
def paths() -> list[str]:
    """Lists with and without a search, and all that is about the first rows."""
    of_the_site()
    side = Holding("walnut")
    return [*_asked(list(pages(side))), f"/admin/mailer/outgoingmail/{side.mail.pk}/change/"]


def _asked(paths: list[str]) -> Iterator[str]:
    for path in paths:
        yield path
        if path.count("/") == 4:
            yield f"{path}?q=walnut"


def costs(chief: Client, paths: list[str]) -> dict[str, int]:
    """The statements of each page."""
    statements = {}
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            answer = chief.get(path)
            list(answer)  # some are streamed
        if answer.status_code == 200:
            statements[path] = len(queries)
    return statements


def test_more_rows_are_no_more_statements(chief: Client, paths: list[str]) -> None:
    multiply(kinds(), first=1, last=2)
    costs(chief, paths)  # what is looked up once
    before = costs(chief, paths)
    multiply(kinds(), first=3, last=29)
    after = costs(chief, paths)
    assert {path: (before.get(path), count) for path, count in after.items() if before.get(path) != count} == {}
    assert len(after) > 100
