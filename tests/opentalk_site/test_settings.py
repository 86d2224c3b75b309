"""Every setting beside wrong values: each is refused before anything starts, in one line that names the setting."""

import errno
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from opentalk_site import checks
from operations import folders
from tests.site import ROOT

FLAG = ["maybe", "2"]
COUNT = ["-1", "many", "1.5", "1e3", "٣"]
SECONDS = [*COUNT, "0"]
URL = [
    "example.org",
    "ftp://example.org",
    "https://",
    "https://exa mple.org",
    "https://example.org/?q=1",
    "http://x:y/",
]
ORIGIN = [*URL, "https://example.org/path", "https://example.org:99999"]
ADDRESS = ["nobody", "a@", "@example.org", "a@b@c.org", "Name <nobody>"]
WORD = ["other"]
# What the reader of the variable refuses, so that no process starts with it.
WRONG = {
    "HOST": ["http://127.0.0.1", "a b"],
    "PORT": [*COUNT, "0", "65536"],
    "BASE_URL": ORIGIN,
    "DEBUG": FLAG,
    "ALLOWED_HOSTS": ["https://example.org", "example.org:8000", "a b"],
    "BEHIND_PROXY": FLAG,
    "TRUSTED_PROXIES": ["*", "localhost", "10.0.0.1/8"],
    "SECURE_HSTS_SECONDS": COUNT,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": FLAG,
    "SECURE_HSTS_PRELOAD": FLAG,
    "DATABASE_URL": [
        "db.sqlite3", "sqlite://", "sqlite:///", "sqlite://db.sqlite3", "mysql://h/n", "postgresql://h", "postgresql://h:x/n",
    ],
    "DATABASE_POOL_SIZE": SECONDS,
    "FILES_URL": ["files", "ftp://h/x", "s3://h", "s3://h/a/b", "s3://h/a?tls=maybe", "s3://h/a?ssl=true", "s3://h:x/a"],
    "ASSET_MAX_BYTES": SECONDS,
    "CACHE_URL": ["redis", "redis://", "memcached://h", "redis://h:x/1"],
    "DEFAULT_USER_LANGUAGE": ["german", "xx", "de_DE."],
    "STAFF_SECOND_FACTOR": WORD,
    "TENANT_ASSIGNMENT": WORD,
    "TARIFF_ASSIGNMENT": WORD,
    "DISABLED_FEATURES": ["core:call_in", "core::", "a b"],
    "DISALLOW_CUSTOM_DISPLAY_NAME": FLAG,
    "LIBRAVATAR_URL": URL,
    "OIDC_ISSUER": URL,
    "OIDC_FRONTEND_ISSUER": URL,
    "OIDC_DISCOVERY_URL": URL,
    "OIDC_REQUIRE_VERIFIED_EMAIL": FLAG,
    "OIDC_LEEWAY_SECONDS": COUNT,
    "OIDC_TIMEOUT_SECONDS": SECONDS,
    "DIRECTORY": WORD,
    "USERS_FIND": WORD,
    "KEYCLOAK_URL": URL,
    "KEYCLOAK_TIMEOUT_SECONDS": SECONDS,
    "CORS_ALLOWED_ORIGINS": ["example.org", "https://example.org/", "*"],
    "OPENAPI": FLAG,
    "FRONTEND_URL": URL,
    "ROOM_LINK": [
        "{frontend}/room", "{frontend}/{room_id}/{foo}", "{frontend}/{room_id}/{", "{frontend}/{}", "/{room_id}",
    ],
    "INVITE_LINK": ["{frontend}/invite/{room_id}", "{frontend}/{code.x}", "invite/{code}"],
    "EVENT_LINK": ["{frontend}/{0}/{event_id}", "{frontend}/%s"],
    "EVENT_INVITE_EXTERNAL": FLAG,
    "CALL_IN_TEL": ["none", "sip:1@example.org", "+49 30 1234567 ext. 5"],
    "TURN_LIFETIME_SECONDS": COUNT,
    "LIVEKIT_URL": ["livekit.example.org", "ftp://h", "wss://", "wss://u:p@h", "wss://h:x"],
    "LIVEKIT_SERVICE_URL": [*URL, "wss://h"],
    "LIVEKIT_ASKS_BEFORE_SCREEN_SHARE": FLAG,
    "LIVEKIT_TIMEOUT_SECONDS": SECONDS,
    "ETHERPAD_URL": URL,
    "ETHERPAD_TIMEOUT_SECONDS": SECONDS,
    "SPACEDECK_URL": URL,
    "SPACEDECK_TIMEOUT_SECONDS": SECONDS,
    "JANUS_URL": ["127.0.0.1:8188", "http://127.0.0.1:8088/janus", "ws://", "ws://u:p@h", "ws://h/?a=b"],
    "JANUS_VIDEO_BITRATE": SECONDS,
    "JANUS_SCREEN_BITRATE": SECONDS,
    "SHARED_FOLDERS": WORD,
    "NEXTCLOUD_URL": URL,
    "NEXTCLOUD_DIRECTORY": ["../other", "a/../b", "a//b", "a?b"],
    "NEXTCLOUD_LINK_DAYS": COUNT,
    "NEXTCLOUD_TIMEOUT_SECONDS": SECONDS,
    "EMAIL_URL": ["localhost", "http://h", "smtp://", "smtp://h?tls=maybe", "smtp://h?starttls=true", "smtp://h:x"],
    "EMAIL_TIMEOUT_SECONDS": SECONDS,
    "DEFAULT_FROM_EMAIL": ADDRESS,
    "MAIL_NAMES_AUTHOR": FLAG,
    "MAIL_CLAIM_SECONDS": SECONDS,
    "MAIL_SWEEP_SECONDS": SECONDS,
    "MAIL_TENANT_DAILY_QUOTA": COUNT,
    "MAIL_SMTP_REUSE": COUNT,
    "MAIL_BODY_DAYS": SECONDS,
    "MAIL_OCCURRENCES": WORD,
    "MAIL_IMPRINT_URL": URL,
    "MAIL_DATA_PROTECTION_URL": URL,
    "MAIL_SUPPORT_ADDRESS": ADDRESS,
    "ENCRYPTION_KEYS": ["short", "x" * 32 + ",short"],
    "CALLBACK_ALLOW_HTTP": FLAG,
    "CALLBACK_ALLOWED_PORTS": [*COUNT, "0", "65536", "443;8443"],
    "SMART_INVITES_PER_MINUTE": COUNT,
    "WEBEX_PER_MINUTE": COUNT,
    "CALLBACK_ALLOWED_NETWORKS": ["*", "localhost", "10.0.0.1/8"],
    "CALLBACK_THREADS": [*SECONDS, "1", "1001"],
    "CALLBACK_SWEEP_SECONDS": SECONDS,
    "CALLBACK_BODY_DAYS": SECONDS,
    "TRASH_DAYS": SECONDS,
    "COSPACE_IDLE_SECONDS": [*SECONDS, "59"],
    "COSPACE_EVENT_HOURS": SECONDS,
    "COSPACE_EVENTS_KEPT": [*SECONDS, "499"],
    "INBOUND_DOMAIN": ["https://in.example.org", "example", "In.Example.org", "@example.org", "a b.org"],
    "INBOUND_AUTHSERV_IDS": ["mx example", "https://mx"],
    "INBOUND_SENT_BY_DOMAINS": ["example", "@example.org", "Example.org"],
    "INBOUND_IMAP_URL": [
        "mail.example.org", "pop3://u:p@h", "imaps://h", "imaps://u:p@", "imap://u:p@h?tls=maybe", "imap://u:p@h?x=1",
        "imap://u:p@h/A?done=A", "imap://u:p@h/%0d", "imap://u:p@h:x",
    ],
    "INBOUND_MAIL_DAYS": SECONDS,
    "CHAT_DAYS": ["-1", "a week", "1.5"],
    "CELERY_BROKER_URL": ["rabbitmq", "amqp://", "sqs://h", "redis://h:x", "filesystem:///other"],
    "CELERY_QUEUE": ["a/b", "a b"],
    "LOG_LEVEL": ["verbose", "info"],
    "SENSOR_DATA_DAYS": ["0", "a week"],
    "BOX_OFFLINE_SECONDS": ["0", "soon"],
    "LOG_FORMAT": ["xml", "JSON"],
    "LOG_REQUESTS": FLAG,
    "METRICS_ALLOWED": ["10.0.0.0/33", "everybody"],
}  # fmt: skip
# What `check` refuses, as other settings or installed packages decide; in test_*_checks.py where it is not here.
REFUSED_BY_CHECK = {
    "EMAIL_BACKEND", "MAIL_LOGO", "OIDC_AUDIENCE", "OIDC_FRONTEND_CLIENT_ID", "OIDC_CLIENT_IDS", "OIDC_SIGNING_KEY",
    "OIDC_SIGNING_KEYS_INACTIVE", "TARIFF_DOWNGRADED", "TARIFF_STATUS_DEFAULT", "TARIFF_STATUS_PAID",
    "TARIFF_STATUS_DOWNGRADED", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET", "NEXTCLOUD_USERNAME",
    "NEXTCLOUD_PASSWORD", "TURN_URIS", "TURN_SECRET", "STUN_URIS", "MAIL_TASK_BROKER_URL", "MAIL_TASK_QUEUE",
    "STAFF_OIDC_CLIENT_ID", "STAFF_OIDC_CLIENT_SECRET",
    "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "ETHERPAD_API_KEY", "SPACEDECK_API_KEY",
}  # fmt: skip
# Any text will do.
FREE = {
    "SECRET_KEY", "TENANT_DEFAULT", "TARIFF_DEFAULT", "OIDC_DOCS_CLIENT_ID", "KEYCLOAK_TENANT_ATTRIBUTE",
    "JANUS_SECRET", "MAIL_PRODUCT_NAME", "VAR_DIR", "STAFF_OIDC_NAME", "STAFF_OIDC_ACR_VALUES",
}  # fmt: skip
CASES = [(name, value) for name, values in WRONG.items() for value in values]


def read_settings() -> dict[str, Any]:
    for part in ("integration_settings", "meeting_servers"):  # read anew as well
        sys.modules.pop(f"opentalk_site.{part}", None)
    return runpy.run_path(str(ROOT / "opentalk_site/settings.py"))


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a shell where nothing is set; the keys are made by nobody."""
    for name in set(os.environ) & (WRONG.keys() | REFUSED_BY_CHECK | FREE):
        monkeypatch.delenv(name)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("OIDC_SIGNING_KEY", "x")


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    """What is said of the value, empty where it is accepted."""
    with monkeypatch.context() as environment:
        environment.setenv(name, value)
        try:
            read_settings()
        except ImproperlyConfigured as refused:
            return str(refused)
    return ""


def test_wrong_value_is_refused_by_name_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {(name, value): refusal(monkeypatch, name, value) for name, value in CASES}
    assert {case: text for case, text in told.items() if not re.search(rf"\b{case[0]}\b", text)} == {}
    assert [text for text in told.values() if "\n" in text] == []


def test_every_setting_is_in_the_table() -> None:
    shown = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert shown == WRONG.keys() | REFUSED_BY_CHECK | FREE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "https://[::1]:8000"),
        ("HOST", "::1"),
        ("ALLOWED_HOSTS", "*,.example.org,[::1]"),
        ("ROOM_LINK", "https://other.example.org/{room_id}"),
        ("EMAIL_URL", "smtp://user:p%40ss@mail.example.org:587?tls=true"),
        ("DEFAULT_FROM_EMAIL", "Meetings <meet@example.org>"),
        ("INBOUND_IMAP_URL", "imap://in%40example.org:p%2F@mail.example.org/Answers/New?done=Answers/Done&tls=true"),
        ("CELERY_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//"),
        ("CACHE_URL", "rediss://:secret@cache:6379/1"),
        ("DATABASE_URL", "postgresql:///name?host=/run/postgresql"),
        ("DEFAULT_USER_LANGUAGE", "de-AT"),
        ("NEXTCLOUD_DIRECTORY", "/a/b c/"),
        ("OIDC_ISSUER", "https://login.example.org/realms/x/"),
        ("CALL_IN_TEL", "+49 (30) 123-456"),
        ("LIVEKIT_URL", "wss://livekit.example.org:7880/rtc"),
    ],
)
def test_good_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert read_settings()


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, ""),
        ({"LIVEKIT_URL": "wss://l.example.org/"}, "https://l.example.org"),
        ({"LIVEKIT_URL": "ws://l.example.org:7880"}, "http://l.example.org:7880"),
        ({"LIVEKIT_URL": "https://l.example.org"}, "https://l.example.org"),
        ({"LIVEKIT_URL": "wss://l.example.org", "LIVEKIT_SERVICE_URL": "http://10.0.0.2/"}, "http://10.0.0.2"),
    ],
)
def test_where_this_site_reaches_livekit(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert read_settings()["LIVEKIT_SERVICE_URL"] == url


def test_issuer_keeps_its_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "https://login.example.org/")
    assert read_settings()["OIDC_ISSUER"] == "https://login.example.org/"


def test_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CELERY_BROKER_URL", "CACHE_URL"):
        monkeypatch.setenv(name, "http://user:secret@host/")
        with pytest.raises(ImproperlyConfigured) as refused:
            read_settings()
        assert "secret" not in str(refused.value)
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "backend", ["foo.Bar", "django.core.mail.Bar", "nonsense", "anymail.backends.mailgun.EmailBackend"]
)
def test_mail_backend_that_cannot_be_used(settings: Any, backend: str) -> None:
    settings.EMAIL_BACKEND = backend
    (found,) = checks.mail(None)
    assert found.id == "opentalk_site.E030"
    assert "EMAIL_BACKEND" in found.msg
    assert "\n" not in found.msg


@pytest.mark.parametrize(("proxies", "ids"), [([], ["opentalk_site.W012"]), (["127.0.0.1"], [])])
def test_proxy_without_trust(settings: Any, proxies: list[str], ids: list[str]) -> None:
    settings.USE_X_FORWARDED_HOST, settings.TRUSTED_PROXIES = True, proxies
    assert [found.id for found in checks.proxy(None)] == ids


@pytest.mark.parametrize("value", ["false", "true"])
def test_hsts_reaches_beyond_this_site_only_where_asked_for(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BASE_URL", "https://meet.example.org")
    monkeypatch.setenv("SECURE_HSTS_PRELOAD", value)
    monkeypatch.setenv("SECURE_HSTS_INCLUDE_SUBDOMAINS", value)
    found = read_settings()
    assert found["SECURE_HSTS_SECONDS"] == 31536000
    assert [found[f"SECURE_HSTS_{name}"] for name in ("PRELOAD", "INCLUDE_SUBDOMAINS")] == [value == "true"] * 2


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EROFS, "{folder}/x is on a read-only disk"),
        (errno.EACCES, "{folder} belongs to {owner} and is not accessible"),
        (errno.ENOSPC, "{folder}/x cannot be used: No space left on device"),
    ],
)
def test_folder_says_why_it_cannot_be_used(tmp_path: Path, number: int, told: str) -> None:
    reason = folders.reason(tmp_path / "x", OSError(number, os.strerror(number)))
    assert reason == told.format(folder=tmp_path, owner=tmp_path.owner())


# --- As processes ---

PROCESSES = [
    ("check", {"ROOM_LINK": "{frontend}/{foo}"}, "ROOM_LINK must be"),
    ("setup", {"EMAIL_BACKEND": "foo.Bar"}, "EMAIL_BACKEND foo.Bar cannot be used: No module named 'foo'"),
    ("run", {"EMAIL_BACKEND": "foo.Bar"}, "EMAIL_BACKEND foo.Bar cannot be used: No module named 'foo'"),
    ("check", {"CELERY_BROKER_URL": "amqp://user:pa55@127.0.0.1:9"}, "CELERY_BROKER_URL: [Errno 111]"),
    ("setup", {"CELERY_BROKER_URL": "redis://:pa55@127.0.0.1:9"}, "CELERY_BROKER_URL: Error 111"),
    ("check", {"CACHE_URL": "redis://:pa55@127.0.0.1:9"}, "CACHE_URL: Error 111"),
    ("setup", {"DATABASE_URL": "postgresql://u:pa55@127.0.0.1:9/x"}, "DATABASE_URL: connection failed"),
    ("check", {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}, "DATABASE_URL: unable to open database file"),
    ("run", {"VAR_DIR": "/dev/null/x"}, "VAR_DIR: /dev/null/x"),
    ("setup", {"FILES_URL": "file:///dev/null/x"}, "FILES_URL: /dev/null/x cannot be used: Not a directory"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "wrong", "told"), PROCESSES)
def test_command_says_it_in_a_line(command: str, wrong: dict[str, str], told: str, tmp_path: Path) -> None:
    own = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, env=own | wrong, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if told in line]
    assert "Traceback" not in done.stderr
    assert "pa55" not in done.stdout + done.stderr
