"""`manage.py access_token`: a first call of the API by hand."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import factories
from tests.api import Api

pytestmark = pytest.mark.django_db


def printed(username: str) -> str:
    out = StringIO()
    call_command("access_token", username, stdout=out)
    return out.getvalue().strip()


def test_its_token_opens_the_api() -> None:
    factories.user("alice")
    answer = Api(authorization=f"Bearer {printed('alice')}").get("/v1/users/me")
    assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")


def test_nobody_and_disabled_people_get_none() -> None:
    factories.user("gone", disabled_since=timezone.now())
    for name in ("nobody", "gone"):
        with pytest.raises(CommandError, match=f"There is no account {name}"):
            printed(name)


def test_another_issuer_is_asked_for_its_own_tokens(settings: Any) -> None:
    settings.OIDC_IS_EMBEDDED = False
    with pytest.raises(CommandError, match="which alone can issue tokens"):
        printed("alice")
