"""Sends many mails over one SMTP connection, and classifies the server's replies (RFC 5321 4.2, 4.5.3)."""

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
# These concern the receiving system, not one mailbox or mail: storage full, not accepting mail, congestion, rate limit.
_OF_THE_SYSTEM = ("3.1", "3.2", "4.5", "7.28")


class Line:
    """Keeps the connection of Django's SMTP backend open for several mails. Other backends are used as they are.

    The next mail gets a new connection after MAIL_SMTP_REUSE mails, a 421 reply, or a broken connection.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._carried = 0

    def send(self, message: EmailMessage) -> None:
        """Raises the errors of mailer.errors; other backends than SMTP may raise errors of their own."""
        if self._carried >= settings.MAIL_SMTP_REUSE > 0:
            self.close()
        try:
            self._send(message)
        except smtplib.SMTPException as error:
            # 421: not accepted, connection closing. The limit may be that of mails per connection, so a connection
            # that was used before is replaced once.
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
        """The verdict; leaves the connection reset for the next mail, or closed."""
        connection = getattr(self._backend, "connection", None)
        if _code(error) == 421 or isinstance(error, smtplib.SMTPServerDisconnected):
            self._drop()
        elif connection is not None:
            try:
                connection.rset()  # smtplib does so itself, except after a rejected DATA command
            except (smtplib.SMTPException, OSError):
                self._drop()
        return verdict(error)

    def _drop(self) -> None:
        """Closes the connection without QUIT, because waiting for the reply may take up to the timeout."""
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
    """The error of mailer.errors that says whether this mail, its domain or all mails have to wait."""
    code, text = _code(error), str(error)
    match = _ENHANCED.search(text)
    enhanced = match[2] if match else ""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        is_hanging = isinstance(error.__context__, TimeoutError)
        return BrokenLineError(text, is_hanging=is_hanging)
    if code is None:
        return UnreachableError(text)  # the server lacks an extension that the mail needs
    is_final = 500 <= code < 600 and (code != 552 or enhanced in _TOO_LARGE)
    if isinstance(error, smtplib.SMTPSenderRefused) and not (is_final and enhanced in _TOO_LARGE):
        # All mails have the same sender, so none of them would be accepted. Only the size belongs to this mail.
        return UnreachableError(text, code=code)
    if is_final:
        return UndeliverableError(text, code=code)
    is_throttled = code == 421 or (enhanced in _OF_THE_SYSTEM if enhanced else code == 452)
    return RefusedForNowError(text, code=code, is_throttled=is_throttled)


def _code(error: smtplib.SMTPException) -> int | None:
    """The SMTP reply code; of a rejected recipient the only one, because each mail has one recipient."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
