"""What it costs to make an invitation: from the queued row to the bytes that the mail server gets.

The floor is a mail of the same size whose parts are there already: headers filled in, parts encoded, nothing else.
"""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Mime
from itertools import cycle

from django.test import override_settings
from django.utils import timezone

from bench.measure import Reading, Run, micro
from mailer.kinds import to_json
from mailer.models import OutgoingMail
from mailer.render import Shared, render
from mailer.samples import sample

KINDS = (*["registered_event_invite"] * 3, "unregistered_event_invite", "external_event_invite")
LANGUAGES = ("en", "de", "en", "fr")


def single(run: Run) -> Iterator[Reading]:
    """Nothing is shared with another mail. An occurrence of its own is told like a second meeting."""
    yield _reading(run, "weekly, with dial-in, folder and stream", _rows(1, "recurring"))
    yield replace(_reading(run, "the same with a moved occurrence", _rows(1, "moved_occurrence")), is_judged=False)


def fifty(run: Run) -> Iterator[Reading]:
    """Three fifths have used the site, one fifth has an unused account, one fifth joins with a guest link."""
    yield _reading(run, "in three languages, ten with links of their own", _rows(50, "moved_occurrence"))


def _rows(count: int, shape: str) -> list[OutgoingMail]:
    """Those of one action."""
    cause, now = uuid.uuid4(), timezone.now()
    rows = []
    for number, kind, language in zip(range(count), cycle(KINDS), cycle(LANGUAGES), strict=False):
        message = to_json(sample(kind, shape, language))
        message["invitee"]["email"] = f"person{number}@example.com"
        message["recipient"]["answer_token"] = f"{uuid.uuid4()}:{uuid.uuid4()}"
        if "invite_code" in message:
            message["invite_code"] = str(uuid.uuid4())
        rows.append(
            OutgoingMail(kind=kind, message=message, cause=cause, address=message["invitee"]["email"], created_at=now)
        )
    return rows


@override_settings(FRONTEND_URL="https://meet.example.com", BASE_URL="https://site.example.com")
def _reading(run: Run, name: str, rows: list[OutgoingMail]) -> Reading:
    parts = [_parts(message_from_bytes(_sent(row))) for row in rows]

    def ours() -> None:
        uid = str(uuid.uuid4())  # another meeting each time: nothing is there from the last one
        shared = Shared()
        for row in rows:
            row.message["event"]["uid"] = uid
            _sent(row, shared)

    def floor() -> None:
        for headers, contents in parts:
            _preformatted(headers, contents)

    found = run.compare(ours, floor)
    return Reading(
        name=name,
        value=found.ratio,
        ours=micro(found.ours / len(rows)),
        floor=micro(found.floor / len(rows)),
        is_steady=found.is_steady,
        note=f"{len(_sent(rows[0])):,} bytes, {len(rows) / found.ours:,.0f} mails per second and core",
    )


def _sent(row: OutgoingMail, shared: Shared | None = None) -> bytes:
    return render(row, shared).message().as_bytes()


def _parts(mail: Mime) -> tuple[dict[str, str], list[bytes]]:
    contents = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    return {name: str(value) for name, value in mail.items()}, contents


def _preformatted(headers: dict[str, str], contents: list[bytes]) -> bytes:
    lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
    for content in contents:
        lines += [b"\r\n--boundary\r\nContent-Transfer-Encoding: base64\r\n\r\n", base64.encodebytes(content)]
    return b"".join(lines)
