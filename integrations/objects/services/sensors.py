"""What sensors measure and what they are to do. Both pass too quickly for the log: subscribers are told."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.objects.access import circle
from integrations.objects.models.devices import Sensor, SensorAction, SensorSample
from integrations.objects.models.objects import Object
from integrations.objects.services.held import held
from integrations.objects.services.values import checked_samples, checked_values, milliseconds
from integrations.objects.signals import passing
from rest.errors import NotFound

MOST_KEPT = 10_000  # samples of one sensor
State = SensorAction.State


@transaction.atomic
def report_samples(*, sensor: Object, samples: Mapping[Any, Any]) -> int:
    """`{milliseconds: values}`; returns how many are new. Raises ValidationFailed.

    What a device sends once more is not told once more; other values at the same time replace the first.
    """
    given = checked_samples(samples)
    one, device = _device(sensor)
    known = dict(device.data.filter(at__in=given).values_list("at", "values"))
    fresh = {at: values for at, values in sorted(given.items()) if known.get(at) != values}
    if not fresh:
        return 0
    SensorSample.objects.bulk_create(
        (SensorSample(sensor=device, at=at, values=values) for at, values in fresh.items()),
        update_conflicts=True,
        unique_fields=["sensor", "at"],
        update_fields=["values"],
    )
    newest = max(fresh)
    if device.state_at is None or newest >= device.state_at:
        device.state, device.state_at = fresh[newest], newest
        device.save(update_fields=["state", "state_at"])
    beyond = device.data.order_by("-at").values("at")[MOST_KEPT : MOST_KEPT + 1]
    device.data.filter(at__lte=beyond).delete()
    told = {"sensor": str(device.pk), "data": {str(at): values for at, values in fresh.items()}}
    _tell(one, "sensor_data", told)
    return len(fresh)


@transaction.atomic
def request_action(*, sensor: Object, values: list[Any]) -> SensorAction:
    """The sensor gets it when it asks next. One that it has not carried out by now is replaced."""
    values = checked_values(values)
    one, device = _device(sensor)
    last = device.actions.order_by("-at").first()
    if last is not None and last.state == State.PENDING:
        _end(one, last, State.REPLACED)
    at = max(milliseconds(timezone.now()), last.at + 1 if last else 0)
    return SensorAction.objects.create(sensor=device, values=values, at=at)


def pending_actions(*, sensor: Object) -> QuerySet[SensorAction]:
    """What the device has to do: one action at most."""
    return SensorAction.objects.filter(sensor=sensor.pk, state=State.PENDING)


@transaction.atomic
def confirm_action(*, sensor: Object, action_id: uuid.UUID) -> SensorAction:
    """The device has carried it out. One that was replaced before stays so; once more changes nothing."""
    one, device = _device(sensor)
    action = device.actions.filter(pk=action_id).first()
    if action is None:
        raise NotFound
    if action.state == State.PENDING:
        _end(one, action, State.DONE)
    return action


def _device(sensor: Object) -> tuple[Object, Sensor]:
    one = held(sensor.pk, Object.Type.SENSOR)
    return one, Sensor.objects.get_or_create(object=one)[0]


def _end(one: Object, action: SensorAction, state: str) -> None:
    action.state, action.ended_at = state, timezone.now()
    action.save(update_fields=["state", "ended_at"])
    told = {
        "status": state,
        "sensor": str(action.sensor_id),
        "action": {str(action.at): action.values},
        "action-uuid": str(action.pk),
    }
    _tell(one, "sensor_action", told)


def _tell(one: Object, name: str, data: dict[str, Any]) -> None:
    """To those who subscribed, and can read it still."""
    passing.send(Sensor, name=name, object_id=one.pk, data=data, user_ids=circle(one).everybody, key="")


def prunable() -> QuerySet[SensorSample]:
    before = timezone.now() - timedelta(days=settings.SENSOR_DATA_DAYS)
    return SensorSample.objects.filter(at__lt=milliseconds(before))


def prune(*, limit: int) -> int:
    """Samples by their time, and actions that ended as long ago."""
    oldest = list(prunable().order_by("at").values_list("pk", flat=True)[:limit])
    count = SensorSample.objects.filter(pk__in=oldest).delete()[0]
    before = timezone.now() - timedelta(days=settings.SENSOR_DATA_DAYS)
    ended = SensorAction.objects.filter(ended_at__lt=before).order_by("ended_at")
    actions = list(ended.values_list("pk", flat=True)[:limit])
    return count + SensorAction.objects.filter(pk__in=actions).delete()[0]
