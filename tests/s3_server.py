"""A server that speaks S3 (moto's), in a process and on a socket of its own."""

import socket
import subprocess
import sys
import uuid
from types import TracebackType
from typing import Any, Self

from tests.site import wait_until
from tests.smtp_sink import free_port

START_SECONDS = 60
KEY, SECRET = "operator", "a/secret+with:signs"


class S3Server:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        import boto3  # noqa: PLC0415 - takes half a second, for a server that few tests need

        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, START_SECONDS, "the S3 server is up")
        self.client: Any = boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait(10)

    def new_bucket(self) -> str:
        name = f"bucket-{uuid.uuid4()}"
        self.client.create_bucket(Bucket=name)
        return name

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the S3 server has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
