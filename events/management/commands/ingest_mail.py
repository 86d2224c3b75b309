"""`manage.py ingest_mail`: takes in one mail, as a mail server's pipe hands it over."""

import logging
import os
import sys
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import BaseCommand, CommandParser

from events.services.inbound import take_in_mail
from invites.models import InboundMail
from mailer.inbound import MOST_BYTES

logger = logging.getLogger(__name__)
_CHUNK = 2**16


class Command(BaseCommand):
    help = (
        "Takes in the mail at the standard input. Exit codes are those of sysexits.h: 0 when it is stored, 65 when it "
        "is empty or too large, and 75 when it could not be stored, so that the mail server keeps it and tries again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("recipients", nargs="*", help="of the envelope, such as Postfix's ${recipient}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sys.exit(self._take_in(options["recipients"]))
        except Exception:
            logger.exception("a mail could not be taken in")
            sys.exit(os.EX_TEMPFAIL)

    def _take_in(self, recipients: list[str]) -> int:
        if not settings.INBOUND_DOMAIN:
            self.stderr.write("INBOUND_DOMAIN is not set")
            return os.EX_TEMPFAIL
        data = _head_of(sys.stdin.buffer)
        if not data:
            self.stderr.write("no mail")
            return os.EX_DATAERR
        mail = take_in_mail(data=data, source=InboundMail.Source.PIPE, recipients=recipients)
        self.stdout.write(mail.verdict)
        return os.EX_DATAERR if mail.verdict == InboundMail.Verdict.TOO_LARGE else os.EX_OK


def _head_of(stream: BinaryIO) -> bytes:
    """As much as shows that it is too much. All is read: a mail server may take a closed pipe for a failure."""
    head = bytearray()
    while chunk := stream.read(_CHUNK):
        head += chunk[: MOST_BYTES + 1 - len(head)]
    return bytes(head)
