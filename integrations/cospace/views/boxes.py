"""api/box: devices of rooms, and whether they are online."""

from integrations.cospace.dialect import Json, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.views.typed import TypedListView, TypedView
from integrations.objects.models.devices import Box
from integrations.objects.models.objects import Object


class BoxesView(TypedListView):
    of_type = "box"
    related = ("box",)

    def brief(self, one: Object) -> Json:
        return told(one)


class BoxView(TypedView):
    of_type = "box"

    def more(self, one: Object) -> Json:
        return told(one)


def told(one: Object) -> Json:
    """What a device says of itself is there from its first heartbeat."""
    device: Box | None = getattr(one, "box", None)
    if device is None:
        return {"online": False}
    return without_empty(
        online=device.online_since is not None,
        online_since=seconds(device.online_since) if device.online_since else None,
        last_seen=seconds(device.last_seen_at) if device.last_seen_at else None,
        ip_addr=device.ip_addr,
        mac_addr=device.mac_addr,
        sw_version=device.sw_version,
        hw_version=device.hw_version,
    )
