"""A Spacedeck on a real socket: spaces, their PDFs, and the key that it wants."""

import json
import threading
from typing import Any

from tests.local_server import Asked, LocalServer, Reply

KEY, PDF = "spacedeck-key", b"%PDF-1.7 a whiteboard"


class Spacedeck(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.spaces: dict[str, str] = {}
        self.may_create = threading.Event()  # held up by tests that look at what happens meanwhile
        self.may_create.set()
        self.otherwise = self._answer

    def use(self, settings: Any) -> None:
        for name, value in self.variables().items():
            setattr(settings, name, value)

    def variables(self) -> dict[str, str]:
        return {"SPACEDECK_URL": self.url, "SPACEDECK_API_KEY": KEY}

    def _answer(self, asked: Asked) -> Reply:
        if asked.headers["X-Spacedeck-API-Token"] != KEY:
            return Reply({"error": "auth required"}, status=403)
        match asked.method, asked.path.strip("/").split("/"):
            case "POST", ["api", "spaces"]:
                assert self.may_create.wait(20)
                space = f"space-{len(self.spaces) + 1}"
                self.spaces[space] = json.loads(asked.body)["name"]
                return Reply({"_id": space, "edit_hash": "a1b2c3d", "name": self.spaces[space]}, status=201)
            case "GET", ["api", "spaces", space, "pdf"] if space in self.spaces:
                return Reply({"url": f"/storage/{space}.pdf"}, status=201)
            case "GET", ["storage", _file]:
                return Reply(PDF)
            case "DELETE", ["api", "spaces", space] if space in self.spaces:
                del self.spaces[space]
                return Reply(b"", status=204)
        return Reply({"error": "not_found"}, status=404)
