"""A file service that cannot work is named before the first request."""

from typing import Any

import pytest

from opentalk_site.checks import shared_folders

GOOD = {
    "SHARED_FOLDERS": "nextcloud",
    "NEXTCLOUD_URL": "https://cloud.example.org",
    "NEXTCLOUD_USERNAME": "meetings",
    "NEXTCLOUD_PASSWORD": "secret",
}


def found(settings: Any, **changes: Any) -> list[str]:
    for name, value in (GOOD | changes).items():
        setattr(settings, name, value)
    return [message.id.removeprefix("opentalk_site.") for message in shared_folders(None)]


def test_what_belongs_together(settings: Any) -> None:
    assert shared_folders(None) == []
    assert found(settings) == []
    assert found(settings, NEXTCLOUD_URL="http://127.0.0.1:8080") == []


@pytest.mark.parametrize("missing", ["NEXTCLOUD_URL", "NEXTCLOUD_USERNAME", "NEXTCLOUD_PASSWORD"])
def test_nextcloud_without(settings: Any, missing: str) -> None:
    assert found(settings, **{missing: ""}) == ["E011"]
    assert missing in shared_folders(None)[0].msg
    assert found(settings, **{missing: "", "SHARED_FOLDERS": "none"}) == []


def test_password_in_the_clear_is_warned_of_where_we_are_not(settings: Any) -> None:
    assert found(settings, NEXTCLOUD_URL="http://cloud.example.org", IS_HTTPS=True) == ["W011"]
