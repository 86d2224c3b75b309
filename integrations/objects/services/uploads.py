"""Use cases of documents and sounds: upload into a fax, an announcement or a presentation."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.media_kinds import ContentUploaded, ConversionRetried
from integrations.objects import stored, tasks
from integrations.objects.access import circle, place
from integrations.objects.models.contents import Content
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from rest.errors import PayloadOverflow
from rooms import storage

# What the conversion reads in its 20 seconds; documented in docs/operations.md.
MOST_BYTES = 64 * 1024**2


def upload_content(*, one: Object, actor: Actor, source: storage.Source, size: int, filename: str = "") -> Content:
    """Keeps the `size` bytes of `source` in the place of what was there, and lets them be converted.

    Not one transaction: an upload may take minutes, and whatever it locked would wait as long. Raises PayloadOverflow,
    StorageQuotaExceeded, ServiceUnavailable, and NotFound where the object was deleted meanwhile.
    """
    if size > MOST_BYTES:
        raise PayloadOverflow
    stored.require_storage(one.owner, size - _size_now(one))
    upload = uuid.uuid4()
    hashed = stored.Hashed(source)
    with storage.kept(stored.new_name(upload), hashed):
        return _replace(one, actor, upload=upload, filename=filename, size=size, md5=hashed.md5.hexdigest())


@transaction.atomic
def _replace(one: Object, actor: Actor, *, upload: uuid.UUID, **columns: Any) -> Content:
    owner = stored.locked_owner(one.owner_id)
    one = locked(one)
    former = Content.objects.filter(object=one).first()
    stored.require_storage(owner, columns["size"] - _size_now(one))
    if former:
        stored.remove_on_commit(former.file)
    content = Content(
        object=one,
        upload=upload,
        file=stored.new_name(upload),
        uploaded_by=actor.user,
        uploaded_at=timezone.now(),
        due_at=timezone.now(),
        **columns,
    )
    content.save(force_insert=former is None, force_update=former is not None)
    kind = ContentUploaded(
        **snapshot(one), object_type=one.type, filename=content.filename, size=content.size, md5=content.md5
    )
    record(kind, actor=actor, subject=one, place=place(one), **unchanged(one))
    transaction.on_commit(tasks.wake, robust=True)
    return content


def _size_now(one: Object) -> int:
    """Of what another upload takes the place of."""
    return Content.objects.filter(object=one).values_list("size", flat=True).first() or 0


@transaction.atomic
def retry_conversion(*, content: Content, actor: Actor) -> bool:
    """By staff; False where the last upload did not fail."""
    failed = Content.objects.filter(pk=content.pk, upload=content.upload, state=Content.State.FAILED)
    now = timezone.now()
    if not failed.update(state=Content.State.PENDING, problem="", attempts=0, due_at=now, converted_at=None):
        return False
    one = Object.objects.select_related("owner", "room").get(pk=content.pk)
    record(ConversionRetried(**snapshot(one)), actor=actor, subject=one, place=place(one))
    transaction.on_commit(tasks.wake, robust=True)
    return True


def snapshot(one: Object) -> dict[str, Any]:
    return {"label": one.description, "owner_id": str(one.owner_id)}


def unchanged(one: Object) -> dict[str, Any]:
    """The circles of what changes nobody's access."""
    people = circle(one)
    return {"before": people, "after": people}
