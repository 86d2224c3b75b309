"""FILES_URL and ASSET_MAX_BYTES: what they mean, and what is named before the first request."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from opentalk_site import checks, env
from rooms.s3 import S3Storage

DISK = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
AMAZON = {"bucket_name": "files", "endpoint_url": None, "region_name": None}


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("file:///srv/files", DISK | {"location": "/srv/files"}),
        ("file:///srv/my%20files", DISK | {"location": "/srv/my files"}),
        ("s3:///files", AMAZON),
        ("s3:///files?region=eu-central-1", AMAZON | {"region_name": "eu-central-1"}),
        ("s3://key:a%2Fb%2Bc@/files", AMAZON | {"access_key": "key", "secret_key": "a/b+c"}),
        ("s3://minio:9000/files", AMAZON | {"endpoint_url": "https://minio:9000"}),
        (
            "s3://key:secret@s3.example.com/files?tls=false",
            AMAZON | {"endpoint_url": "http://s3.example.com", "access_key": "key", "secret_key": "secret"},
        ),
    ],
)
def test_url(monkeypatch: pytest.MonkeyPatch, url: str, options: dict[str, Any]) -> None:
    monkeypatch.setenv("FILES_URL", url)
    backend = "DiskStorage" if url.startswith("file:") else "S3Storage"
    assert env.storage("FILES_URL", "")["OPTIONS"] == options
    assert str(env.storage("FILES_URL", "")["BACKEND"]).endswith(backend)


@pytest.mark.parametrize(
    "url", ["ftp://example.com/files", "files", "s3://key:secret@minio:9000", "s3:///", "s3:///a/b"]
)
def test_other_urls_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FILES_URL", url)
    with pytest.raises(ImproperlyConfigured, match="FILES_URL"):
        env.storage("FILES_URL", "")


def test_default_is_below_var(settings: Any) -> None:
    assert settings.STORAGES["default"]["OPTIONS"]["location"] == str(settings.VAR / "files")
    assert checks.files(None) == []


def test_s3_without_its_packages_is_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "rooms.s3.S3Storage", "OPTIONS": AMAZON}}
    assert checks.files(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    (found,) = checks.files(None)
    assert (found.id, "requirements-s3.txt" in found.msg) == ("opentalk_site.E008", True)


def test_server_that_is_down_is_given_up_soon() -> None:
    config = S3Storage(**AMAZON).client_config
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (5, 30, 2)
