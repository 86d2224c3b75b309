"""Compiled statements do what the ORM's do."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import BigAutoField, CharField, DateTimeField, UUIDField
from django.test.utils import CaptureQueriesContext

from database.compiled import Compiled, Insert, Parameter
from database.pipeline import together
from mailer.models import HeldDomain, MailAttempt, OutgoingMail
from signaling.models import Entry, RoomSession
from tests import factories

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAIL = Compiled(
    OutgoingMail.objects.filter(
        id=Parameter("id", UUIDField()), next_try_at=Parameter("next_try_at", DateTimeField())
    ).exclude(domain__in=HeldDomain.objects.filter(held_until__gt=Parameter("now", DateTimeField())).values("domain"))
)
ENTRY = Insert(Entry)
ATTEMPT = Compiled(MailAttempt.objects.filter(pk=Parameter("id", BigAutoField())))


@pytest.fixture
def mail() -> OutgoingMail:
    HeldDomain.objects.create(domain="held.example", held_until=NOON)
    return OutgoingMail.objects.create(
        kind="test", message={}, cause=uuid.uuid4(), address="lee@held.example", language="en", next_try_at=NOON
    )


def test_conditions_take_the_values_of_each_run(mail: OutgoingMail) -> None:
    later, values = NOON + timedelta(seconds=1), {"id": mail.pk, "next_try_at": NOON}
    assert MAIL.given(**values, now=NOON).exists()
    assert not MAIL.given(**values, now=NOON - timedelta(seconds=1)).exists()
    assert not MAIL.given(**values | {"next_try_at": later}, now=NOON).exists()
    assert not MAIL.given(**values | {"id": uuid.uuid4()}, now=NOON).exists()
    assert MAIL.given(**values, now=NOON).filter(state__in=("queued", "retry")).exists()
    assert not MAIL.given(**values, now=NOON).filter(state__in=("sent",)).exists()


def test_column_is_changed_by_a_condition_on_its_old_value(mail: OutgoingMail) -> None:
    later, rows = NOON + timedelta(hours=1), MAIL.given(id=mail.pk, next_try_at=NOON, now=NOON)
    assert rows.filter(state="queued").update(state="sending", next_try_at=later, last_error="100 % of it, ü") == 1
    assert rows.update(state="sent") == 0
    mail.refresh_from_db()
    assert (mail.state, mail.next_try_at, mail.last_error) == ("sending", later, "100 % of it, ü")


def test_values_of_every_type_are_written_as_the_orm_writes_them(mail: OutgoingMail) -> None:
    attempt, values = mail.tries.create(), {"smtp_code": None, "content": b"\x00\xff", "secrets": ["1234", "ü"]}
    assert ATTEMPT.given(id=attempt.pk).update(**values, ended_at=NOON) == 1
    attempt.refresh_from_db()
    assert (attempt.smtp_code, bytes(attempt.content), attempt.secrets) == (None, b"\x00\xff", ["1234", "ü"])
    assert ATTEMPT.given(id=attempt.pk).update(content=None, smtp_code=250) == 1
    attempt.refresh_from_db()
    assert (attempt.smtp_code, attempt.content, attempt.ended_at) == (250, None, NOON)


def test_percent_signs_of_a_constant_stay(mail: OutgoingMail) -> None:
    rows = Compiled(OutgoingMail.objects.filter(kind=Parameter("kind", CharField()))).given(kind="test")
    assert not rows.filter(last_error__contains="100 %").exists()
    rows.update(last_error="100 % of it")
    assert rows.filter(last_error__contains="100 %").exists()


def test_each_statement_is_written_once(mail: OutgoingMail, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = MAIL.given(id=mail.pk, next_try_at=NOON, now=NOON)
    with CaptureQueriesContext(connection) as first:
        rows.filter(state="queued").update(language="de")
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.as_sql", None)
    monkeypatch.setattr("django.db.models.sql.compiler.SQLUpdateCompiler.as_sql", None)
    with CaptureQueriesContext(connection) as second:
        rows.filter(state="queued").update(language="de")
    assert [query["sql"] for query in first] == [query["sql"] for query in second]


def test_row_is_added_as_the_orm_adds_it() -> None:
    session = RoomSession.objects.create(room=factories.event(factories.user()).room, opened_at=NOON, tariff={})
    for data in ({"content": "100 % of it, ü"}, {"content": None}):
        ENTRY.row(session_id=session.pk, namespace="chat", place="", at=NOON, data=data)
        Entry.objects.create(session=session, namespace="chat", place="", at=NOON, data=data)
        added, made = Entry.objects.order_by("-pk").values("session", "namespace", "place", "at", "data")[:2]
        assert added == made
    with CaptureQueriesContext(connection) as queries:
        ENTRY.row(session_id=session.pk, namespace="chat", place="", at=NOON, data={})
    assert len(queries) == 1


def test_first_row_is_the_one_that_the_orm_reads() -> None:
    room = factories.event(factories.user()).room
    session = RoomSession.objects.create(room=room, opened_at=NOON, deadlines={"poll": "ü"})
    live = Compiled(RoomSession.objects.filter(room=Parameter("room", UUIDField()), ended_at=None)[:1])
    found, read = live.given(room=room.pk).first(), RoomSession.objects.get(pk=session.pk)
    for field in RoomSession._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(read, field.attname), field.name
    assert not found._state.adding
    assert live.given(room=uuid.uuid4()).first() is None


def test_error_among_statements_that_are_sent_together_undoes_them_all() -> None:
    session = RoomSession.objects.create(room=factories.event(factories.user()).room, opened_at=NOON)

    def write(*namespaces: str | None) -> None:
        with transaction.atomic(), together():
            for namespace in namespaces:
                ENTRY.row(session_id=session.pk, namespace=namespace, place="", at=NOON, data={})

    with pytest.raises(DatabaseError):
        write("chat", None, "polls")
    assert not Entry.objects.exists()
    write("chat", "polls")
    assert [entry.namespace for entry in Entry.objects.order_by("pk")] == ["chat", "polls"]
