"""A meeting's folder at the file service: add it, delete it, and repeat requests that the service did not answer."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from activity.actors import Actor
from events.models import Event, FolderDeletion, SharedFolder
from events.services import folders
from events.services.events import announce_change, locked
from events.shared_folders import FileService, FileServiceError, file_service
from rest.errors import NotFound, ServiceUnavailable

logger = logging.getLogger(__name__)


def add_shared_folder(*, event: Event, actor: Actor, suppress_mail: bool = False) -> bool:
    """False when the event has one. Raises NoSharedFolders, and ServiceUnavailable: then nothing has changed."""
    known: SharedFolder | None = getattr(event, "shared_folder", None)
    if known is not None and known.is_ready:
        return False
    # Another server is asked, which takes its time: before rows are locked.
    try:
        folder = folders.make(event.pk)
    except FileServiceError:
        raise ServiceUnavailable from None
    with folders.given_back(folder):
        return _attach(event, folder, actor, suppress_mail)


@transaction.atomic
def _attach(event: Event, folder: SharedFolder, actor: Actor, suppress_mail: bool) -> bool:
    event = locked(event)
    is_new = folders.attach(event, folder)
    if is_new:
        announce_change([event], actor, {"has_shared_folder": (False, True)}, suppress_mail=suppress_mail)
    return is_new


def remove_shared_folder(*, event: Event, actor: Actor, is_forced: bool = False, suppress_mail: bool = False) -> None:
    """Deletes the folder with all that is in it. Raises ServiceUnavailable: then nothing has changed.

    Forced, it leaves the event at once, and what the file service does not do now it is asked for until it does.
    """
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    if folder is None:
        return
    is_gone = False
    try:
        _delete(file_service(), folder)
        is_gone = True
    except FileServiceError:
        if not is_forced:
            raise ServiceUnavailable from None
    _detach(event, folder, is_gone, actor, suppress_mail)


@transaction.atomic
def _detach(event: Event, folder: SharedFolder, is_gone: bool, actor: Actor, suppress_mail: bool) -> None:
    event = locked(event)
    # Another one may have been added meanwhile, of which nobody spoke here.
    if getattr(event, "shared_folder", None) != folder:
        return
    if folders.detach(event, is_gone=is_gone):
        announce_change([event], actor, {"has_shared_folder": (True, False)}, suppress_mail=suppress_mail)


def _delete(service: FileService | None, folder: SharedFolder | FolderDeletion) -> None:
    if not folder.path:
        return
    try:
        if service is None:
            raise FileServiceError("no file service is configured", is_down=True)
        service.delete(path=folder.path, share_ids=[folder.read_share_id, folder.write_share_id])
    except FileServiceError as error:
        logger.warning("the folder %s is not deleted: %s", folder.path, error)
        raise


def overdue() -> tuple[models.QuerySet[FolderDeletion], models.QuerySet[SharedFolder]]:
    """Pending requests to the file service: folders to delete and to create; those never tried come first."""
    order = models.F("tried_at").asc(nulls_first=True)
    wanted = SharedFolder.objects.filter(read_url="").select_related("event")
    return FolderDeletion.objects.order_by(order, "pk"), wanted.order_by(order, "pk")


def catch_up(*, actor: Actor, limit: int) -> int:
    """Repeats pending requests until the file service fails; returns how many succeeded."""
    service = file_service()
    if service is None:
        return 0
    deletions, wanted = overdue()

    def delete(deletion: FolderDeletion) -> None:
        _delete(service, deletion)
        deletion.delete()

    def make(row: SharedFolder) -> None:
        folder = folders.make(row.event_id)
        with folders.given_back(folder):
            _attach(row.event, folder, actor, suppress_mail=False)

    done, is_down = _each(deletions[:limit], delete)
    return done if is_down else done + _each(wanted[:limit], make)[0]


def _each(rows: models.QuerySet[Any], work: Callable[[Any], None]) -> tuple[int, bool]:
    """How many succeeded, and whether the file service is down."""
    done = 0
    for row in rows:
        try:
            work(row)
            done += 1
        except NotFound:  # the event went meanwhile, and its row with it
            continue
        except FileServiceError as error:
            type(row).objects.filter(pk=row.pk).update(tried_at=timezone.now(), last_error=str(error))
            if error.is_down:
                return done, True
    return done, False
