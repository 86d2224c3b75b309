"""POST /v1/services/activity: who may report what, and what the log has of it."""

import tracemalloc
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity, Audience
from integrations.objects.models import Grant, ObjectTag, Tag
from integrations.objects.services.chats import create_chat
from integrations.producers.models import Binding, ExtraKind, Producer, Report
from integrations.producers.schemas import unkeepable
from integrations.producers.services import forget_reports, prunable
from tests import factories
from tests.integrations.producers.world import PATH, RECORD, bind, pointers, report, results, send, service, thing
from tests.users.gateway import gateway
from users.models import User

pytestmark = pytest.mark.django_db
ACCEPTED, DUPLICATE = ("accepted", []), ("duplicate", [])


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Any]:
    with time_machine.travel("2026-11-23T09:00:00.250Z", tick=False) as traveller:
        yield traveller


def test_report_is_in_the_log_for_the_people_of_its_object() -> None:
    alice, bob, _stranger = factories.users("alice", "bob", "stranger")
    api, one = service(), thing(alice, description="Hotline")
    tag = Tag(owner=alice, label="team")
    tag.save()
    Grant.objects.create(tag=tag, user=bob, level=1)
    ObjectTag.objects.create(object=one, tag=tag)
    answer = api.post(PATH, report(one, data=RECORD | {"user_id": str(bob.pk), "calling_number": "+4930"}))
    assert answer.json() == [{"id": "report-1", "source": "/exchange/7", "status": "accepted", "errors": []}]
    row = Activity.objects.get(kind="call_record.created")
    assert (row.actor_kind, row.actor_name, row.subject_id, row.tenant_id) == (
        "service",
        "gateway",
        one.pk,
        alice.tenant_id,
    )
    assert row.data == {
        "at": "2026-11-23T09:00:00.000Z",
        "corelation_id": "fdda8613",
        "call_type": "SIP_ENTERPRISE",
        "call_duration_seconds": "192",
        "user_id": str(bob.pk),
        "calling_number": "+4930",
        **dict.fromkeys(
            (
                "user_type", "call_direction", "is_call_answered", "call_start_time", "call_answer_time",
                "call_transfer_time", "calling_line_id", "called_number", "called_line_id", "dialed_digits",
                "call_redirecting_number", "call_redirected_reason",
            ),
            "",
        ),
    }  # fmt: skip
    told = Audience.objects.filter(activity=row).values_list("user_id", "read_before", "reads_after")
    assert set(told) == {(alice.pk, True, True), (bob.pk, True, True)}
    binding = Binding.objects.get()
    assert (binding.reported_at, binding.reported_kind) == (row.occurred_at, "call_record.created")
    assert Producer.objects.get().reported_at == row.occurred_at


def test_each_report_is_judged_by_itself() -> None:
    api, one = service(), thing(factories.user("alice"))
    answer = send(
        api, report(one), "nonsense", report(one, 2, time="yesterday"), report(one), report(one, 3), report(one, 3)
    )
    assert results(answer) == [
        ACCEPTED,
        ("invalid", [("", "This must be an object")]),
        ("invalid", [("/time", "This must be an RFC 3339 time with offset")]),
        DUPLICATE,
        ACCEPTED,
        DUPLICATE,
    ]
    assert [one["id"] for one in answer.json()] == ["report-1", None, "report-2", "report-1", "report-3", "report-3"]
    assert Activity.objects.filter(kind="call_record.created").count() == 2
    assert results(send(api, report(one), report(one, source="/exchange/8"))) == [DUPLICATE, ACCEPTED]


def test_refused_report_can_be_sent_again() -> None:
    api, alice = service(), factories.user("alice")
    one = thing(alice)
    Binding.objects.all().delete()
    assert results(send(api, report(one))) == [
        ("invalid", [("/subject", "The service is bound to no such object")]),
    ]
    bind(one)
    assert results(send(api, report(one))) == [ACCEPTED]


def test_pointers_lead_to_what_is_wrong() -> None:
    api, one = service(), thing(factories.user("alice"), "conference_", room=None)
    one.type = "call"
    one.save()
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"id": ""}, ["/id"]),
        ({"id": None, "source": 7}, ["/id", "/source"]),
        ({"id": "a\0"}, ["/id"]),
        ({"source": "s" * 256}, ["/source"]),
        ({"type": "call_record.deleted"}, ["/type"]),
        ({"type": None}, ["/type"]),
        ({"specversion": "0.3"}, ["/specversion"]),
        ({"subject": None}, ["/subject"]),
        ({"subject": "box 7"}, ["/subject"]),
        ({"subject": str(uuid.uuid4())}, ["/subject"]),
        ({"time": None}, ["/time"]),
        ({"time": "2026-11-23T09:06:00Z"}, ["/time"]),
        ({"time": "2026-11-16T08:59:00Z"}, ["/time"]),
        ({"time": "0001-01-01T00:00:00+23:59"}, ["/time"]),
        ({"data": None}, ["/data"]),
        ({"data": []}, ["/data"]),
        ({"data": {}}, ["/data/call_type", "/data/corelation_id"]),
        ({"data_base64": "e30="}, ["/data_base64"]),
        ({"datacontenttype": "text/xml"}, ["/datacontenttype"]),
        ({"data": RECORD | {"call_type": 7}}, ["/data/call_type"]),
        ({"data": RECORD | {"call_type": "a\0"}}, ["/data/call_type"]),
        ({"data": RECORD | {"call~/type": 7}}, ["/data/call~0~1type"]),
        ({"data": RECORD | {"call_duration_seconds": "192\n"}}, ["/data/call_duration_seconds"]),
        ({"data": RECORD | {"call_duration_seconds": 192}}, ["/data/call_duration_seconds"]),
        ({"data": RECORD | {"user_id": str(uuid.uuid4())}}, ["/data/user_id"]),
        ({"data": RECORD | {"at": "now"}}, ["/data/at"]),
    ]
    for members, expected in cases:
        assert pointers(send(api, report(one, **members))) == expected, members
    nested = {"message_id": "m", "text": "t", "recipients": [{"email": "a@example.org"}, {"email": 7}]}
    answer = send(api, report(one, type="meeting_message.created", data=nested))
    assert pointers(answer) == ["/data/recipients/1/email"]
    assert Activity.objects.filter(actor_kind="service", via="api").count() == 0


def test_what_no_database_keeps_is_refused() -> None:
    ExtraKind.objects.create(type="x_door.opened", schema={"type": "object"})
    api, one = service(), thing(factories.user("alice"))
    deep: dict[str, Any] = {}
    for _level in range(40):
        deep = {"a": deep}
    for data, pointer in (
        ({"a": {"b\0": 1}}, "/data/a"),
        ({"a": ["b\0"]}, "/data/a/0"),
        (deep, "/data" + "/a" * 33),
    ):
        assert pointers(send(api, report(one, type="x_door.opened", data=data))) == [pointer]


def test_kind_fits_the_type_of_the_object() -> None:
    api, one = service(), thing(factories.user("alice"), "box")
    assert results(send(api, report(one))) == [
        ("invalid", [("/subject", "This kind is about: call, conference")]),
    ]


def test_role_is_by_kind() -> None:
    one = None
    for roles, expected in (
        (["produce:call_record"], "accepted"),
        (["PRODUCE:*"], "accepted"),
        (["produce:call"], "invalid"),
        (["produce:sensor", "opentalk-recorder"], "invalid"),
    ):
        api = service(*roles)
        one = one or thing(factories.user("alice"))
        status, wrong = results(send(api, report(one, source=" ".join(roles))))[0]
        assert status == expected, roles
        if wrong:
            assert wrong == [("/type", "The service needs the role produce:call_record")]
    assert gateway("opentalk-recorder").post(PATH, {}).status_code == 401


def test_service_without_tenant_is_refused() -> None:
    api = service()
    for change in ({"disabled_since": "2026-01-01T00:00:00Z"}, {"name": "other"}):
        Producer.objects.update(**change)
        answer = api.post(PATH, [])
        assert (answer.status_code, answer.json()["code"]) == (403, "no_producer")
        assert api.get(f"{PATH}/kinds").status_code == 403
        Producer.objects.update(disabled_since=None)


def test_object_of_another_tenant_is_as_unbound() -> None:
    api = service()
    one = thing(factories.user("foreigner", tenant=factories.tenant("another")))
    assert pointers(send(api, report(one))) == ["/subject"]


def test_trash_is_not_reported_about(frozen: Any) -> None:
    api, one = service(), thing(factories.user("alice"))
    one.deleted_at = timezone.now()
    one.save()
    assert pointers(send(api, report(one))) == ["/subject"]


def test_registered_kind_is_judged_by_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"door": {"type": "string", "maxLength": 10}},
        "required": ["door"],
        "additionalProperties": False,
    }
    ExtraKind.objects.create(type="x_door.opened", description="A door", schema=schema)
    api, one = service("produce:x_door"), thing(factories.user("alice"), "box")
    assert pointers(send(api, report(one, type="x_door.opened", data={"who": 1}))) == ["/data/door", "/data/who"]
    assert results(send(api, report(one, type="x_door.opened", data={"door": "7"}))) == [ACCEPTED]
    row = Activity.objects.get(kind="extra.reported")
    assert row.data == {"at": "2026-11-23T09:00:00.000Z", "report_type": "x_door.opened", "content": {"door": "7"}}
    listed = {kind["type"]: kind for kind in api.get(f"{PATH}/kinds").json()}
    assert listed["x_door.opened"]["schema"] == schema
    assert listed["x_door.opened"]["scope"] == "produce:x_door"
    assert listed["call_record.created"]["about"] == ["call", "conference"]


@pytest.mark.slow
def test_five_hundred_reports_are_one_request(django_assert_max_num_queries: Any) -> None:
    api, one = service(), thing(factories.user("alice"))
    send(api, report(one, 0))
    with django_assert_max_num_queries(15 + 4 * 500):
        answer = send(api, *(report(one, number) for number in range(1, 501)))
    assert results(answer) == [ACCEPTED] * 500
    assert Report.objects.count() == 501
    answer = send(api, *(report(one, number) for number in range(501)))
    assert (answer.status_code, answer.json()["code"]) == (400, "payload_overflow")


def test_accepted_report_takes_four_statements(django_assert_num_queries: Any) -> None:
    api, one = service(), thing(factories.user("alice"))
    send(api, report(one, 0))

    def statements(first: int, count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert results(send(api, *(report(one, first + number) for number in range(count)))) == [ACCEPTED] * count
        return len(found)

    assert statements(10, 3) - statements(20, 1) == 8


def test_reports_too_large_or_in_a_wrong_form_are_refused_unread(django_assert_max_num_queries: Any) -> None:
    api, one = service(), thing(factories.user("alice"))
    with django_assert_max_num_queries(2):
        large = api.request("POST", PATH, data="[" + " " * 1024 * 1024 + "]", content_type="application/json")
        wrong = send(api, *["x"] * 500)
    assert (large.status_code, large.json()["code"]) == (400, "payload_overflow")
    assert {status for status, _wrong in results(wrong)} == {"invalid"}
    for body, kind in (
        ("{}", "application/cloudevents-batch+json"),
        ("[]", "application/cloudevents+json"),
        ('{"id": "\\ud800"}', "application/json"),
        ("[" * 5000, "application/json"),
        ('{"data": {"a": 1e999}}', "application/json"),
        ("<a/>", "text/xml"),
    ):
        answer = api.request("POST", PATH, data=body, content_type=kind)
        assert answer.status_code == 400, (body[:20], kind, answer.content)
    assert one.pk


def test_old_reports_are_forgotten(frozen: Any) -> None:
    api, one = service(), thing(factories.user("alice"))
    send(api, report(one))
    frozen.shift(timedelta(days=8, seconds=1))
    assert prunable().count() == 1
    assert forget_reports(limit=10) == 1


def test_places_are_written_out_only_for_what_is_wrong() -> None:
    """Each has all names above it: a long one above many elements would take gigabytes."""
    name = "n" * 20_000
    tracemalloc.start()
    assert list(unkeepable({name: [0] * 5_000}, "/data")) == []
    (problem,) = unkeepable({name: [*[0] * 5_000, "\0"]}, "/data")
    assert problem.pointer == f"/data/{name}/5000"
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_number_that_the_database_gives_back_as_another_is_refused() -> None:
    ExtraKind.objects.create(type="x_door.opened", schema={"type": "object"})
    api, one = service(), thing(factories.user("alice"))
    for number in (1e20, -1e300, 2**53 + 1):
        assert pointers(send(api, report(one, type="x_door.opened", data={"n": [number]}))) == ["/data/n/0"]
    assert results(send(api, report(one, type="x_door.opened", data={"n": 2**53, "is": True}))) == [ACCEPTED]


def test_time_that_no_clock_has_and_a_disabled_writer_are_told_and_the_others_go_on() -> None:
    api, alice, bob = service(), factories.user("alice"), factories.user("bob")
    fax, call = thing(alice, "fax"), thing(alice)
    chat = create_chat(owner=alice, members=[bob], actor=Actor.by_api(alice))
    bind(chat)
    User.objects.filter(pk=bob.pk).update(disabled_since=timezone.now())
    said = {"report_id": str(uuid.UUID(int=1)), "incoming": True, "sender": "+49", "recipient": "+33", "status": "ok"}
    answer = send(
        api,
        report(fax, 1, type="fax.report", data=said | {"time_start": "9999-12-31T23:59:59-14:00"}),
        report(chat, 2, type="chat.message", data={"user_id": str(bob.pk), "text": "Hello"}),
        report(call, 3),
    )
    assert [(status, [pointer for pointer, _message in errors]) for status, errors in results(answer)] == [
        ("invalid", ["/data/time_start"]),
        ("invalid", ["/data/user_id"]),
        ("accepted", []),
    ]
