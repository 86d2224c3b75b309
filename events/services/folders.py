"""Rows of shared folders in the transaction of another change, and the requests to the file service before it."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from events.models import Event, FolderDeletion, SharedFolder
from events.shared_folders import FileServiceError, file_service
from rest.errors import BadRequest

logger = logging.getLogger(__name__)


class NoSharedFolders(BadRequest):
    default_detail = "No shared folder configured for this server"


def make(event_id: uuid.UUID) -> SharedFolder:
    """A folder at the file service as an unsaved row. Raises NoSharedFolders, FileServiceError."""
    service = file_service()
    if service is None:
        raise NoSharedFolders
    try:
        made = service.create(f"opentalk-event-{event_id}")
    except FileServiceError as error:
        logger.warning("no folder for event %s: %s", event_id, error)
        if error.left_behind:
            FolderDeletion.objects.create(path=error.left_behind)
        raise
    return SharedFolder(event_id=event_id, **asdict(made))


@contextmanager
def prepared(event_id: uuid.UUID, *, is_wanted: bool, is_dry_run: bool = False) -> Iterator[SharedFolder | None]:
    """An unsaved row for a change that is worth more than its folder; to be opened outside of its transaction.

    Where the file service does not answer, the row says that a folder is wanted. A dry run does not ask it.
    Raises NoSharedFolders.
    """
    folder = None
    if is_wanted and is_dry_run:
        if file_service() is None:
            raise NoSharedFolders
        yield SharedFolder(event_id=event_id, read_url=settings.BASE_URL)
        return
    if is_wanted:
        try:
            folder = make(event_id)
        except FileServiceError:
            folder = SharedFolder(event_id=event_id)
    with given_back(folder):
        yield folder


@contextmanager
def given_back(folder: SharedFolder | None) -> Iterator[None]:
    """What a change that fails leaves at the file service goes again."""
    try:
        yield
    except BaseException:
        if folder is not None:
            with transaction.atomic():
                give_up(folder)
        raise


def attach(event: Event, folder: SharedFolder) -> bool:
    """Gives the event, whose row is locked, its folder; True when people see one that they did not see before."""
    known: SharedFolder | None = getattr(event, "shared_folder", None)
    if known is not None and known.is_ready:
        give_up(folder)
        return False
    if known is not None:
        folder.pk = known.pk
    folder.save()
    event.shared_folder = folder
    return folder.is_ready


def detach(event: Event, *, is_gone: bool = False) -> bool:
    """Takes the folder from the event, whose row is locked; True when people saw one. `is_gone`: it exists nowhere."""
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    if folder is None:
        return False
    was_ready = folder.is_ready
    if not is_gone:
        give_up(folder)
    folder.delete()
    return was_ready


def give_up(folder: SharedFolder) -> None:
    """Notes the deletion; the job sync-shared-folders sees to it, however long the file service is away.

    The parts of a split series share a folder: it goes with the last of them.
    """
    is_shared = SharedFolder.objects.filter(path=folder.path).exclude(pk=folder.pk).exists()
    if folder.path and not is_shared:
        FolderDeletion.objects.create(
            path=folder.path, read_share_id=folder.read_share_id, write_share_id=folder.write_share_id
        )
