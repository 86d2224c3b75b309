"""What a file service answers, and how it fails."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Its members are columns of events.models.SharedFolder."""

    path: str
    read_url: str
    read_password: str
    read_share_id: str
    write_url: str
    write_password: str
    write_share_id: str


class FileServiceError(Exception):
    """The text names no secret. `left_behind` is a folder that was made and cannot be used."""

    def __init__(self, text: str, *, left_behind: str = "", is_down: bool = False) -> None:
        super().__init__(text)
        self.left_behind = left_behind
        self.is_down = is_down  # asking for something else is no use now
