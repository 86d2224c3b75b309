"""The real site: `manage.py run` with its process tree, in a folder and at a port of its own."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

from tests.smtp_sink import free_port

ROOT = Path(__file__).parent.parent
START_SECONDS = 180  # the first start migrates, ten seconds on an idle machine; what ends is noticed at once
STOP_SECONDS = 15


class Site:
    """`settings` are environment variables on top of what a shell has; nothing of the test run's own goes in."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "run.log"
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"VAR_DIR": str(folder), "PORT": str(self.port), "EVENT_INVITE_EXTERNAL": "true"}
        # Else what it prints comes when it ends.
        self.environment = inherited | own | {"PYTHONUNBUFFERED": "1"} | settings
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        with self.log.open("wb") as log:
            command = [sys.executable, "manage.py", "run", "--demo"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            wait_until(lambda: "Ctrl-C" in self.printed or not self.is_running, START_SECONDS, "the site is up")
            assert self.is_running, self.printed
        except BaseException:
            self.process.kill()
            raise

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Its exit status; every process of it has ended."""
        assert self.process is not None
        children = self.children()
        self.process.send_signal(how)
        status = self.process.wait(STOP_SECONDS)
        # Children of a killed parent need a moment to be killed too.
        wait_until(lambda: not any(is_alive(child) for child in children), 5, "all processes have ended")
        return status

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py prints, with the site's settings."""
        command = [sys.executable, *(arguments if arguments[0] == "-m" else ("manage.py", *arguments))]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def printed(self) -> str:
        return self.log.read_text()

    @property
    def password(self) -> str:
        """Of the demonstration accounts, as the site prints it."""
        found = re.search(r"password (\S+)", self.printed)
        assert found is not None, self.printed
        return found[1]

    def children(self) -> list[int]:
        assert self.process is not None
        return [int(child) for child in _children_file(self.process.pid).read_text().split()]

    def child(self, word: str) -> int:
        """The process with this word in its command line."""
        return next(pid for pid in self.children() if word in _command(pid))

    def answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return bool(opener.open(f"{self.url}/v1/auth/login", timeout=5).status == 200)
        except OSError:
            return False


def wait_until(condition: Any, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _children_file(pid: int) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")


def _command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
