"""The site in real processes, and clients at real sockets."""

import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.databases import Database, fresh_database
from tests.site import ROOT, wait_until
from tests.smtp_sink import free_port

PROTOCOL = "opentalk-signaling-json-v1.0"
SECONDS = 20  # for what should come at once


class Server:
    """One uvicorn. Several may share a database."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.unmigrated_settings",
            "DATABASE_URL": database.url,
            "VAR_DIR": str(folder),
        } | settings
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "uvicorn", "--port", str(self.port), "--ws-ping-interval", "15"]
        options = ["--ws-ping-timeout", "20", "--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "5"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options, "tests.signaling.served_app:application"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self.process.poll() is not None or self._answers(), 60, "the server answers")  # type: ignore[union-attr]
        assert self.process.poll() is None, self.log.read_text()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(SECONDS)

    def do(self, what: str, **arguments: Any) -> Any:
        """A door of doors.py."""
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self.url}/do/{what}", body)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def _answers(self) -> bool:
        try:
            self.do("activities")
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


class Meeting:
    """A room of alice's, which bob, carol and a guest may enter."""

    numbers = itertools.count(1)

    def __init__(self, server: Server, **columns: Any) -> None:
        self.server, self.number = server, next(self.numbers)
        made = server.do("furnish", number=self.number, **columns)
        self.room: str = made["room"]
        self.code: str = made["code"]
        self.invite_code: str = made["invite_code"]

    def client(self, who: str, *, server: Server | None = None, **wanted: Any) -> "Client":
        """Somebody who has opened a socket and not joined; `wanted` as of issue_ticket."""
        return Client(server or self.server, self.room, self.account(who), wanted)

    def joined(self, who: str, **how: Any) -> "Client":
        client = self.client(who, **how)
        client.join(who.title())
        return client

    def account(self, who: str) -> str:
        return self.code if who == "guest" else f"{who}{self.number}"

    def ticket(self, who: str) -> str:
        return str(self.server.do("ticket", room=self.room, who=self.account(who))["ticket"])

    def activities(self) -> list[str]:
        return list(self.server.do("activities", room=self.room))


class Client:
    """A socket. `who` is an account, or a guest code's id."""

    def __init__(self, server: Server, room: str, who: str, wanted: dict[str, Any], **options: Any) -> None:
        issued = server.do("ticket", room=room, who=who, **wanted)
        self.resumption: str = issued["resumption"]
        self.id = ""
        self.welcomes: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.socket = open_socket(server, [f"ticket#{issued['ticket']}", PROTOCOL], **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: Any) -> None:
        self.socket.close()

    def send(self, namespace: str, action: str, **payload: Any) -> None:
        self.socket.send(json.dumps({"namespace": namespace, "payload": {"action": action, **payload}}))

    def join(self, name: str) -> dict[str, Any]:
        self.send("control", "join", display_name=name)
        welcome = self.get("join_success")
        self.id = welcome["id"]
        self.welcomes.append(welcome)
        return welcome

    def get(self, message: str) -> dict[str, Any]:
        """The next frame with this message; those before it are in `frames`."""
        while True:
            frame = json.loads(self.socket.recv(timeout=SECONDS))
            self.frames.append(frame)
            if frame["payload"].get("message") == message:
                return dict(frame["payload"])

    def close_code(self) -> int:
        """With which the server ends it; the frames before it are in `frames`."""
        try:
            while True:
                self.frames.append(json.loads(self.socket.recv(timeout=SECONDS)))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def open_socket(server: Server, words: list[str], **options: Any) -> ClientConnection:
    url = f"ws://127.0.0.1:{server.port}/signaling"
    return connect(url, subprotocols=words or None, proxy=None, open_timeout=SECONDS, legacy=True, **options)  # type: ignore[arg-type]


@contextmanager
def furnished(kind: str, folder: Path) -> Iterator[Database]:
    """A database with tables."""
    with fresh_database(kind, folder) as database:
        server = Server(database, folder)
        migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=server.environment, check=True)
        yield database
