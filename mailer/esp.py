"""Mails through an ESP's API, by anymail, which refuses what the ESP has no words for before anything is sent."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from itertools import product

from anymail.exceptions import AnymailUnsupportedFeature
from django.core.mail import EmailMessage

from mailer.mime import Mail
from mailer.models import OutgoingMail
from mailer.render import with_calendar_as_file, without_pictures


@dataclass(frozen=True)
class Shape:
    """How a mail is said to an API. `calendar`: alternative, file (of a type with METHOD) or plain file."""

    calendar: str
    has_pictures: bool
    extras: tuple[str, ...]


# The best one first. Only of an alternative all clients take the answer; what identifies the mail for us matters less.
SHAPES = [
    Shape(*parts)
    for parts in product(("alternative", "file", "plain file"), (True, False), (("tags", "metadata"), ("tags",), ()))
]
# By backend class: where in SHAPES to begin. What it refused once, it is not asked again while this process lives.
_first: dict[type, int] = {}


def send(message: Mail, mail: OutgoingMail, *, backend: type, by: Callable[[EmailMessage], object]) -> None:
    """Sends it in the best shape that the backend takes; raises AnymailUnsupportedFeature where it takes none."""
    first, refusals = _first.get(backend, 0), []
    for index in range(first, len(SHAPES)):
        shaped = _shaped(message, mail, SHAPES[index])
        try:
            by(shaped)
        except AnymailUnsupportedFeature as error:
            refusals.append(error)
            continue
        _first[backend] = index
        status = shaped.anymail_status  # type: ignore[attr-defined]  # anymail sets it
        mail.esp_message_id = str(status.message_id or "")[:255]
        return
    raise refusals[-1]


def _shaped(message: Mail, mail: OutgoingMail, shape: Shape) -> Mail:
    shaped = copy(message)
    if shape.calendar != "alternative":
        shaped = with_calendar_as_file(shaped, is_plain=shape.calendar == "plain file")
    if not shape.has_pictures:
        shaped = without_pictures(shaped)
    extras = {"tags": [mail.kind], "metadata": {"mail": str(mail.pk)}}
    for name in shape.extras:
        setattr(shaped, name, extras[name])
    return shaped
