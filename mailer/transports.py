"""Ways by which a message leaves. What became of it, and when it is tried again, is send.py's business."""

import smtplib
from typing import Protocol

import orjson
from anymail.backends.base import AnymailBaseBackend
from anymail.exceptions import AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from mailer import esp
from mailer.kinds import PROTOCOL, InvalidMessageError, from_json
from mailer.models import OutgoingMail
from mailer.rabbitmq import LINE_FAILURES, Publisher, UnroutedError
from mailer.render import RenderError, Shared, render


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
            if isinstance(self._connection, AnymailBaseBackend):
                esp.send(message, mail, backend=type(self._connection), by=self._send)
            else:
                self._send(message)
        except (InvalidMessageError, RenderError, AnymailRecipientsRefused, AnymailUnsupportedFeature) as error:
            raise UndeliverableError(str(error)) from error
        except self._SERVER_FAILURES as error:
            raise UnreachableError(str(error)) from error
        except smtplib.SMTPException as error:
            raise (UndeliverableError if _is_final(error) else RefusedForNowError)(str(error)) from error
        except OSError as error:
            raise UnreachableError(str(error) or type(error).__name__) from error

    def _send(self, message: EmailMessage) -> None:
        self._connection.send_messages([message])

    def close(self) -> None:
        self._connection.close()


class PublishTask:
    """Puts the message into MAIL_TASK_QUEUE, where another mailer of the protocol takes it. It knows no other kinds."""

    def __init__(self) -> None:
        self._publisher = Publisher(settings.MAIL_TASK_BROKER_URL)
        self._other_kinds = RenderAndSend()

    def deliver(self, mail: OutgoingMail) -> None:
        if mail.kind not in PROTOCOL:
            self._other_kinds.deliver(mail)
            return
        try:
            from_json(mail.message)
        except InvalidMessageError as error:
            raise UndeliverableError(str(error)) from error
        try:
            self._publisher.publish(
                orjson.dumps(mail.message),
                queue=settings.MAIL_TASK_QUEUE,
                # The same for each try, another when somebody sends it again.
                task_id=f"{mail.pk}/{mail.made_at.isoformat()}",
            )
        except (*LINE_FAILURES, UnroutedError) as error:
            raise UnreachableError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        self._publisher.close()
        self._other_kinds.close()


def configured() -> Transport:
    return PublishTask() if settings.MAIL_TASK_QUEUE else RenderAndSend()


def _is_final(error: smtplib.SMTPException) -> bool:
    """5xx about this mail (RFC 5321 4.2.1); everything else may be better later."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        codes = [error.smtp_code]
    return bool(codes) and all(500 <= code < 600 for code in codes)
