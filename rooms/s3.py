"""Files in S3, or in a server that speaks it. Imported only where FILES_URL says so: its packages are an extra."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends import s3

# Amazon's default would keep a request for minutes at a server that is down.
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 30, 2


class S3Storage(s3.S3Storage):
    """Errors are OSErrors, as on a disk."""

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            signature_version="s3v4",
            # Other servers than Amazon's may not know the newest checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        # One part of eight megabytes at a time, and the request's body is read by the request's thread.
        transfer = TransferConfig(use_threads=False)
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {"client_config": config, "transfer_config": transfer}

    def open_range(self, name: str, start: int, stop: int) -> Any:
        with _os_errors():
            return self.bucket.Object(self._normalize_name(name)).get(Range=f"bytes={start}-{stop - 1}")["Body"]

    def _save(self, name: str, content: Any) -> str:
        with _os_errors():
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        with _os_errors():
            super().delete(name)


@contextmanager
def _os_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise (FileNotFoundError if status == 404 else OSError)(str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(str(error)) from error
