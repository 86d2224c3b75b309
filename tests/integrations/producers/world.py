"""A service with a role, a tenant and an object, and what it reports."""

import json
from typing import Any

from django.utils import timezone

from activity.actors import Actor
from integrations.objects.access import conference_of
from integrations.objects.models import Object
from integrations.objects.models.telephony import SipAccount
from integrations.objects.services.chats import create_chat
from integrations.objects.services.locking import locked
from integrations.objects.services.sensors import request_action
from integrations.producers.models import Binding, Producer
from rest.renderers import timestamp
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.users.gateway import gateway
from users.models import User

PATH = "/v1/services/activity"
BATCH = "application/cloudevents-batch+json"
RECORD = {"corelation_id": "fdda8613", "call_type": "SIP_ENTERPRISE", "call_duration_seconds": "192"}


def service(*roles: str, tenant: str = "OpenTalkDefaultTenant") -> Api:
    """By default it may report everything."""
    api = gateway(*(roles or ["produce:*"]))
    Producer.objects.get_or_create(name="gateway", defaults={"tenant": factories.tenant(tenant)})
    return api


def thing(owner: User, of_type: str = "call", **fields: Any) -> Object:
    """An object that the service is bound to."""
    one = Object.objects.create(type=of_type, owner=owner, **fields)
    bind(one)
    return one


def bind(one: Object) -> None:
    Binding.objects.create(producer=Producer.objects.get(name="gateway"), object=one)


def report(one: Object, number: int = 1, **members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"report-{number}",
        "source": "/exchange/7",
        "type": "call_record.created",
        "subject": str(one.pk),
        "time": timestamp(timezone.now()),
        "data": RECORD,
    } | members


def results(answer: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each report its status, and the pointers and messages of what is wrong."""
    assert answer.status_code == 200, answer.content
    return [(one["status"], [(wrong["pointer"], wrong["message"]) for wrong in one["errors"]]) for one in answer.json()]


def pointers(answer: Any) -> list[str]:
    """Of the first report."""
    return [pointer for pointer, _message in results(answer)[0][1]]


def send(api: Api, *reports: Any, kind: str = BATCH) -> Any:
    return api.request("POST", PATH, data=json.dumps(list(reports)), content_type=kind)


def things(circle: Circle) -> dict[str, Any]:
    """Objects of all types that the service `recorder` is bound to, by type; the conference is the circle's room."""
    producer = Producer.objects.get(name="recorder")
    owner = circle.alice
    made = {
        of_type: Object.objects.create(type=of_type, owner=owner) for of_type in ("box", "sensor", "call", "fax")
    } | {
        "chat": create_chat(owner=owner, actor=Actor.by_api(owner)),
        "conference": locked(conference_of(circle.event.room)),
        "object": Object.objects.create(type="sensor", owner=owner),
    }
    Binding.objects.bulk_create(Binding(producer=producer, object=one) for one in made.values())
    SipAccount.objects.create(owner=owner, user="alice", domain="sip.example.com")
    return {of_type: one.pk for of_type, one in made.items() if of_type != "conference"}


def states(circle: Circle, names: dict[str, Any]) -> dict[str, Any]:
    """A good body of each operation."""
    alice = str(circle.alice.pk)
    action = request_action(sensor=Object.objects.get(pk=names["sensor"]), values=["open"])
    return {
        "PUT v1/services/objects/{object}": {"type": "sensor", "owner_id": alice},
        "PUT v1/services/conferences/{room}/members": {"members": {alice: {"user_id": alice}}},
        "POST v1/services/boxes/{box}/heartbeat": {"ip_addr": "192.0.2.13"},
        "POST v1/services/sensors/{sensor}/data": {"samples": {"1790000000000": [21.5]}},
        "POST v1/services/sensors/{sensor}/actions": {"action_id": str(action.pk)},
        "PUT v1/services/calls/{call}": {"status": "ringing"},
        "POST v1/services/calls/{call}/dtmf": {"digit": "5", "duration": 100},
        "POST v1/services/faxes/{fax}/reports": {
            "report_id": str(names["fax"]), "incoming": True, "sender": "+49", "recipient": "+33", "status": "ok",
            "time_start": "2026-11-20T10:00:00Z",
        },
        "POST v1/services/chats/{chat}/message": {"user_id": alice, "text": "I am late"},
        "POST v1/services/sip/registrations": {
            "user": "alice", "domain": "sip.example.com", "contact": "192.0.2.1", "expires": 60,
        },
        "POST v1/services/call_reverse": {
            "user_id": alice, "phone_from": "+49", "phone_to": "+33", "is_active": True,
        },
    }  # fmt: skip
