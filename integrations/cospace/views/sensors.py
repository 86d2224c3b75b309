"""api/sensor: what sensors measure, and what they are to do. Keys of samples and actions are milliseconds."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import subscribe, unsubscribe
from integrations.cospace.views.paging import Page, objects_of, page
from integrations.cospace.views.things import Described, NewThing, create_thing
from integrations.objects import access
from integrations.objects.models.devices import Sensor, SensorAction, SensorSample
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.objects import delete_object, update_object
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


class SensorsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        found = page(objects_of(request.user, TYPE).select_related("owner", "sensor"), self.query(Page))
        return {"sensor": {str(one.pk): told(one) for one in found}}

    def post(self, request: SessionRequest) -> Json:
        one = create_thing(request.user, TYPE, self.body(NewThing), self.actor)
        return {"sensor": str(one.pk)}


class SensorView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        return {"sensor": told(access.found(request.user, object_id, of_type=TYPE))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE, level=Level.WRITE)
        update_object(one=one, actor=self.actor, **self.body(Described))
        return {}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        delete_object(one=access.found(request.user, object_id, of_type=TYPE, level=Level.OWNER), actor=self.actor)
        return {}


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


def told(one: Object) -> dict[str, Any]:
    """`state` is what was measured last."""
    device: Sensor | None = getattr(one, "sensor", None)
    data = {} if device is None or device.state_at is None else {str(device.state_at): device.state}
    return without_empty(owner=str(one.owner_id), description=one.description) | {"state": {"data": data}}


def _within(rows: Any, window: dict[str, Any]) -> dict[str, Any]:
    found = rows.filter(at__gte=window["from"], at__lte=window["to"])
    ordered = found.order_by("at" if window["order"] == "asc" else "-at")[: window["count"]]
    return {str(at): values for at, values in ordered.values_list("at", "values")}
