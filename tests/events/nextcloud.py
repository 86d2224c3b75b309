"""Speaks the part of Nextcloud that the site uses: WebDAV's MKCOL and DELETE, and the OCS share API."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.local_server import Asked, LocalServer, Reply

DAV = "/remote.php/dav/files/meet%20ings/"
SHARES = "/ocs/v2.php/apps/files_sharing/api/v1/shares"
ACCOUNT = "meet ings:s3cr3t"


class NextcloudServer(LocalServer):
    """`folders` are the paths of one account, `shares` its public links by id.

    `failing` says by method (MKCOL, POST, DELETE) or "all" which status is answered instead of doing anything.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folders: set[str] = set()
        self.shares: dict[str, dict[str, Any]] = {}
        self.failing: dict[str, int] = {}
        self.last_id = 0
        self.otherwise = self._answer

    def settings(self, **others: Any) -> dict[str, Any]:
        return {
            "SHARED_FOLDERS": "nextcloud",
            "NEXTCLOUD_URL": self.url,
            "NEXTCLOUD_USERNAME": "meet ings",
            "NEXTCLOUD_PASSWORD": "s3cr3t",
            "NEXTCLOUD_DIRECTORY": "Open Talk/meetings",
        } | others

    def links(self, path: str) -> list[dict[str, Any]]:
        return [share for share in self.shares.values() if share["path"] == f"/{path}"]

    def _answer(self, asked: Asked) -> Reply:
        given = asked.headers.get("Authorization", "").removeprefix("Basic ")
        if base64.b64decode(given).decode() != ACCOUNT:
            return Reply(status=401)
        if status := self.failing.get(asked.method) or self.failing.get("all"):
            return Reply(b"<html>", status=status)
        if asked.path.startswith(DAV):
            return self._dav(asked.method, unquote(asked.path.removeprefix(DAV)))
        if asked.headers.get("OCS-APIRequest") != "true":
            return _ocs(997, "Current user is not logged in", http=401)
        if asked.method == "DELETE":
            share = self.shares.pop(asked.path.removeprefix(f"{SHARES}/"), None)
            return _ocs(200, "OK") if share else _ocs(404, "Wrong share ID, share does not exist", http=404)
        assert (asked.method, asked.path, asked.query) == ("POST", SHARES, {"format": "json"})
        return self._share({name: values[0] for name, values in parse_qs(asked.body.decode()).items()})

    def _dav(self, method: str, path: str) -> Reply:
        if method == "DELETE":
            if path not in self.folders:
                return Reply(status=404)
            self.folders = {folder for folder in self.folders if folder != path and not folder.startswith(f"{path}/")}
            return Reply(status=204)
        assert method == "MKCOL"
        if path in self.folders:
            return Reply(status=405)
        if "/" in path and path.rpartition("/")[0] not in self.folders:
            return Reply(status=409)
        self.folders.add(path)
        return Reply(status=201)

    def _share(self, form: dict[str, str]) -> Reply:
        if form["path"].removeprefix("/") not in self.folders:
            return _ocs(404, "Wrong path, file/folder does not exist", http=404)
        assert form["shareType"] == "3"
        if len(form["password"]) < 10:
            return _ocs(403, "Password needs to be at least 10 characters long", http=403)
        # As versions up to 25 have it.
        permissions = 15 if form.get("publicUpload") == "true" else 1
        self.last_id += 1
        url = f"{self.url}/s/token{self.last_id}"
        self.shares[str(self.last_id)] = form | {"url": url, "permissions": permissions}
        return _ocs(200, "OK", {"id": str(self.last_id), "url": url, "permissions": permissions, "token": "x"})


def _ocs(code: int, message: str, data: Any = (), *, http: int = 200) -> Reply:
    meta = {"status": "ok" if code == 200 else "failure", "statuscode": code, "message": message}
    return Reply(json.dumps({"ocs": {"meta": meta, "data": data}}).encode(), status=http)
