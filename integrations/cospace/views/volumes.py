"""api/volume: volumes with their files and folders. A room's files are a volume, too, which is only read here."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.uploads import AnyFileParser, answered, type_of, upload_in
from integrations.cospace.views.typed import Described, Pages, TypedListView, TypedView
from integrations.objects import access, room_volumes
from integrations.objects.models.files import VolumeFile
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.room_volumes import RoomVolume
from integrations.objects.services.files import clear_volume, create_file, delete_file, update_file, upload_file
from rest import fields
from rest.errors import Forbidden, NotFound
from rooms.assets import downloads
from rooms.models import Asset

VOLUME = Object.Type.VOLUME.value
# Of the years 1 to 9999, with a day left out at each end for time zones.
FIRST_SECOND, LAST_SECOND = -62135510400, 253402128000


class Filename(fields.Text):
    """What every file system takes."""

    default_error_messages = {"filename": "This must be a name without slash and control characters, not . or .."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=255, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name in (".", "..") or "/" in name or "\\" in name or not name.isprintable():
            self.fail("filename")
        return name


class Seconds(fields.WholeNumber):
    """Since 1970, before it or long after."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=FIRST_SECOND, max_value=LAST_SECOND, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        number = super().to_internal_value(data)
        return number if not FIRST_SECOND <= number <= LAST_SECOND else datetime.fromtimestamp(number, UTC)

    def run_validators(self, value: Any) -> None:
        super().run_validators(seconds(value) if isinstance(value, datetime) else value)


class NewFile(serializers.Serializer[Any]):
    type = serializers.ChoiceField(["file", "folder"], default="file")
    name = Filename()
    parent = fields.Identifier(required=False, allow_null=True)  # type: ignore[assignment] # the metaclass takes it out
    ctime = Seconds(required=False)
    mtime = Seconds(required=False)


class ChangedFile(serializers.Serializer[Any]):
    """The parent null, or the volume itself, is the root."""

    name = Filename(required=False)
    parent = fields.Identifier(required=False, allow_null=True)  # type: ignore[assignment] # the metaclass takes it out
    ctime = Seconds(required=False)
    mtime = Seconds(required=False)


class Listing(Pages):
    filter = serializers.ChoiceField(["volume", "conference"], default="volume")


class Folder(Pages):
    parent = fields.Identifier(required=False)  # type: ignore[assignment] # the metaclass takes it out


class VolumesView(TypedListView):
    of_type = VOLUME

    def get(self, request: SessionRequest) -> Json:
        """With `filter=conference` those of rooms that have files."""
        page = self.query(Listing)
        if page["filter"] == VOLUME:
            return super().get(request)
        volumes = room_volumes.visible(request.user)[page["first"] : page["first"] + page["count"]]
        return {VOLUME: {str(volume.id): _of_room(volume) for volume in map(RoomVolume, volumes)}}


class VolumeView(TypedView):
    of_type = VOLUME

    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        volume = _found(request, object_id)
        if isinstance(volume, RoomVolume):
            return {VOLUME: {VOLUME: str(volume.id)} | _of_room(volume)}
        return super().get(request, object_id)

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        self.body(Described)
        _writable(request, object_id)
        return super().post(request, object_id)

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        _writable(request, object_id)
        return super().delete(request, object_id)


class FilesView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """What lies in one folder, at the root without one; by name."""
        page = self.query(Folder)
        volume = _found(request, object_id)
        stop = page["first"] + page["count"]
        if isinstance(volume, RoomVolume):
            assets = [] if page.get("parent") else volume.room.assets.order_by("filename", "id")[page["first"] : stop]
            return {"file": {str(asset.pk): _asset(asset) for asset in assets}}
        files = volume.files.filter(parent=page.get("parent")).order_by("name", "id")[page["first"] : stop]
        return {"file": {str(file.pk): _file(file) for file in files}}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        values = _placed(self.body(NewFile), object_id)
        is_folder = values.pop("type") == "folder"
        volume = _writable(request, object_id)
        file, commit = create_file(volume=volume, actor=self.actor, is_folder=is_folder, **values)
        return {"file": str(file.pk), "commit": str(commit)}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """All files of the volume."""
        return {"commit": str(clear_volume(volume=_writable(request, object_id), actor=self.actor))}


class FileView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID, file_id: uuid.UUID) -> Json:
        volume = _found(request, object_id)
        if isinstance(volume, RoomVolume):
            told = _asset(room_volumes.asset_in(volume, file_id))
        else:
            told = _file(_file_in(volume, file_id))
        return {"file": {"file": str(file_id), "volume": str(object_id)} | told}

    def post(self, request: SessionRequest, object_id: uuid.UUID, file_id: uuid.UUID) -> Json:
        """Without `commit` in the answer nothing has changed."""
        values = _placed(self.body(ChangedFile), object_id)
        file = _file_in(_writable(request, object_id), file_id)
        _changed, commit = update_file(file=file, actor=self.actor, **values)
        return without_empty(commit=str(commit) if commit else None)

    def delete(self, request: SessionRequest, object_id: uuid.UUID, file_id: uuid.UUID) -> Json:
        """The volume's own id stands for all of its files."""
        volume = _writable(request, object_id)
        if file_id == object_id:
            return {"commit": str(clear_volume(volume=volume, actor=self.actor))}
        return {"commit": str(delete_file(file=_file_in(volume, file_id), actor=self.actor))}


class FileContentView(CospaceView):
    """The file is the body, with its Content-Length."""

    parser_classes = (AnyFileParser,)

    def put(self, request: SessionRequest, object_id: uuid.UUID, file_id: uuid.UUID) -> Json:
        file = _file_in(_writable(request, object_id), file_id)
        upload = upload_in(request)
        _stored, commit = upload_file(
            file=file,
            actor=self.actor,
            source=upload,
            size=upload.size,
            mime_type=type_of(request) or downloads.type_by_name(file.name),
            most_bytes=settings.ASSET_MAX_BYTES,
        )
        return {"commit": str(commit)}

    def get(self, request: SessionRequest, object_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponseBase:
        volume = _found(request, object_id)
        if isinstance(volume, RoomVolume):
            return answered(request, downloads.stored(room_volumes.asset_in(volume, file_id)))
        return answered(request, _stored_of(_file_in(volume, file_id)))


def _found(request: SessionRequest, volume_id: uuid.UUID) -> Object | RoomVolume:
    """Raises NotFound."""
    if room_volumes.is_of_room(volume_id):
        return room_volumes.readable(request.user, volume_id)
    return access.found(request.user, volume_id, of_type=VOLUME)


def _writable(request: SessionRequest, volume_id: uuid.UUID) -> Object:
    """Raises NotFound, Forbidden."""
    if room_volumes.is_of_room(volume_id):
        room_volumes.readable(request.user, volume_id)
        raise Forbidden("The files of a room are changed where the room is")
    return access.found(request.user, volume_id, of_type=VOLUME, level=Level.WRITE)


def _file_in(volume: Object, file_id: uuid.UUID) -> VolumeFile:
    file = volume.files.filter(pk=file_id).first()
    if file is None:
        raise NotFound
    file.volume = volume
    return file


def _placed(values: dict[str, Any], volume_id: uuid.UUID) -> dict[str, Any]:
    return values | {"parent": None} if values.get("parent") == volume_id else values


def _of_room(volume: RoomVolume) -> Json:
    """Its conference is the room's object."""
    room = volume.room
    return {"owner": str(room.created_by_id), "conference": str(room.pk), "create_time": seconds(room.created_at)}


def _file(file: VolumeFile) -> Json:
    told = {"type": "folder" if file.is_folder else "file", "name": file.name}
    told |= without_empty(parent=str(file.parent_id) if file.parent_id else None, user=_id(file.created_by_id))
    times = {"ctime": seconds(file.ctime), "mtime": seconds(file.mtime)}
    content = {"size": file.size, "mime_type": file.mime_type, "md5": file.md5} if file.md5 else {}
    return told | times | content


def _id(value: uuid.UUID | None) -> str:
    return str(value or "")


def _asset(asset: Asset) -> Json:
    time = seconds(asset.created_at)
    told = {"type": "file", "name": asset.filename, "ctime": time, "mtime": time, "size": asset.size}
    return told | {"mime_type": downloads.type_by_name(asset.filename)}


def _stored_of(file: VolumeFile) -> downloads.Stored | None:
    if not file.file:
        return None
    return downloads.Stored(
        name=file.file,
        version=file.file.rpartition("/")[2],
        filename=file.name,
        size=file.size,
        created_at=file.mtime,
        content_type=file.mime_type or downloads.ANY_TYPE,
    )
