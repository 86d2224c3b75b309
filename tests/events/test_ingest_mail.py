"""`manage.py ingest_mail` as the pipe of a mail server: what it takes and what it leaves to the server."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from events.services import inbound
from invites.models import InboundMail, Reply
from tests.circle import Circle
from tests.events import letters
from tests.site import ROOT

BOB = "bob@example.com"


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes, *recipients: str) -> int:
    """The exit code."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises(SystemExit) as ended:
        call_command("ingest_mail", *recipients, stdout=io.StringIO(), stderr=io.StringIO())
    return int(ended.value.code or 0)


@pytest.mark.django_db
class TestPipe:
    @pytest.fixture(autouse=True)
    def _set_up(self, settings: Settings) -> None:
        settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]

    def test_mail_is_stored_and_ok(self, monkeypatch: pytest.MonkeyPatch) -> None:
        circle = Circle()
        data = letters.plain(circle.event, BOB, to="somebody@example.org").replace(b"\r\n", b"\n")
        assert pipe(monkeypatch, data, circle.event.organizer_address) == os.EX_OK
        assert circle.event.invites.get().status == "accepted"
        assert InboundMail.objects.values_list("source", "verdict").get() == ("pipe", "applied")

    def test_what_is_no_answer_is_stored_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert pipe(monkeypatch, b"garbage") == os.EX_OK
        assert InboundMail.objects.get().verdict == "no_calendar"

    @pytest.mark.parametrize(("data", "rows"), [(b"", 0), (b"x" * (2**20 + 1), 1)], ids=["empty", "too large"])
    def test_what_cannot_be_kept_goes_back(self, monkeypatch: pytest.MonkeyPatch, data: bytes, rows: int) -> None:
        assert pipe(monkeypatch, data) == os.EX_DATAERR
        assert InboundMail.objects.count() == rows

    @pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("a bug")])
    def test_what_could_not_be_stored_stays_with_the_server(
        self, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fails(*_given: Any) -> None:
            raise error

        monkeypatch.setattr(inbound, "_stored", fails)
        monkeypatch.setattr(inbound, "_failed", fails)
        assert pipe(monkeypatch, b"Subject: x\n\nx") == os.EX_TEMPFAIL
        assert not InboundMail.objects.exists()

    def test_without_a_domain_nothing_is_lost(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        settings.INBOUND_DOMAIN = ""
        assert pipe(monkeypatch, b"Subject: x\n\nx") == os.EX_TEMPFAIL


def manage(data: bytes, *arguments: str, **environment: str) -> int:
    given = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | environment
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, input=data, cwd=ROOT, env=given, check=False, capture_output=True).returncode


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_real_pipe(tmp_path: Path, settings: Settings) -> None:
    """A process of its own, on the database of the test."""
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    if connection.vendor != "postgresql":
        pytest.skip("the database of the tests is in memory")
    circle = Circle()
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + str(connection.settings_dict["NAME"])
    own = {"VAR_DIR": str(tmp_path), "INBOUND_DOMAIN": "in.example.org", "INBOUND_AUTHSERV_IDS": letters.SERVER}
    data = letters.gmail(circle.event, BOB, "DECLINED")
    assert manage(data, "ingest_mail", circle.event.organizer_address, DATABASE_URL=url, **own) == os.EX_OK
    assert circle.event.invites.get().status == "declined"
    assert manage(data, "ingest_mail", circle.event.organizer_address, DATABASE_URL=url, **own) == os.EX_OK
    assert Reply.objects.count() == 1
    assert manage(b"", "ingest_mail", DATABASE_URL=url, **own) == os.EX_DATAERR
    away = "postgresql://postgres@127.0.0.1:9/none?connect_timeout=1"
    assert manage(data, "ingest_mail", DATABASE_URL=away, **own) == os.EX_TEMPFAIL
    # Before any command runs: a setting that nobody can read.
    assert manage(data, "ingest_mail", DATABASE_URL=url, **own | {"MAIL_BODY_DAYS": "x"}) == os.EX_TEMPFAIL
    assert manage(data, "check", DATABASE_URL=url, **own | {"MAIL_BODY_DAYS": "x"}) == 1
