"""What every test gets: no network beyond this machine, a clean cache, mails that stay here."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_save
from django.utils import timezone, translation

from activity.history.fields import label_of, model_of
from activity.history.wording import WORDING
from activity.models import Activity
from integrations.deliveries import tasks as delivery_tasks
from integrations.objects import tasks as object_tasks
from mailer import tasks
from operations.translations import compile_messages
from site_settings import values
from tests import services
from tests.sweeps import examples


def pytest_configure() -> None:
    """German mails are tested in a fresh checkout too."""
    compile_messages([Path(__file__).parent.parent / "locale"])
    hypothesis.settings.register_profile("here", max_examples=examples(30, 100))
    hypothesis.settings.load_profile("here")


def pytest_sessionstart() -> None:
    wants_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    if wants_postgresql and not services.postgresql_answers():
        pytest.exit("skipped: PostgreSQL does not answer", returncode=1 if services.is_ci() else 0)


def pytest_collection_finish() -> None:
    """What thousands of collected tests consist of stays; else each collection of garbage walks all of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """A test that reaches for the internet fails, whatever its code does with the error."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            pytest.fail(f"a test connected to {address}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def activities_can_be_told() -> None:
    """Whatever a service records in any test has a sentence, and each changed field a name in it."""
    post_save.connect(_check_activity, sender=Activity, dispatch_uid="watch_activities")


def _check_activity(instance: Activity, **_kwargs: Any) -> None:
    assert instance.kind in WORDING, instance.kind
    model = model_of(instance.subject_type)
    nameless = [name for name in instance.changes if label_of(model, name) is None]
    assert not nameless, f"no label for {nameless} of {instance.subject_type}: activity/history/fields.py"


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _nobodys_language() -> None:
    """Django's client leaves the language and zone of its last request to whatever runs next in the thread."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _nothing_chosen() -> None:
    """The environment's settings are in force; tests/test_site_settings.py has the others."""
    values.assume_nothing_chosen()


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Wake-ups of the sender, instead of a broker; a test that delivers calls mailer.send.deliver_due itself."""
    calls: list[None] = []
    monkeypatch.setattr(tasks, "wake", lambda: calls.append(None))
    return calls


@pytest.fixture(autouse=True)
def callback_wakes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """The same for callbacks, which deliveries.send.deliver_due sends."""
    calls: list[None] = []
    monkeypatch.setattr(delivery_tasks, "wake", lambda: calls.append(None))
    return calls


@pytest.fixture(autouse=True)
def conversion_wakes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """The same for uploads, which objects.conversion.run.convert_due converts."""
    calls: list[None] = []
    monkeypatch.setattr(object_tasks, "wake", lambda: calls.append(None))
    return calls


@pytest.fixture
def postgresql(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL names no PostgreSQL")
