"""api/box: devices of rooms, and whether they are online."""

import uuid
from typing import Any

from integrations.cospace.dialect import CospaceView, Json, SessionRequest, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.views.paging import Page, objects_of, page
from integrations.cospace.views.things import Described, NewThing, create_thing
from integrations.objects import access
from integrations.objects.models.devices import Box
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.objects import delete_object, update_object

TYPE = Object.Type.BOX


class BoxesView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        found = page(objects_of(request.user, TYPE).select_related("owner", "box"), self.query(Page))
        return {"box": {str(one.pk): told(one) for one in found}}

    def post(self, request: SessionRequest) -> Json:
        one = create_thing(request.user, TYPE, self.body(NewThing), self.actor)
        return {"box": str(one.pk)}


class BoxView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        return {"box": told(access.found(request.user, object_id, of_type=TYPE))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE, level=Level.WRITE)
        update_object(one=one, actor=self.actor, **self.body(Described))
        return {}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        delete_object(one=access.found(request.user, object_id, of_type=TYPE, level=Level.OWNER), actor=self.actor)
        return {}


def told(one: Object) -> dict[str, Any]:
    """What a device says of itself is there from its first heartbeat."""
    device: Box | None = getattr(one, "box", None)
    known = without_empty(owner=str(one.owner_id), description=one.description)
    if device is None:
        return known | {"online": False}
    return known | without_empty(
        online=device.online_since is not None,
        online_since=seconds(device.online_since) if device.online_since else None,
        last_seen=seconds(device.last_seen_at) if device.last_seen_at else None,
        ip_addr=device.ip_addr,
        mac_addr=device.mac_addr,
        sw_version=device.sw_version,
        hw_version=device.hw_version,
    )
