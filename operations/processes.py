"""A tree of child processes: starts them, restarts those that end, and stops all of them at the end."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

logger = logging.getLogger(__name__)

RESTART_PAUSE_SECONDS = 2.0  # a child that cannot start must not fill the log
STOP_SECONDS = 10.0  # for requests and mails under way; the next start finds what is cut off then
POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class Child:
    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.restart_at: float | None = None

    def tend(self) -> None:
        """Starts the process at first, and again some time after it ended."""
        if self.process is None:
            self._start()
        elif self.process.poll() is not None and self.restart_at is None:
            logger.error("%s ended with status %s and will be started again", self.name, self.process.returncode)
            self.restart_at = time.monotonic() + RESTART_PAUSE_SECONDS
        elif self.restart_at is not None and time.monotonic() >= self.restart_at:
            self._start()

    def _start(self) -> None:
        self.restart_at = None
        # A session of its own: Ctrl-C in a terminal reaches us alone, and we stop the children in our own way.
        before = _end_with_parent()
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=before)  # noqa: S603, PLW1509

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)


class Tree:
    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.signals = 0

    def run(self, *, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Returns after SIGINT, SIGTERM or SIGHUP, when all children have ended; a second signal kills them."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._count)
        is_announced = False
        try:
            while not self.signals:
                for child in self.children:
                    child.tend()
                if not is_announced and is_ready():
                    is_announced = True
                    when_ready()
                time.sleep(POLL_SECONDS)
        finally:
            self._stop()

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _stop(self) -> None:
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.is_running() for child in self.children):
            if self.signals > 1 or time.monotonic() > deadline:
                for child in self.children:
                    child.send(signal.SIGKILL)
            time.sleep(POLL_SECONDS)


def _end_with_parent() -> Callable[[], None] | None:
    """What a child does before its program starts: asks Linux to kill it if the parent dies without stopping it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return ask
