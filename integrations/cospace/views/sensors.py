"""api/sensor: what sensors measure, and what they are to do. Keys of samples and actions are milliseconds."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import subscribe, unsubscribe
from integrations.cospace.views.typed import TypedListView, TypedView
from integrations.objects import access
from integrations.objects.models.devices import Sensor, SensorAction, SensorSample
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.sensors import report_samples, request_action
from rest.fields import Map

TYPE, KIND = Object.Type.SENSOR, Subscription.Kind.SENSOR
LAST = 2**53


class Window(serializers.Serializer[Any]):
    """Both ends belong to it. `from` is a word of Python."""

    to = serializers.IntegerField(min_value=0, max_value=LAST, default=LAST)
    order = serializers.ChoiceField(choices=("asc", "desc"), default="asc")
    count = serializers.IntegerField(min_value=1, max_value=1000, default=100)

    def get_fields(self) -> Any:
        start = serializers.IntegerField(min_value=0, max_value=LAST, default=0)
        return {"from": start} | super().get_fields()


class Data(serializers.Serializer[Any]):
    """`data` is a member of serializers themselves."""

    def get_fields(self) -> Any:
        return {"data": Map(max_length=500, child=serializers.JSONField())}


class Action(serializers.Serializer[Any]):
    action = serializers.JSONField()


class SensorsView(TypedListView):
    of_type = "sensor"
    related = ("sensor",)

    def brief(self, one: Object) -> Json:
        return told(one)


class SensorView(TypedView):
    of_type = "sensor"

    def more(self, one: Object) -> Json:
        return told(one)


class SensorDataView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE)
        rows = SensorSample.objects.filter(sensor=one.pk)
        return {"data": _within(rows, self.query(Window))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """For sensors that somebody's program reads; devices report to the producers' calls."""
        one = access.found(request.user, object_id, of_type=TYPE, level=Level.WRITE)
        report_samples(sensor=one, samples=self.body(Data)["data"])
        return {}


class SensorActionView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Those that were carried out, and the ids of those that were not yet."""
        one = access.found(request.user, object_id, of_type=TYPE)
        rows = SensorAction.objects.filter(sensor=one.pk)
        pending = rows.filter(state=SensorAction.State.PENDING).values_list("pk", flat=True)
        done = rows.filter(state=SensorAction.State.DONE)
        return {"action": _within(done, self.query(Window)), "pending": [str(key) for key in pending]}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE, level=Level.WRITE)
        action = request_action(sensor=one, values=self.body(Action)["action"])
        return {"action-uuid": str(action.pk)}


class SensorEventView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE)
        subscribe(session=request.auth, kind=KIND, object_id=one.pk)
        return {}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        unsubscribe(session=request.auth, kind=KIND, object_id=object_id)
        return {}


def told(one: Object) -> Json:
    """`state` is what was measured last."""
    device: Sensor | None = getattr(one, "sensor", None)
    return {"state": {"data": {str(device.state_at): device.state} if device and device.state_at is not None else {}}}


def _within(rows: Any, window: dict[str, Any]) -> dict[str, Any]:
    found = rows.filter(at__gte=window["from"], at__lte=window["to"])
    ordered = found.order_by("at" if window["order"] == "asc" else "-at")[: window["count"]]
    return {str(at): values for at, values in ordered.values_list("at", "values")}
