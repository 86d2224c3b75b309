"""Use cases of files and folders in volumes. Each change is one commit, whose id is that of its activity.

Changes of one volume follow each other: they hold its object's row.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.changes import assign, changes_of, in_json
from activity.log import record
from activity.media_kinds import FileCreated, FileDeleted, FileUpdated
from integrations.objects import stored
from integrations.objects.access import circle, place
from integrations.objects.models.files import VolumeFile
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from integrations.objects.services.uploads import unchanged
from rest.errors import Conflict, NotFound, PayloadOverflow, field_error
from rest.renderers import timestamp
from rooms import storage

MOST_FILES = 10_000  # and folders, in one volume
MOST_LEVELS = 32


@transaction.atomic
def create_file(
    *,
    volume: Object,
    actor: Actor,
    name: str,
    is_folder: bool = False,
    parent: uuid.UUID | None = None,
    ctime: datetime | None = None,
    mtime: datetime | None = None,
) -> tuple[VolumeFile, uuid.UUID]:
    """A folder, or a file without content; and the commit. Raises NotFound, Conflict, ValidationFailed."""
    volume = locked(volume)
    if volume.files.count() >= MOST_FILES:
        raise Conflict(f"A volume has room for {MOST_FILES} files and folders")
    _require_folder(volume, parent)
    _require_free(volume, parent, name)
    now = timezone.now()
    file = VolumeFile.objects.create(
        volume=volume,
        parent_id=parent,
        is_folder=is_folder,
        name=name,
        ctime=ctime or now,
        mtime=mtime or now,
        created_by=actor.user,
    )
    kind = FileCreated(**_snapshot(file), ctime=timestamp(file.ctime), mtime=timestamp(file.mtime))
    return file, record(kind, actor=actor, subject=file, place=place(volume), after=circle(volume))


@transaction.atomic
def update_file(*, file: VolumeFile, actor: Actor, **fields: Any) -> tuple[VolumeFile, uuid.UUID | None]:
    """Changes name, parent (an id, None is the root), ctime, mtime; the commit is None where nothing changed.

    Raises NotFound, Conflict, ValidationFailed.
    """
    volume, file = _locked(file)
    if "parent" in fields:
        fields["parent_id"] = fields.pop("parent")
        _require_folder(volume, fields["parent_id"], moved=file)
    name, parent = fields.get("name", file.name), fields.get("parent_id", file.parent_id)
    if (name, parent) != (file.name, file.parent_id):
        _require_free(volume, parent, name)
    changes = changes_of(file, fields)
    if not changes:
        return file, None
    assign(file, changes)
    file.save(update_fields=list(changes))
    return file, _record_update(file, volume, actor, changes)


def upload_file(
    *, file: VolumeFile, actor: Actor, source: storage.Source, size: int, mime_type: str, most_bytes: int
) -> tuple[VolumeFile, uuid.UUID]:
    """Keeps the `size` bytes of `source` as the file's content, in the place of what it had.

    Not one transaction: an upload may take minutes, and whatever it locked would wait as long. Raises PayloadOverflow,
    StorageQuotaExceeded, ServiceUnavailable, ValidationFailed for a folder, NotFound where it was deleted meanwhile.
    """
    if file.is_folder:
        raise field_error("type", "invalid_value", "A folder has no content")
    if size > most_bytes:
        raise PayloadOverflow
    stored.require_storage(file.volume.owner, size - file.size)
    name, hashed = stored.new_name(uuid.uuid4()), stored.Hashed(source)
    with storage.kept(name, hashed):
        return _replace(file, actor, name, size=size, mime_type=mime_type, md5=hashed.md5.hexdigest())


@transaction.atomic
def _replace(file: VolumeFile, actor: Actor, name: str, **columns: Any) -> tuple[VolumeFile, uuid.UUID]:
    owner = stored.locked_owner(file.volume.owner_id)
    volume, file = _locked(file)
    stored.require_storage(owner, columns["size"] - file.size)
    stored.remove_on_commit(file.file)
    columns["mtime"] = timezone.now()
    # All three are told though another file may have the same size and type: there is new content.
    changes = {column: (getattr(file, column), value) for column, value in columns.items()}
    assign(file, changes)
    file.file = name
    file.save(update_fields=["file", *changes])
    return file, _record_update(file, volume, actor, changes)


@transaction.atomic
def delete_file(*, file: VolumeFile, actor: Actor) -> uuid.UUID:
    """With all that is in it, of which nobody is told; returns the commit. Raises NotFound."""
    volume, file = _locked(file)
    kind, former = FileDeleted(**_snapshot(file)), VolumeFile(pk=file.pk)
    file.delete()
    return record(kind, actor=actor, subject=former, place=place(volume), **_lost(volume))


@transaction.atomic
def clear_volume(*, volume: Object, actor: Actor) -> uuid.UUID:
    """Deletes all its files at once; returns the commit. Raises NotFound."""
    volume = locked(volume)
    volume.files.all().delete()
    kind = FileDeleted(volume_id=str(volume.pk), type="folder", filename="", parent_id=None)
    return record(kind, actor=actor, subject=volume, place=place(volume), **_lost(volume))


def _lost(volume: Object) -> dict[str, Any]:
    return {"before": circle(volume)}


def _locked(file: VolumeFile) -> tuple[Object, VolumeFile]:
    """The file as it is now, under the lock of its volume. Raises NotFound where it was deleted meanwhile."""
    volume = locked(file.volume)
    row = VolumeFile.objects.filter(pk=file.pk).first()
    if row is None:
        raise NotFound
    row.volume = volume
    return volume, row


def _require_free(volume: Object, parent: uuid.UUID | None, name: str) -> None:
    if volume.files.filter(parent=parent, name=name).exists():
        raise Conflict("There is another file or folder with this name")


def _require_folder(volume: Object, parent: uuid.UUID | None, *, moved: VolumeFile | None = None) -> None:
    """A folder of the volume, not too deep, and not within what is moved there."""
    if parent is None:
        return
    folders = dict(volume.files.filter(is_folder=True).values_list("pk", "parent"))
    if parent not in folders:
        raise field_error("parent", "invalid_value", "The parent must be a folder of the volume")
    above: list[uuid.UUID] = []
    step: uuid.UUID | None = parent
    while step is not None:
        above.append(step)
        step = folders[step]
    if moved is not None and moved.pk in above:
        raise field_error("parent", "invalid_value", "A folder cannot be moved into itself")
    below = _height(moved.pk, folders) if moved is not None and moved.is_folder else 0
    if len(above) + below >= MOST_LEVELS:
        raise field_error("parent", "out_of_range", f"A volume has {MOST_LEVELS} levels of folders at most")


def _height(folder: uuid.UUID, folders: dict[uuid.UUID, uuid.UUID | None]) -> int:
    """How many levels of folders are in it."""
    height, level = 0, {folder}
    while level := {child for child, parent in folders.items() if parent in level}:
        height += 1
    return height


def _record_update(file: VolumeFile, volume: Object, actor: Actor, changes: dict[str, tuple[Any, Any]]) -> uuid.UUID:
    told = {name.removesuffix("_id"): pair for name, pair in in_json(changes).items()}
    kind = FileUpdated(**_snapshot(file))
    return record(kind, actor=actor, subject=file, place=place(volume), **unchanged(volume), changes=told)


def _snapshot(file: VolumeFile) -> dict[str, Any]:
    return {
        "volume_id": str(file.volume_id),
        "type": "folder" if file.is_folder else "file",
        "filename": file.name,
        "parent_id": str(file.parent_id) if file.parent_id else None,
    }
