"""The site in a process of its own, and programs that listen at it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

from tests.databases import Database
from tests.site import ROOT, wait_until
from tests.smtp_sink import free_port

SECONDS = 30  # for what should come at once: transactions of other tests hold PostgreSQL's readers up


class Server:
    """One uvicorn, as docs/operations.md has it."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / f"server-{self.port}.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.unmigrated_settings",
            "DATABASE_URL": database.url,
            "VAR_DIR": str(folder),
            "OIDC_LEEWAY_SECONDS": "0",
        } | settings
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "uvicorn", "--port", str(self.port), "--no-access-log"]
        command += ["--timeout-graceful-shutdown", "20", "opentalk_site.asgi:application"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        wait_until(lambda: self.process.poll() is not None or self._answers(), 60, "the server answers")  # type: ignore[union-attr]
        assert self.process.poll() is None, self.log.read_text()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)

    def migrate(self) -> None:
        command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def do(self, *what: str) -> Any:
        """By program.py, in a process of its own."""
        command = [sys.executable, "-m", "tests.integrations.streams.program", *what]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def get(self, path: str, token: str) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=signed_in(token))
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def signed_in(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Listener:
    """A program with an open stream. `titles` and `ids` are of what it got, in this order."""

    def __init__(self, server: Server, token: str, last_id: str = "") -> None:
        self.titles: list[str] = []
        self.ids: list[str] = []
        self.last_id = last_id
        self.has_begun, self.has_ended = threading.Event(), threading.Event()
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        headers = signed_in(token) | ({"Last-Event-ID": last_id} if last_id else {})
        self.connection.request("GET", "/v1/stream", headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def __enter__(self) -> Self:
        assert self.has_begun.wait(SECONDS)
        return self

    def __exit__(self, *_error: Any) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr] # it may be gone
        self.thread.join(SECONDS)
        self.connection.close()

    def wait_for(self, *titles: str) -> None:
        wait_until(lambda: set(titles) <= set(self.titles), SECONDS, f"{titles} come, of which came {self.titles}")

    def _read(self) -> None:
        event: dict[str, str] = {}
        with suppress(OSError, HTTPException, ValueError, AttributeError):
            while line := self.answer.readline().decode():
                name, _colon, value = line.rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                    continue
                self.last_id = event.get("id", self.last_id)
                if "data" in event:
                    self.ids.append(event["id"])
                    self.titles.append(json.loads(event["data"])["data"].get("title", ""))
                event = {}
                self.has_begun.set()
        self.has_ended.set()
