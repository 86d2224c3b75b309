"""Tariffs from a file, and their export read again."""

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import factories
from tests.imports.steps import found, press, upload
from tests.staff.holding import browser_of
from tests.sweeps import examples
from tests.traces import Traces
from users.models import Tariff, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    return browser_of(factories.staff())


def test_tariffs_are_made_and_recorded(boss: Client) -> None:
    Tariff.objects.create(name="Small")
    traces = Traces()
    job = upload(
        boss, "tariffs",
        "Tarif;Kontingente;disabled_modules",
        'Big;"{""max_storage"": 5}";"[""polls""]"',
        "Small;;",
        'Odd;"{""max_storage"": -1}";5',
        "Broken;{;",
    )  # fmt: skip
    press(boss, job, "confirm")
    assert found(job) == [
        (2, "done", []),
        (3, "exists", []),
        (4, "error", [
            ["quotas", "A JSON object with a whole number, 0 or more, for each name"],
            ["disabled_modules", "A JSON list of names"],
        ]),
        (5, "error", [["quotas", "Enter a valid JSON."]]),
    ]  # fmt: skip
    assert Tariff.objects.filter(name="Big", quotas={"max_storage": 5}, disabled_modules=["polls"]).exists()
    assert [(row.kind, row.subject_type, row.data.get("label")) for row in traces.log()] == [
        ("list.imported", "import", None), ("setup.created", "tariff", "Big")
    ]  # fmt: skip


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
LISTS = st.lists(NAMES, max_size=3)
TARIFFS = st.builds(
    Tariff,
    name=NAMES,
    external_ids=LISTS,
    quotas=st.dictionaries(NAMES, st.integers(0, 10**12), max_size=3),
    disabled_modules=LISTS,
    disabled_features=LISTS,
)


def values() -> list[dict[str, object]]:
    columns = ("name", "external_ids", "quotas", "disabled_modules", "disabled_features")
    return list(Tariff.objects.order_by("name").values(*columns))


@pytest.mark.slow
@settings(max_examples=examples(4, 20), deadline=None)
@given(tariffs=st.lists(TARIFFS, min_size=1, max_size=5, unique_by=lambda tariff: tariff.name))
def test_own_export_gives_the_same_values_back(tariffs: list[Tariff]) -> None:
    browser = browser_of(User.objects.filter(username="admin").first() or factories.staff())
    Tariff.objects.exclude(users__isnull=False).delete()
    kept = Tariff.objects.get()
    Tariff.objects.bulk_create(tariff for tariff in tariffs if tariff.name != kept.name)
    before = values()
    rows = [str(row.pk) for row in Tariff.objects.all()]
    answer = browser.post("/admin/users/tariff/", {"action": "export_csv", "_selected_action": rows})
    written = b"".join(answer.streaming_content).decode()
    Tariff.objects.exclude(pk=kept.pk).delete()
    job = upload(browser, "tariffs", written.removesuffix("\r\n"))
    press(browser, job, "confirm")
    assert values() == before
