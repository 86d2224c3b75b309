"""Ways by which a message leaves. What became of it, and when it is tried again, is send.py's business."""

from typing import Protocol

import orjson
from anymail.backends.base import AnymailBaseBackend
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.conf import settings
from django.core.mail import get_connection

from mailer import esp
from mailer.errors import RefusedForNowError, UndeliverableError, UnreachableError
from mailer.kinds import PROTOCOL, InvalidMessageError, from_json
from mailer.models import OutgoingMail
from mailer.rabbitmq import LINE_FAILURES, Publisher, UnroutedError
from mailer.render import RenderError, Shared, render
from mailer.smtp import Line


class Transport(Protocol):
    """Used for one mail after the other, by one thread, and closed at the end."""

    def deliver(self, mail: OutgoingMail) -> bytes:
        """Returns what left once the other side has it, b"" where that was no mail.

        Raises those of mailer.errors; any other is worth another try, too.
        Sets the row's `subject` where it becomes known; saves nothing.
        """

    def close(self) -> None: ...


class RenderAndSend:
    """Makes the mail and gives it to EMAIL_BACKEND: SMTP, an ESP's API, or a folder."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._line = Line(self._backend)
        self._shared = Shared()

    def deliver(self, mail: OutgoingMail) -> bytes:
        try:
            message = render(mail, self._shared)
            mail.subject = message.subject[:500]
            if isinstance(self._backend, AnymailBaseBackend):
                esp.send(message, mail, backend=type(self._backend), by=self._line.send)
            else:
                self._line.send(message)
                # An ESP that relays SMTP tells of it by this.
                mail.esp_message_id = message.extra_headers["Message-ID"]
        except (InvalidMessageError, RenderError, AnymailRecipientsRefused, AnymailUnsupportedFeature) as error:
            raise UndeliverableError(str(error)) from error
        except AnymailAPIError as error:
            # Without a status there was no answer. A key that does not open, or too many requests, is about all mails.
            is_outage = error.status_code in (None, 401, 403, 429)
            raise (UnreachableError if is_outage else RefusedForNowError)(str(error)) from error
        # An API makes the mail of its parts: this is how it would have travelled over SMTP.
        return (message.written or message.message()).as_bytes()

    def close(self) -> None:
        self._line.close()


class PublishTask:
    """Puts the message into MAIL_TASK_QUEUE, where another mailer of the protocol takes it. It knows no other kinds."""

    def __init__(self) -> None:
        self._publisher = Publisher(settings.MAIL_TASK_BROKER_URL)
        self._other_kinds = RenderAndSend()

    def deliver(self, mail: OutgoingMail) -> bytes:
        if mail.kind not in PROTOCOL:
            return self._other_kinds.deliver(mail)
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
        return b""

    def close(self) -> None:
        self._publisher.close()
        self._other_kinds.close()


def configured() -> Transport:
    return PublishTask() if settings.MAIL_TASK_QUEUE else RenderAndSend()
