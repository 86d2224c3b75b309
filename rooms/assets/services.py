"""Use cases of room files."""

import re
import unicodedata
import uuid
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.room_kinds import AssetCreated, AssetDeleted
from rest.errors import ApiError, Forbidden, NotFound, PayloadOverflow
from rooms import storage
from rooms.access import circle, place
from rooms.models import Asset, Room
from users.access import used_storage
from users.models import User

LONGEST_TITLE = 150  # bytes in a file's name, of which file systems admit 255


class StorageQuotaExceeded(ApiError):
    status_code = 413
    code = "storage_quota_exceeded"
    default_detail = "Storage quota has been exceeded"


def create_asset(
    *,
    room: Room,
    actor: Actor,
    source: storage.Source,
    size: int,
    kind: str,
    file_extension: str,
    event_title: str = "",
    namespace: str = "",
) -> Asset:
    """Keeps the `size` bytes of `source` as a file of the room.

    Not one transaction: an upload may take minutes, and whatever it locked would wait as long. So the quota is asked
    first and judged when the row comes. Raises PayloadOverflow, StorageQuotaExceeded, ServiceUnavailable, and
    Forbidden
    where the room was deleted meanwhile.
    """
    if size > settings.ASSET_MAX_BYTES:
        raise PayloadOverflow
    _require_storage(room.created_by, size)
    now, asset_id = timezone.now(), uuid.uuid4()
    asset = Asset(
        id=asset_id,
        room=room,
        created_at=now,
        namespace=namespace,
        kind=kind,
        filename=_filename(event_title, now, kind, file_extension),
        size=size,
        file=f"assets/{asset_id.hex[:2]}/{asset_id.hex}",
    )
    with storage.kept(_stored(asset), source):
        _add(asset, actor)
    return asset


@transaction.atomic
def _add(asset: Asset, actor: Actor) -> None:
    # Uploads of one owner follow each other here, so that two cannot take the same last bytes.
    rooms = Room.objects.select_for_update(of=("self", "created_by"), no_key=True).filter(pk=asset.room_id)
    room = rooms.select_related("created_by__tariff").first()
    if room is None:
        raise Forbidden
    _require_storage(room.created_by, asset.size)
    asset.save(force_insert=True)
    kind = AssetCreated(**_snapshot(asset))
    record(kind, actor=actor, subject=asset, place=place(room), after=circle(room))


def _require_storage(owner: User, size: int) -> None:
    quota = owner.tariff.quotas.get("max_storage") if owner.tariff else None
    if quota is not None and used_storage(owner) + size > quota:
        raise StorageQuotaExceeded


@transaction.atomic
def delete_asset(*, asset: Asset, actor: Actor) -> None:
    """Raises NotFound where somebody else was faster."""
    deleted, _of_which = Asset.objects.filter(pk=asset.pk).delete()
    if not deleted:
        raise NotFound
    kind = AssetDeleted(**_snapshot(asset))
    record(kind, actor=actor, subject=asset, place=place(asset.room), before=circle(asset.room))
    _remove_on_commit(_stored(asset))


def delete_files(*, room: Room) -> None:
    """Removes all files of a room that is deleted in this transaction; called before its rows go."""
    # An upload that is about to add its row waits here, and then finds no room.
    list(Room.objects.select_for_update().filter(pk=room.pk).values_list("pk"))
    for name in room.assets.values_list("file", flat=True):
        _remove_on_commit(name)


def _remove_on_commit(name: str) -> None:
    transaction.on_commit(partial(storage.remove, name))


def _stored(asset: Asset) -> str:
    return str(asset.file.name)


def _snapshot(asset: Asset) -> dict[str, Any]:
    return {"filename": asset.filename, "namespace": asset.namespace, "kind": asset.kind, "size": asset.size}


def _filename(title: str, now: datetime, kind: str, extension: str) -> str:
    """`Team_meeting_2026-11-23_09-00-00-UTC_recording.webm`: harmless on every file system and in every header."""
    words = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", title)).strip("_-")
    begin = words.encode()[:LONGEST_TITLE].decode(errors="ignore")
    return "_".join(filter(None, [begin, now.strftime("%Y-%m-%d_%H-%M-%S-UTC"), kind])) + f".{extension}"
