"""Ways by which a message leaves. What became of it, and when it is tried again, is send.py's business."""

import smtplib
from typing import Protocol

from anymail.exceptions import AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core.mail import get_connection

from mailer.kinds import InvalidMessageError
from mailer.models import OutgoingMail
from mailer.render import RenderError, Shared, render, with_calendar_as_file


class UndeliverableError(Exception):
    """This mail can never go; the text says why."""


class RefusedForNowError(Exception):
    """This mail may go later."""


class UnreachableError(Exception):
    """Nothing can go now: the other side is at fault, not the mail. The connection is of no use any more."""


class Transport(Protocol):
    """Used for one mail after the other, by one thread, and closed at the end."""

    def deliver(self, mail: OutgoingMail) -> None:
        """Returns once the other side has it. Raises the errors above; any other is worth another try, too.

        Sets the row's `subject` where it becomes known; saves nothing.
        """

    def close(self) -> None: ...


class RenderAndSend:
    """Makes the mail and gives it to EMAIL_BACKEND: SMTP, an ESP's API, or a folder."""

    # The server is at fault and not this mail.
    _SERVER_FAILURES = (
        smtplib.SMTPServerDisconnected,
        smtplib.SMTPConnectError,
        smtplib.SMTPHeloError,
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPNotSupportedError,
    )

    def __init__(self) -> None:
        self._connection = get_connection()
        self._shared = Shared()

    def deliver(self, mail: OutgoingMail) -> None:
        try:
            message = render(mail, self._shared)
            mail.subject = message.subject[:500]
            try:
                self._connection.send_messages([message])
            except AnymailUnsupportedFeature:
                # Most ESPs' APIs take a calendar object only as a file.
                self._connection.send_messages([with_calendar_as_file(message)])
        except (InvalidMessageError, RenderError, AnymailRecipientsRefused) as error:
            raise UndeliverableError(str(error)) from error
        except self._SERVER_FAILURES as error:
            raise UnreachableError(str(error)) from error
        except smtplib.SMTPException as error:
            raise (UndeliverableError if _is_final(error) else RefusedForNowError)(str(error)) from error
        except OSError as error:
            raise UnreachableError(str(error) or type(error).__name__) from error

    def close(self) -> None:
        self._connection.close()


def _is_final(error: smtplib.SMTPException) -> bool:
    """5xx about this mail (RFC 5321 4.2.1); everything else may be better later."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        codes = [error.smtp_code]
    return bool(codes) and all(500 <= code < 600 for code in codes)
