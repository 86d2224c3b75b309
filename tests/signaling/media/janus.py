"""Debian's janus on this machine alone: videoroom and WebSocket, without STUN."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.services import need_janus
from tests.site import wait_until
from tests.smtp_sink import free_port

SECRET = "of-the-tests"
LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus"


class Janus:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        for name, text in configuration(folder, self.port).items():
            (folder / name).write_text(text)

    def start(self) -> None:
        with (self.folder / "janus.log").open("ab") as log:
            command = ["janus", "-F", str(self.folder), "-C", str(self.folder / "janus.jcfg")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self.answers, 20, "janus answers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)

    def answers(self) -> bool:
        try:
            with connect(self.url, subprotocols=["janus-protocol"], proxy=None):  # type: ignore[list-item]
                return True
        except (OSError, WebSocketException):
            return False


def configuration(folder: Path, port: int) -> dict[str, str]:
    return {
        "janus.jcfg": f"""
            general: {{
                configs_folder = "{folder}"
                plugins_folder = "{LIBRARIES}/plugins"
                transports_folder = "{LIBRARIES}/transports"
                interface = "127.0.0.1"
                api_secret = "{SECRET}"
            }}
            nat: {{ ice_enforce_list = "127.0.0.1", full_trickle = true }}
            plugins: {{ disable = "{disabled("plugins", "videoroom")}" }}
            transports: {{ disable = "{disabled("transports", "websockets")}" }}
        """,
        "janus.plugin.videoroom.jcfg": "general: {}",
        "janus.transport.websockets.jcfg": f"""
            general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1" }}
        """,
    }


def disabled(kind: str, but: str) -> str:
    found = {path.name for path in Path(LIBRARIES, kind).glob("libjanus_*.so")}
    return ",".join(sorted(found - {f"libjanus_{but}.so"}))


@contextmanager
def janus(folder: Path) -> Iterator[Janus]:
    need_janus()
    running = Janus(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
