"""Boxes, sensors, SIP accounts, phones and calls in cospace: what is told to whom, and what the calls answer."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from integrations.objects.models import Object, ObjectTag, SipAccount
from integrations.objects.services.boxes import report_heartbeat
from integrations.objects.services.calls import report_call, report_dtmf
from integrations.objects.services.phones import report_call_reverse
from integrations.objects.services.sensors import confirm_action, report_samples
from integrations.objects.services.sip import register_contact, unregister_contact
from operations.jobs.end_registrations import EndRegistrations
from operations.jobs.notice_missed_heartbeats import NoticeMissedHeartbeats
from tests import factories
from tests.integrations.cospace.client import STREAMS, Cospace
from tests.integrations.cospace.media import People, people
from tests.integrations.objects.devices import BEAT, GATEWAY, thing
from tests.integrations.objects.media import share

__all__ = ["people"]
pytestmark = STREAMS
NUMBERS = {"phone_from": "+4989123248278", "phone_to": "+492216698000"}
JOE = {"user": "joe_01", "domain": "cospace.de"}


def test_box_goes_online_and_offline(people: People, settings: Any) -> None:
    settings.BOX_OFFLINE_SECONDS = 60
    made = people.shared("box", description="box in office basement")
    box = Object.objects.get(pk=made)
    about = {"box": made, "owner": str(box.owner_id), "description": "box in office basement"}
    assert people.reader.get(f"/api/box/{made}")["box"]["online"] is False
    with time_machine.travel(timezone.now()) as clock:
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
        assert people.told("box_online") == [about | BEAT]
        told = people.reader.get("/api/box")["box"][made]
        assert told.items() >= ({"online": True, "last_seen": told["online_since"]} | BEAT).items()
        clock.shift(timedelta(seconds=61))
        NoticeMissedHeartbeats().run(is_dry_run=False)
    assert people.told("box_offline") == [about]
    assert people.reader.get("/api/box")["box"][made]["online"] is False


def test_sensor_is_told_to_who_subscribed_and_can_read_it(people: People) -> None:
    made = people.shared("sensor")
    sensor = Object.objects.get(pk=made)
    path = f"/api/sensor/{made}"
    report_samples(sensor=sensor, samples={1363623246000: [1]})
    assert people.told("sensor_data") == []
    people.reader.get(f"{path}/event")
    assert people.stranger.call("GET", f"{path}/event")["status"] == "not-found"
    report_samples(sensor=sensor, samples={1363623247000: [20.5, [0, 255]]})
    told = [{"sensor": made, "data": {"1363623247000": [20.5, [0, 255]]}}]
    assert people.reader.told("sensor_data") == told
    assert people.owner.told("sensor_data") == people.stranger.told("sensor_data") == []
    assert people.reader.get(path)["sensor"]["state"] == {"data": {"1363623247000": [20.5, [0, 255]]}}
    window = {"from": 1363623246000, "to": 1363623247000}
    data = {"1363623246000": [1], "1363623247000": [20.5, [0, 255]]}
    assert people.reader.get(f"{path}/data", **window)["data"] == data
    assert people.reader.get(f"{path}/data", order="desc", count=1)["data"] == told[0]["data"]
    people.reader.delete(f"{path}/event")
    report_samples(sensor=sensor, samples={1363623248000: [2]})
    assert people.reader.told("sensor_data") == []


def test_action_waits_and_is_carried_out_or_replaced(people: People) -> None:
    made = people.shared("sensor")
    sensor = Object.objects.get(pk=made)
    path = f"/api/sensor/{made}/action"
    people.reader.get(f"/api/sensor/{made}/event")
    assert people.reader.call("POST", path, {"action": [1]})["status"] == "no-access"
    first, second = (people.owner.post(path, {"action": [number, None]})["action-uuid"] for number in (1, 2))
    assert people.reader.get(path) == {"status": "ok", "action": {}, "pending": [second]}
    confirm_action(sensor=sensor, action_id=uuid.UUID(second))
    replaced, done = people.reader.told("sensor_action")
    found = [(event["status"], event["action-uuid"], [*event["action"].values()]) for event in (replaced, done)]
    assert found == [("replaced", first, [[1, None]]), ("ok", second, [[2, None]])]
    assert people.reader.get(path) == {"status": "ok", "action": done["action"], "pending": []}


def test_own_sip_account_from_its_making_to_its_end(people: People) -> None:
    owner = people.owner
    made = owner.post("/api/sip", JOE | {"description": "office phone"})["sip"]
    account, path = SipAccount.objects.get(), f"/api/sip/{made}"
    assert owner.told("sip_new") == [JOE | {"description": "office phone"}]
    owner.post(path, {"description": "softclient"})
    assert owner.told("sip_modify") == [JOE | {"description": "softclient"}]
    begun = timezone.now().replace(microsecond=0)
    at = int(begun.timestamp())
    phone, softphone = "212.202.0.32:5060", "212.202.0.33"

    def register(contact: str, seconds: int) -> None:
        until = begun + timedelta(seconds=seconds)
        register_contact(account=account, contact=contact, expires_at=until, actor=GATEWAY)

    with time_machine.travel(begun) as clock:
        register(phone, 60)
        register(softphone, 60)
        register(softphone, 90)
        assert owner.told("sip_register") == [
            JOE | {"contact": phone, "expire": at + 60},
            JOE | {"contact": softphone, "expire": at + 60},
            JOE | {"contact": softphone, "expire": at + 90},
        ]
        known = {"registration": {phone: {"expire": at + 60}, softphone: {"expire": at + 90}}}
        assert (
            owner.get(path)["sip"] == owner.get("/api/sip")["sip"][made] == JOE | {"description": "softclient"} | known
        )
        clock.shift(timedelta(seconds=61))
        EndRegistrations().run(is_dry_run=False)
        unregister_contact(account=account, contact=softphone, actor=GATEWAY)
        assert owner.told("sip_unregister") == [JOE | {"contact": phone}, JOE | {"contact": softphone}]
    assert {
        people.reader.call(method, path, {"description": ""})["status"] for method in ("GET", "POST", "DELETE")
    } == {"not-found"}
    assert owner.delete(path) == {"status": "ok"}
    assert owner.told("sip_delete") == [JOE]
    assert people.reader.names() == people.stranger.names() == []


def test_phone_and_dialplan_are_the_persons_own(people: People) -> None:
    owner = people.owner
    assert owner.get("/api/phone")["phone"] == {"number": [], "call_in": False}
    owner.post("/api/phone", {"number": ["+4989123248278", "+4989123248278"]})
    owner.post("/api/phone", {"call_in": True})
    assert owner.get("/api/phone")["phone"] == {"number": ["+4989123248278"], "call_in": True}
    rules = [{"when": "no-answer", "to": "+492216698000", "after": 20}, {"when": "busy", "to": "42"}]
    owner.post("/api/dialplan", {"forward": rules, "call_reverse": True})
    owner.post("/api/dialplan", {"forward": rules})
    assert owner.get("/api/dialplan")["dialplan"] == {"forward": rules, "call_reverse": True}
    for is_active in (True, False):
        report_call_reverse(user=people.alice, is_active=is_active, actor=GATEWAY, **NUMBERS)
    events = [{name: event[name] for name in event if name not in ("id", "time")} for event in owner.events()]
    assert events == [
        {"event": "phone_modify"},
        {"event": "phone_modify"},
        {"event": "dialplan_modify"},
        {"event": "dialplan_callreverse_start"} | NUMBERS,
        {"event": "dialplan_callreverse_stop"} | NUMBERS,
    ]
    assert people.reader.names() == people.stranger.names() == []


def test_calls_are_told_to_who_follows_calls_and_may_see_them(people: People) -> None:
    call = thing(people.alice, "call")
    share(call, people.bob, level=1)
    for client in (people.owner, people.stranger):
        client.get("/api/call/event")
    people.read()
    ringing = {"status": "ringing", "phone_from": "+4989123248278", "bridge": "b-1"}
    report_call(call=call, state=ringing)
    report_call(call=call, state={"status": "answered", "phone_from": "+4989123248278", "answer_time": 1362587197})
    report_dtmf(call=call, digit="2", duration=143)
    events = [{name: event[name] for name in event if name not in ("id", "time")} for event in people.owner.events()]
    changed = {"status": "answered", "answer_time": 1362587197, "bridge": ""}
    assert events == [
        {"event": "call_update", "call": {str(call.pk): ringing}},
        {"event": "call_update", "call": {str(call.pk): changed}},
        {"event": "call_dtmf", "call": str(call.pk), "digit": "2", "duration": 143},
    ]
    assert people.reader.names() == people.stranger.names() == []
    state = {"status": "answered", "phone_from": "+4989123248278", "answer_time": 1362587197}
    assert people.reader.get("/api/call")["call"] == {str(call.pk): state}
    assert people.reader.get(f"/api/call/{call.pk}")["call"] == {str(call.pk): state}
    assert people.stranger.get("/api/call")["call"] == {}
    people.owner.delete("/api/call/event")
    report_dtmf(call=call, digit="3", duration=1)
    assert people.owner.names() == []


@pytest.mark.slow
def test_wrong_input_is_named_and_changes_nothing(people: People) -> None:
    box, sensor = people.shared("box"), people.shared("sensor")
    bad: list[tuple[str, Any, str, str]] = [
        ("box", {"description": "a\x00b"}, "wrong-syntax", "description"),
        ("box", {"description": "x" * 256}, "wrong-syntax", "description"),
        ("box", [], "wrong-syntax", ""),
        ("sip", {}, "missing-element", "user: "),
        ("sip", {"user": "joe smith", "domain": "-"}, "wrong-syntax", "domain: "),
        ("sip", {"user": "j", "domain": "a\n"}, "wrong-syntax", "domain: "),
        ("phone", {"number": ["+0"], "call_in": "yes"}, "wrong-syntax", "call_in: "),
        ("phone", {"number": ["5"] * 21}, "wrong-syntax", "number: "),
        ("phone", {"number": [5]}, "wrong-syntax", "number.0: "),
        ("dialplan", {"forward": [{"when": "never", "to": "x"}]}, "wrong-syntax", "forward.0.when: "),
        ("dialplan", {"forward": [{"when": "busy", "to": "42", "after": 5}]}, "wrong-syntax", "forward.0.after: "),
        ("dialplan", {"forward": [{}] * 21}, "wrong-syntax", "forward: "),
        (f"sensor/{sensor}/action", {}, "missing-element", "action: "),
        (f"sensor/{sensor}/action", {"action": "on"}, "wrong-syntax", "action: "),
        (f"sensor/{sensor}/data", {"data": {"x": [1]}}, "wrong-syntax", "data.x: "),
        (f"sensor/{sensor}/data", {"data": [1]}, "wrong-syntax", "data: "),
        (f"sensor/{sensor}/data", b'{"data": {"1": [1e999]}}', "wrong-syntax", ""),
        (f"sensor/{sensor}/data", b'{"data": {"1": ["\\ud800"]}}', "wrong-syntax", ""),
        (f"sensor/{sensor}/data", b'{"data": {"1": ' + b"[" * 500 + b"1" + b"]" * 500 + b"}}", "wrong-syntax", ""),
    ]
    for path, body, status, named in bad:
        answer = people.owner.call("POST", f"/api/{path}", body)
        assert answer["status"] == status, (path, body, answer)
        assert named in answer["message"], (path, body, answer)
    for query in ({"count": 0}, {"count": "x"}, {"first": 2**70}):
        assert people.owner.call("GET", "/api/box", query=query)["status"] == "wrong-syntax"
    for query in ({"from": -1}, {"to": 2**70}, {"order": "up"}, {"count": 10**6}):
        assert people.owner.call("GET", f"/api/sensor/{sensor}/data", query=query)["status"] == "wrong-syntax"
    assert people.owner.call("GET", f"/api/sensor/{box}")["status"] == "not-found"
    assert people.owner.names() == []


@pytest.mark.slow
def test_lists_take_constant_statements(people: People, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        box = thing(people.alice, "box", f"box {number}")
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
        report_call(call=thing(people.alice, "call"), state={"status": "new"})
        people.owner.post("/api/sip", JOE | {"user": f"joe_{number}"})
    for path, most in (("box", 5), ("call", 4), ("sip", 5)):
        with django_assert_max_num_queries(most):
            assert len(people.owner.get(f"/api/{path}")[path]) == 12


def test_former_reader_is_told_nothing_more(people: People) -> None:
    """Of a box, a sensor that the reader still subscribes to, and a call."""
    box, sensor = (Object.objects.get(pk=people.shared(of_type)) for of_type in ("box", "sensor"))
    call = thing(people.alice, "call")
    share(call, people.bob, level=1)
    people.reader.get(f"/api/sensor/{sensor.pk}/event")
    people.reader.get("/api/call/event")
    people.read()
    ObjectTag.objects.all().delete()
    report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    report_samples(sensor=sensor, samples={1363623247000: [1]})
    report_call(call=call, state={"status": "new"})
    report_dtmf(call=call, digit="2", duration=143)
    assert people.owner.names() == ["box_online"]
    assert people.reader.names() == people.stranger.names() == []
    for path in (f"box/{box.pk}", f"sensor/{sensor.pk}/data", f"call/{call.pk}"):
        assert people.reader.call("GET", f"/api/{path}")["status"] == "not-found"


def test_other_tenants_find_nothing(people: People) -> None:
    factories.user("foreigner", tenant=factories.tenant("another"))
    foreigner = Cospace().signed_in("foreigner")
    box, sensor, call = (thing(people.alice, of_type) for of_type in ("box", "sensor", "call"))
    report_call(call=call, state={"status": "new"})
    account = people.owner.post("/api/sip", JOE)["sip"]
    chat = people.owner.post("/api/chat", {})["chat"]
    paths = [
        f"box/{box.pk}", f"sensor/{sensor.pk}", f"sensor/{sensor.pk}/action", f"sensor/{sensor.pk}/event",
        f"call/{call.pk}", f"sip/{account}", f"chat/{chat}", f"chat/{chat}/message", f"chat/{chat}/user",
    ]  # fmt: skip
    assert {foreigner.call("GET", f"/api/{path}")["status"] for path in paths} == {"not-found"}
    for noun in ("box", "sensor", "call", "sip", "chat"):
        assert foreigner.get(f"/api/{noun}")[noun] == {}
    taken = foreigner.call("POST", "/api/sip", JOE)
    assert taken["status"] == "wrong-syntax"
    assert foreigner.names() == []
