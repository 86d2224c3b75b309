"""The site's own first page says what this is and where to go on."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from operations import demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


def page(path: str = "/") -> str:
    answer = Client(headers={"Accept-Language": "en"}).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_links_to_what_there_is(settings: Any) -> None:
    text = page()
    for link in ('href="/v1/docs"', 'href="/v1/openapi.json"', 'href="/admin/"'):
        assert link in text
    settings.OPENAPI = False
    assert "/v1/docs" not in page("/dashboard")


def test_it_names_the_demonstration_accounts_and_no_password(settings: Any) -> None:
    assert "alice" not in page()
    demo.create_people()
    text = page()
    assert "<strong>alice</strong>: for the API</li>" in text
    assert "<strong>charlie</strong>: for the API; has never signed in</li>" in text
    assert "<strong>admin</strong>: for the administration</li>" in text
    assert demo.password() not in text
    settings.OIDC_IS_EMBEDDED = False
    assert "alice" not in page()


def test_it_is_not_there_where_a_frontend_is(settings: Any) -> None:
    settings.SERVES_PAGES = False
    assert Client().get("/").status_code == 404
