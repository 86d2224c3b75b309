"""Plain rows are what the ORM answers, in named tuples."""

import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.db import NotSupportedError, OperationalError, ProgrammingError, connection, transaction
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from database.rows import plain_rows
from tests import factories
from users.models import Tariff, Tenant, User

pytestmark = pytest.mark.django_db


class Name(NamedTuple):
    id: uuid.UUID
    username: str
    created_at: datetime


class Features(NamedTuple):
    name: str
    quotas: dict[str, int]
    disabled_modules: list[str]


def make(*parts: Any) -> tuple[Any, ...]:
    return parts


@pytest.fixture
def people() -> QuerySet[Any]:
    """carol has no tariff."""
    for name in ("alice", "bob", "carol"):
        factories.user(name)
    Tariff.objects.update(quotas={"max_storage": 2**40}, disabled_modules=["chat", "Zürich"])
    User.objects.filter(username="carol").update(tariff=None)
    return plain_rows(User.objects.order_by("username"), make, {"": Name, "tariff": Features})


def test_values_are_as_the_orm_gives_them_on_both_databases(people: QuerySet[Any]) -> None:
    alice = User.objects.get(username="alice")
    name, features = people.filter(username="alice").get()
    assert name == Name(alice.pk, "alice", alice.created_at)
    assert features == Features("OpenTalkDefaultTariff", {"max_storage": 2**40}, ["chat", "Zürich"])
    assert name.created_at.tzinfo == UTC


def test_part_is_none_where_nothing_is_joined(people: QuerySet[Any]) -> None:
    assert [features is None for _name, features in people.exclude(username="")] == [False, False, True]


def test_rows_are_filtered_ordered_and_sliced_like_others(people: QuerySet[Any]) -> None:
    def names(rows: QuerySet[Any]) -> list[str]:
        return [name.username for name, _features in rows]

    assert names(people.filter(username__in=["carol", "alice"])) == ["alice", "carol"]
    assert names(people.filter(username__gt="alice")[1:2]) == ["carol"]
    assert names(people.filter(tariff__name__startswith="OpenTalk")[:1]) == ["alice"]
    assert names(people.filter(username__in=[])) == []
    assert people.filter(username="nobody").first() is None


def test_rows_are_those_of_now(people: QuerySet[Any]) -> None:
    """Only the SQL is kept."""
    somebody = people.filter(username="alice")
    assert [features.name for _name, features in somebody.all()] == ["OpenTalkDefaultTariff"]
    Tariff.objects.update(name="Other")
    assert [features.name for _name, features in somebody.all()] == ["Other"]


def test_model_as_a_part_gives_instances(people: QuerySet[Any]) -> None:
    rows = plain_rows(User.objects.order_by("pk"), make, {"": User, "tenant": Tenant})
    ((alice, tenant),) = rows.filter(username="alice")
    assert (alice, tenant) == (User.objects.get(username="alice"), Tenant.objects.get())
    alice.title = "Dr."
    alice.save(update_fields=["title"])
    assert User.objects.get(username="alice").title == "Dr."


def test_one_statement(people: QuerySet[Any]) -> None:
    with CaptureQueriesContext(connection) as captured:
        list(people.filter(username="alice"))
    assert len(captured) == 1


def test_joining_another_table_is_an_error_and_no_wrong_answer(people: QuerySet[Any]) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), transaction.atomic():
        list(people.filter(tenant__external_id="OpenTalkDefaultTenant"))


@pytest.mark.parametrize(
    "read",
    [
        lambda rows: rows.last(),
        lambda rows: rows.reverse().first(),
        lambda rows: list(rows.order_by("-username")),
        lambda rows: rows.earliest("created_at"),
        lambda rows: rows.latest("created_at"),
        lambda rows: list(rows.distinct()),
        lambda rows: list(rows.annotate(other=F("title"))),
        lambda rows: list(rows.alias(other=F("title"))),
        lambda rows: list(rows.union(rows)),
        lambda rows: list(rows.extra(where=["1 = 1"], tables=["users_tariff"])),
        lambda rows: list(rows.select_for_update()),
        lambda rows: next(rows.reverse().iterator()),
    ],
)
def test_what_the_kept_sql_cannot_do_is_an_error_and_no_wrong_answer(people: QuerySet[Any], read: Any) -> None:
    with transaction.atomic(), pytest.raises(NotSupportedError, match="Plain rows cannot change"):
        read(people.exclude(username=""))


def test_counting_and_columns_are_left_to_the_orm(people: QuerySet[Any]) -> None:
    rows = people.exclude(username="bob")
    assert (rows.count(), rows.exists()) == (2, True)
    assert list(rows.order_by("-username").values_list("username", flat=True)) == ["carol", "alice"]
