"""Heartbeats of boxes: the first one brings a box online, a missed one takes it offline."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.device_kinds import BoxOffline, BoxOnline
from activity.log import record
from integrations.objects.access import circle, place
from integrations.objects.models.devices import Box
from integrations.objects.models.objects import Object
from integrations.objects.services.held import held
from rest.errors import NotFound


@transaction.atomic
def report_heartbeat(
    *, box: Object, ip_addr: str, mac_addr: str, sw_version: str, hw_version: str, actor: Actor
) -> Box:
    """The box is there, and says of itself what it is now."""
    one = held(box.pk, Object.Type.BOX)
    device, _is_new = Box.objects.get_or_create(object=one)
    reported = {"ip_addr": ip_addr, "mac_addr": mac_addr, "sw_version": sw_version, "hw_version": hw_version}
    for name, value in reported.items():
        setattr(device, name, value)
    now = timezone.now()
    was_online, device.last_seen_at = device.online_since is not None, now
    device.online_since = device.online_since or now
    device.save()
    if not was_online:
        kind = BoxOnline(description=one.description, **reported)
        people = circle(one)
        record(kind, actor=actor, subject=device, place=place(one), before=people, after=people)
    return device


def missed() -> QuerySet[Box]:
    """The boxes that are online and should have said so again."""
    return Box.objects.filter(online_since__isnull=False, last_seen_at__lt=_latest(), object__deleted_at=None)


@transaction.atomic
def take_offline(*, box_id: uuid.UUID, actor: Actor) -> bool:
    """False where a heartbeat has come meanwhile, or the box is gone."""
    try:
        one = held(box_id, Object.Type.BOX)
    except NotFound:
        return False
    device = missed().filter(object=one).first()
    if device is None:
        return False
    device.online_since = None
    device.save(update_fields=["online_since"])
    people = circle(one)
    record(
        BoxOffline(description=one.description),
        actor=actor,
        subject=device,
        place=place(one),
        before=people,
        after=people,
    )
    return True


def _latest() -> datetime:
    return timezone.now() - timedelta(seconds=settings.BOX_OFFLINE_SECONDS)
