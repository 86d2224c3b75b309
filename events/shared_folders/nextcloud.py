"""Folders in one Nextcloud account: made and deleted by WebDAV, linked to by the OCS share API (files_sharing v1)."""

import base64
import secrets
import string
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils import timezone

from events.shared_folders.folders import FileServiceError, Folder
from outgoing import http
from outgoing.http import Answer, OutgoingError

SHARES = "/ocs/v2.php/apps/files_sharing/api/v1/shares"
PUBLIC_LINK = "3"
READ, UPDATE, CREATE, DELETE = 1, 2, 4, 8
PASSWORD_LENGTH = 20
# The password policy of Nextcloud may ask for each of them; people may have to type it.
PASSWORD_LETTERS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.+")


class Nextcloud:
    def create(self, name: str) -> Folder:
        session = _Session()
        path = session.make_folder(f"{settings.NEXTCLOUD_DIRECTORY}/{name}".strip("/"))
        try:
            read = session.share(path, READ)
            write = session.share(path, READ | UPDATE | CREATE | DELETE)
        except FileServiceError as error:
            raise FileServiceError(str(error), left_behind=path, is_down=error.is_down) from None
        return Folder(
            path=path,
            read_url=read["url"],
            read_password=read["password"],
            read_share_id=read["id"],
            write_url=write["url"],
            write_password=write["password"],
            write_share_id=write["id"],
        )

    def delete(self, *, path: str, share_ids: Collection[str]) -> None:
        session = _Session()
        # The links first: a folder that cannot be deleted shall be open to nobody.
        for share_id in filter(None, share_ids):
            session.expect("DELETE", f"{SHARES}/{quote(share_id, safe='')}", {200, 404})
        # Without a path this would be the account's root.
        if path:
            session.expect("DELETE", _dav(path), {204, 404})


class _Session:
    """The requests of one operation, which share one deadline."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + settings.NEXTCLOUD_TIMEOUT_SECONDS

    def make_folder(self, path: str) -> str:
        """The path of the new folder: `path`, or where that is taken one like it."""
        answer = self.expect("MKCOL", _dav(path), {201, 405, 409})
        if answer.status == 409:  # a folder above is missing
            self._make_parents(path)
            answer = self.expect("MKCOL", _dav(path), {201, 405})
        if answer.status == 405:  # exists already
            path = f"{path}-{secrets.token_hex(4)}"
            self.expect("MKCOL", _dav(path), {201})
        return path

    def _make_parents(self, path: str) -> None:
        parts = path.split("/")[:-1]
        for length in range(1, len(parts) + 1):
            self.expect("MKCOL", _dav("/".join(parts[:length])), {201, 405})

    def share(self, path: str, permissions: int) -> dict[str, str]:
        """`id`, `url` and `password` of a new public link."""
        password = _password()
        form = {
            "path": f"/{path}",
            "shareType": PUBLIC_LINK,
            "permissions": str(permissions),
            "password": password,
        }
        if permissions & CREATE:
            # Without it versions up to 25 give the right to read, whatever is asked for (nextcloud/server#37774).
            form["publicUpload"] = "true"
        if settings.NEXTCLOUD_LINK_DAYS:
            last_day = timezone.now() + timedelta(days=settings.NEXTCLOUD_LINK_DAYS)
            form["expireDate"] = f"{last_day:%Y-%m-%d}"
        data = _ocs_data(self.send("POST", f"{SHARES}?format=json", form=form))
        url, share_id = str(data.get("url", "")), str(data.get("id", ""))
        if urlsplit(url).scheme not in {"http", "https"} or not share_id:
            raise FileServiceError("Nextcloud's answer lacks the link")
        return {"url": url, "id": share_id, "password": password}

    def expect(self, method: str, path: str, statuses: set[int]) -> Answer:
        answer = self.send(method, path)
        if answer.status not in statuses:
            raise _refusal(method, answer.status)
        return answer

    def send(self, method: str, path: str, *, form: dict[str, str] | None = None) -> Answer:
        account = f"{settings.NEXTCLOUD_USERNAME}:{settings.NEXTCLOUD_PASSWORD}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(account).decode()}",
            "OCS-APIRequest": "true",
            "Accept": "application/json",
        }
        try:
            return http.request(
                method,
                f"{settings.NEXTCLOUD_URL}{path}",
                headers=headers,
                form=form,
                deadline_seconds=self._ends_at - time.monotonic(),
                is_trusted=True,
            )
        except OutgoingError as error:
            raise FileServiceError(str(error), is_down=True) from None


def _dav(path: str) -> str:
    return f"/remote.php/dav/files/{quote(settings.NEXTCLOUD_USERNAME, safe='')}/{quote(path)}"


def _ocs_data(answer: Answer) -> dict[str, Any]:
    """What an OCS answer carries; its own status stands inside, with the reason in words."""
    try:
        ocs = answer.json()["ocs"]
        meta, data = ocs["meta"], ocs["data"]
        reason = f"{meta['statuscode']} {meta.get('message') or ''}"
    except (OutgoingError, KeyError, TypeError, AttributeError):
        raise _refusal("POST", answer.status) from None
    if not answer.is_success or meta["statuscode"] not in {100, 200} or not isinstance(data, dict):
        raise FileServiceError(f"Nextcloud does not share the folder: {reason}")
    return data


def _refusal(method: str, status: int) -> FileServiceError:
    # 401, 429 and 5xx are not about this folder.
    is_down = status in {401, 429} or status >= 500
    return FileServiceError(f"Nextcloud answers {status} to {method}", is_down=is_down)


def _password() -> str:
    letters = [secrets.choice(kind) for kind in PASSWORD_LETTERS]
    letters += [secrets.choice("".join(PASSWORD_LETTERS)) for _more in range(PASSWORD_LENGTH - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
