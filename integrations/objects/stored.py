"""The files behind rows: stored under the id of their upload, removed when their row goes, however it goes."""

import hashlib
import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete

from integrations.objects.models.contents import Content
from integrations.objects.models.files import VolumeFile
from rest.errors import NotFound
from rooms import storage
from rooms.assets.services import StorageQuotaExceeded
from users.access import used_storage
from users.models import User


class Hashed:
    """A source whose MD5 is known when all of it was read."""

    def __init__(self, source: storage.Source) -> None:
        self.source = source
        self.md5 = hashlib.md5(usedforsecurity=False)  # the seed's members have this one

    def read(self, size: int = -1) -> bytes:
        part = self.source.read(size)
        self.md5.update(part)
        return part


def new_name(upload: uuid.UUID) -> str:
    return f"objects/{upload.hex[:2]}/{upload.hex}"


def require_storage(owner: User, size: int) -> None:
    """Raises StorageQuotaExceeded where so many bytes more are too many for the owner's tariff."""
    quota = owner.tariff.quotas.get("max_storage") if owner.tariff else None
    if quota is not None and used_storage(owner) + size > quota:
        raise StorageQuotaExceeded


def locked_owner(owner_id: uuid.UUID) -> User:
    """Uploads of one owner follow each other here, those into rooms too, so that two cannot take the same last bytes.

    Raises NotFound where the account was deleted meanwhile.
    """
    people = User.objects.select_for_update(of=("self",), no_key=True).select_related("tariff")
    owner: User | None = people.filter(pk=owner_id).first()
    if owner is None:
        raise NotFound
    return owner


def remove_on_commit(name: str) -> None:
    if name:
        transaction.on_commit(partial(storage.remove, name))


def _remove_file_of(instance: Model, **_kwargs: Any) -> None:
    """A signal of Django's, because rows also go with their object, its owner or their folder."""
    remove_on_commit(instance.file)  # type: ignore[attr-defined]


def connect() -> None:
    for model in (Content, VolumeFile):
        post_delete.connect(_remove_file_of, sender=model, dispatch_uid=f"remove_file_of_{model.__name__}")
