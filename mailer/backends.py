"""Django e-mail backend that writes each mail to a file, for the first start and for development."""

import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class EmlBackend(BaseEmailBackend):
    """One `.eml` per mail in EMAIL_FILE_PATH, with the line ends that travel over SMTP."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        receiver = re.sub(r"[^\w.@+-]", "_", message.to[0])
        name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{receiver}.eml"
        draft = self.folder / f".{uuid.uuid4()}"
        draft.write_bytes(re.sub(rb"\r?\n", b"\r\n", message.message().as_bytes()))
        draft.rename(self.folder / name)
