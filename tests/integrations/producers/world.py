"""A service with a role, a tenant and an object, and what it reports."""

import json
from typing import Any

from django.utils import timezone

from integrations.objects.models import Object
from integrations.producers.models import Binding, Producer
from rest.renderers import timestamp
from tests import factories
from tests.api import Api
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
