"""What services register, and the states that they report: only what changed becomes events."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from activity.models import Activity
from integrations.objects import presence
from integrations.objects.models import Object, Tag
from integrations.objects.services.sensors import request_action
from integrations.objects.signals import passing
from integrations.producers.models import Binding, Producer
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.integrations.producers.world import service, states, thing, things
from tests.test_permissions import service_token

pytestmark = pytest.mark.django_db
ID = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Any]:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def passed() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def hear(sender: Any, signal: Any, **sent: Any) -> None:
        found.append((sent["name"], sent["data"]))

    passing.connect(hear)
    yield found
    passing.disconnect(hear)


def register(api: Api, object_id: uuid.UUID = ID, **values: Any) -> Any:
    return api.put(f"/v1/services/objects/{object_id}", values)


def kinds() -> list[str]:
    return list(Activity.objects.filter(actor_kind="service").order_by("position").values_list("kind", flat=True))


def test_registered_object_belongs_to_its_owner_and_has_tags() -> None:
    api, alice = service(), factories.user("alice")
    tag = Tag(owner=alice, label="house")
    tag.save()
    sensor = {"type": "sensor", "owner_id": str(alice.pk)}
    answer = register(api, description="Thermometer", tags=[str(tag.pk)], **sensor)
    assert answer.json() == {
        "object_id": str(ID),
        "type": "sensor",
        "owner_id": str(alice.pk),
        "description": "Thermometer",
    }
    assert kinds() == ["object.created"]
    assert register(api, description="Thermometer", tags=[str(tag.pk)], **sensor).status_code == 200
    assert kinds() == ["object.created"]
    assert register(api, description="Barometer", tags=[], **sensor).json()["description"] == "Barometer"
    assert kinds() == ["object.created", "object.updated", "object.tagged"]
    assert Binding.objects.get().object_id == ID


def test_what_cannot_be_registered_is_refused() -> None:
    api, alice = service(), factories.user("alice")
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    foreign_tag = Tag(owner=foreigner, label="house")
    foreign_tag.save()
    owner = str(alice.pk)
    for values, status in (
        ({"type": "chat", "owner_id": owner}, 400),
        ({"type": "sensor"}, 422),
        ({"type": "sensor", "owner_id": str(foreigner.pk)}, 422),
        ({"type": "sensor", "owner_id": owner, "tags": [str(foreign_tag.pk)]}, 422),
        ({"type": "sensor", "owner_id": owner, "description": "a\0"}, 422),
        ({"type": "conference"}, 422),
        ({"type": "sensor", "owner_id": owner, "tags": [owner] * 101}, 422),
    ):
        assert register(api, **values).status_code == status, values
    Object.objects.create(pk=ID, type="sensor", owner=alice)
    answer = register(api, type="sensor", owner_id=owner)
    assert (answer.status_code, answer.json()["code"]) == (409, "is_not_bound")
    one = thing(alice, "sensor")
    assert register(api, one.pk, type="box").status_code == 422
    assert register(service("produce:box"), uuid.uuid4(), type="sensor", owner_id=owner).status_code == 401


def test_conference_is_a_room_of_the_tenant() -> None:
    circle, api = Circle(), service(tenant="another")
    factories.tenant("another")
    assert register(api, circle.event.room_id, type="conference").status_code == 422
    Producer.objects.update(tenant=circle.alice.tenant)
    answer = register(api, circle.event.room_id, type="conference")
    assert answer.json()["owner_id"] == str(circle.alice.pk)
    assert Binding.objects.get().object_id == circle.event.room_id


def test_members_are_compared_with_those_before(passed: list[tuple[str, Any]]) -> None:
    circle, api = Circle(), service("produce:conference")
    room = circle.event.room_id
    register(api, room, type="conference")
    path, key = f"/v1/services/conferences/{room}/members", str(uuid.UUID(int=1))
    bob = {"user_id": str(circle.bob.pk), "phone": None, "display_name": "Bob"}
    assert api.put(path, {"members": {key: bob}}).status_code == 204
    assert api.put(path, {"members": {key: bob | {"mute": True, "volume_in": -4}}}).status_code == 204
    assert [(name, data["member"]) for name, data in passed] == [
        ("conference_update", {key: {"mute": True, "volume_in": -4}})
    ]
    assert api.put(path, {"members": {}}).status_code == 204
    assert kinds() == ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]
    assert presence.members(room) == {}
    assert Binding.objects.get().reported_kind == "conference.members"


def test_wrong_members_are_named() -> None:
    circle, api = Circle(), service()
    register(api, circle.event.room_id, type="conference")
    path, key = f"/v1/services/conferences/{circle.event.room_id}/members", str(uuid.UUID(int=1))
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    for members, status, field in (
        ({key: {"volume_in": 5}}, 422, f"members.{key}.volume_in"),
        ({key: {"mute": "yes"}}, 400, f"members.{key}.mute"),
        ({key: {"user_id": str(foreigner.pk)}}, 422, f"members.{key}.user_id"),
        ({key: {"phone": "a\0"}}, 422, f"members.{key}.phone"),
        ({"one": {}}, 400, "members"),
        ({str(uuid.UUID(int=number)): {} for number in range(501)}, 422, "members"),
        ([], 400, "members"),
    ):
        answer = api.put(path, {"members": members})
        assert answer.status_code == status, (field, answer.content)
        assert [wrong["field"] for wrong in answer.json()["errors"]] == [field]
    assert api.put(path, {"members": {}, "ttl": 5}).status_code == 422


def test_each_state_reaches_its_object(passed: list[tuple[str, Any]]) -> None:
    circle = Circle()
    api = Api(authorization=f"Bearer {service_token()}")
    names = things(circle) | {"room": circle.event.room_id}
    for operation, body in states(circle, names).items():
        method, path = operation.split()
        answer = api.request(method, "/" + path.format(**names), body)
        assert answer.status_code in (200, 204), (operation, answer.content)
    assert kinds() == [
        "meeting.started", "participant.joined", "box.online", "fax.reported", "chat.message_posted",
        "sip_account.registered", "call_reverse.started",
    ]  # fmt: skip
    assert [name for name, _data in passed] == ["sensor_data", "sensor_action", "call_update", "call_dtmf"]
    reported = Binding.objects.filter(reported_at__isnull=False).values_list("reported_kind", flat=True)
    assert sorted(reported) == [
        "box.heartbeat", "call.dtmf", "chat.message", "conference.members", "fax.report", "sensor.action",
    ]  # fmt: skip


def test_same_states_as_reports(passed: list[tuple[str, Any]]) -> None:
    circle = Circle()
    api = Api(authorization=f"Bearer {service_token()}")
    names = things(circle)
    alice = str(circle.alice.pk)
    for number, (kind, of_type, data) in enumerate((
        ("box.heartbeat", "box", {"ip_addr": "192.0.2.13"}),
        ("sensor.data", "sensor", {"samples": {"1790000000000": [21.5]}}),
        ("call.update", "call", {"status": "ringing"}),
        ("call.dtmf", "call", {"digit": "5", "duration": 100}),
        (
            "fax.report",
            "fax",
            {
                "report_id": str(ID), "incoming": True, "sender": "+49", "recipient": "+33", "status": "ok",
                "time_start": "2026-11-20T10:00:00Z",
            },
        ),
        ("chat.message", "chat", {"user_id": alice, "text": "I am late"}),
    )):  # fmt: skip
        report = {"id": str(number), "source": "/s", "type": kind, "subject": str(names[of_type])}
        answer = api.post("/v1/services/activity", report | {"time": "2026-11-23T09:00:00Z", "data": data})
        assert answer.json()[0]["status"] == "accepted", answer.content
    assert kinds() == ["box.online", "fax.reported", "chat.message_posted"]
    assert [name for name, _data in passed] == ["sensor_data", "call_update", "call_dtmf"]
    for number, (kind, of_type, data, pointer) in enumerate(
        (
            ("box.heartbeat", "box", {"ip_addr": "localhost"}, "/data/ip_addr"),
            ("sensor.data", "sensor", {"samples": {"noon": [1]}}, "/data/data/noon"),
            ("call.dtmf", "call", {"digit": "x", "duration": 1}, "/data/digit"),
            ("chat.message", "chat", {"user_id": str(circle.bob.pk), "text": "I"}, "/data/user_id"),
        )
    ):
        report = {"id": f"w{number}", "source": "/s", "type": kind, "subject": str(names[of_type])}
        answer = api.post("/v1/services/activity", report | {"time": "2026-11-23T09:00:00Z", "data": data})
        assert [wrong["pointer"] for wrong in answer.json()[0]["errors"]] == [pointer], kind


def test_device_asks_for_actions_and_confirms_them() -> None:
    api, one = service("produce:sensor"), thing(factories.user("alice"), "sensor")
    path = f"/v1/services/sensors/{one.pk}/actions"
    assert api.get(path).json() == []
    first, second = request_action(sensor=one, values=["open"]), request_action(sensor=one, values=["shut"])
    assert api.get(path).json() == [{"action_id": str(second.pk), "time_ms": second.at, "values": ["shut"]}]
    for action, state in ((first, "replaced"), (second, "ok"), (second, "ok")):
        assert api.post(path, {"action_id": str(action.pk)}).json() == {"action_id": str(action.pk), "state": state}
    assert api.get(path).json() == []
    assert api.post(path, {"action_id": str(uuid.uuid4())}).status_code == 404


def test_unbound_object_and_wrong_role_are_refused() -> None:
    api, alice = service("produce:sensor"), factories.user("alice")
    unbound = Object.objects.create(type="sensor", owner=alice)
    box = thing(alice, "box")
    foreign = thing(factories.user("foreigner", tenant=factories.tenant("another")), "sensor")
    for path, status in (
        (f"sensors/{unbound.pk}/data", 404),
        (f"sensors/{box.pk}/data", 404),
        (f"sensors/{foreign.pk}/data", 404),
        (f"boxes/{box.pk}/heartbeat", 401),
    ):
        assert api.post(f"/v1/services/{path}", {"samples": {}}).status_code == status, path


def test_id_of_a_room_is_no_other_object() -> None:
    """Its conference may have no row yet."""
    circle = Circle()
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    api = service("produce:box", tenant="another")
    answer = register(api, circle.event.room_id, type="box", owner_id=str(foreigner.pk))
    assert (answer.status_code, answer.json()["code"]) == (409, "is_not_bound")
    assert not Object.objects.exists()
