"""The file service that keeps a folder for a meeting, if there is one. Knows neither rows nor events."""

from collections.abc import Collection
from typing import Protocol

from django.conf import settings

from events.shared_folders.folders import FileServiceError, Folder
from events.shared_folders.nextcloud import Nextcloud

__all__ = ["FileService", "FileServiceError", "Folder", "file_service"]


class FileService(Protocol):
    """Each call may take seconds: never inside a transaction. Raises FileServiceError."""

    def create(self, name: str) -> Folder:
        """A new folder that is nobody else's, with a link to read and one to write."""

    def delete(self, *, path: str, share_ids: Collection[str]) -> None:
        """Takes the links and the folder with all that is in it away; what is gone already is fine."""


FILE_SERVICES: dict[str, FileService] = {"nextcloud": Nextcloud()}


def file_service() -> FileService | None:
    return FILE_SERVICES.get(settings.SHARED_FOLDERS)
