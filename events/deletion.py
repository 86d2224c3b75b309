"""What is deleted together with meetings, for the admin's page that asks."""

from collections.abc import Sequence

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from events.models import Event, SharedFolder
from rooms.models import Room

SHOWN_FILES = 10


def rooms_that_go(events: Sequence[Event]) -> list[Room]:
    """A room stays while another part of a split series is in it."""
    rooms = Room.objects.filter(pk__in={event.room_id for event in events})
    staying = Event.objects.filter(room__in=rooms).exclude(pk__in=[event.pk for event in events]).values("room")
    return list(rooms.exclude(pk__in=staying))


def what_goes(events: Sequence[Event]) -> list[tuple[Event, list[str]]]:
    """Each meeting with what is its own."""
    rooms = {room.pk: room for room in rooms_that_go(events)}
    return [(event, [*_of_room(rooms.get(event.room_id)), *_folder(event, events)]) for event in events]


def _of_room(room: Room | None) -> list[str]:
    if room is None:
        return [gettext("The room is kept: another part of the series uses it.")]
    lines = [gettext("Room %(room)s") % {"room": room.pk}]
    names = list(room.assets.values_list("filename", flat=True))
    if names:
        more = f" + {len(names) - SHOWN_FILES}" if len(names) > SHOWN_FILES else ""
        size = filesizeformat(room.assets.aggregate(sum=Sum("size"))["sum"])
        shown = {"names": ", ".join(names[:SHOWN_FILES]) + more, "size": size}
        lines.append(gettext("Files: %(names)s (%(size)s)") % shown)
    return lines


def _folder(event: Event, events: Sequence[Event]) -> list[str]:
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    if folder is None or not folder.path or _is_kept(folder, events):
        return []
    return [gettext("Shared folder %(path)s") % {"path": folder.path}]


def _is_kept(folder: SharedFolder, events: Sequence[Event]) -> bool:
    """The parts of a split series share a folder: it goes with the last of them."""
    return SharedFolder.objects.filter(path=folder.path).exclude(event__in=events).exists()
