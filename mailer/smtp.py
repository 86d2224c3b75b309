"""One SMTP connection for many mails, and what an answer of the server means for the mail (RFC 5321 4.2, 4.5.3)."""

import contextlib
import re
import smtplib
from typing import Any

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage

from mailer.errors import BrokenLineError, RefusedForNowError, TransportError, UndeliverableError, UnreachableError

_ENHANCED = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})(?!\d)")  # RFC 3463
_TOO_LARGE = ("2.3", "3.4")
# About the receiver's whole system, not one mailbox or one mail: out of room, takes none now, congested, rate limit.
_OF_THE_SYSTEM = ("3.1", "3.2", "4.5", "7.28")


class Line:
    """A connection of Django's SMTP backend (of another backend: as it is), opened once and used for mail after mail.

    smtplib sends RSET after a refusal, but for one of DATA itself. After MAIL_SMTP_REUSE mails, a 421 or a broken line
    the next mail gets a new connection.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._carried = 0

    def send(self, message: EmailMessage) -> None:
        """Raises the errors of mailer.errors, and what other backends than SMTP raise."""
        if self._carried >= settings.MAIL_SMTP_REUSE > 0:
            self.close()
        try:
            self._send(message)
        except smtplib.SMTPException as error:
            # 421 says that nothing was taken: on a connection that has carried mails it may be about these.
            if _code(error) != 421 or not self._carried:
                raise self._judged(error) from error
            self._drop()
        else:
            return
        try:
            self._send(message)
        except smtplib.SMTPException as error:
            raise self._judged(error) from error

    def _send(self, message: EmailMessage) -> None:
        try:
            self._backend.open()
        except smtplib.SMTPException as error:
            self._drop()
            raise UnreachableError(str(error), code=_code(error)) from error
        except OSError as error:
            self._drop()
            raise UnreachableError(str(error) or type(error).__name__) from error
        try:
            self._backend.send_messages([message])
        except OSError as error:
            if isinstance(error, smtplib.SMTPException | AnymailError):
                raise
            self._drop()
            raise UnreachableError(str(error) or type(error).__name__) from error
        self._carried += 1

    def _judged(self, error: smtplib.SMTPException) -> TransportError:
        connection = getattr(self._backend, "connection", None)
        if _code(error) == 421 or isinstance(error, smtplib.SMTPServerDisconnected):
            self._drop()
        elif connection is not None:
            try:
                connection.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()
        return verdict(error)

    def _drop(self) -> None:
        """Without a QUIT, for whose answer one would wait."""
        self._carried = 0
        for name in ("connection", "_partial_connection"):
            connection = getattr(self._backend, name, None)
            if connection is not None and hasattr(connection, "quit"):
                connection.close()
                setattr(self._backend, name, None)

    def close(self) -> None:
        self._carried = 0
        try:
            self._backend.close()
        except (smtplib.SMTPException, OSError):
            with contextlib.suppress(OSError):
                self._drop()


def verdict(error: smtplib.SMTPException) -> TransportError:
    """What the mail's sender is to do about an answer to it."""
    code, text = _code(error), str(error)
    match = _ENHANCED.search(text)
    enhanced = match[2] if match else ""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        is_hanging = isinstance(error.__context__, TimeoutError)
        return BrokenLineError(text, is_hanging=is_hanging)
    if code is None:
        return UnreachableError(text)  # what the mail needs, such as an extension, this server has not
    is_final = 500 <= code < 600 and (code != 552 or enhanced in _TOO_LARGE)
    if isinstance(error, smtplib.SMTPSenderRefused) and not (is_final and enhanced in _TOO_LARGE):
        # All mails have one sender: this server takes none of us. Only the size is this mail's.
        return UnreachableError(text, code=code)
    if is_final:
        return UndeliverableError(text, code=code)
    is_throttled = code == 421 or (enhanced in _OF_THE_SYSTEM if enhanced else code == 452)
    return RefusedForNowError(text, code=code, is_throttled=is_throttled)


def _code(error: smtplib.SMTPException) -> int | None:
    """Each mail has one receiver."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
