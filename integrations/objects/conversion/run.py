"""Converts uploads: looks at each in a process of its own, stores what was found, tells it.

A worker claims an upload by a conditional UPDATE that names what it has read; so two never have one both. A worker
that dies leaves a claim that runs out, and after MOST_ATTEMPTS the file counts as what kills them. What a worker finds
is stored only while the claim is still its own: not after another upload.
"""

import json
import logging
import signal
import subprocess
import sys
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.media_kinds import AnnouncementConverted, FaxConverted, PresentationConverted
from integrations.objects.access import circle, place
from integrations.objects.conversion.findings import Finding
from integrations.objects.models.contents import Content
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked_all
from rest.errors import NotFound, ServiceUnavailable
from rooms import storage

logger = logging.getLogger(__name__)
State, Problem, Type = Content.State, Content.Problem, Object.Type
CHECKS = {Type.FAX: "document", Type.PRESENTATION: "pdf", Type.ANNOUNCEMENT: "sound"}
MOST_SECONDS = 30  # for one file, by the clock; child.py has a limit of its own for computing
LEASE = timedelta(minutes=5)  # reading the file from the storage included
MOST_ATTEMPTS = 3
# Signals that end a process for what it does: too long on the processor, no memory, a fault in a reader.
OF_THE_FILE = {signal.SIGXCPU, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT}
PAUSE = timedelta(minutes=1)  # while the storage does not answer


def due() -> QuerySet[Content]:
    """Uploads that nobody has converted yet, and those whose worker has died."""
    return Content.objects.filter(state__in=Content.OPEN, due_at__lte=timezone.now()).order_by("due_at", "pk")


def convert_due() -> int:
    """Converts all that is due; returns how many were tried."""
    count = 0
    while content := claim():
        convert(content)
        count += 1
    return count


def claim() -> Content | None:
    """The oldest that is due, ours until its `due_at`."""
    while content := due().select_related("object").first():
        as_read = Content.objects.filter(
            pk=content.pk, upload=content.upload, state=content.state, due_at=content.due_at
        )
        content.state, content.due_at = State.WORKING, timezone.now() + LEASE
        content.attempts += 1
        if as_read.update(state=content.state, due_at=content.due_at, attempts=content.attempts):
            return content
    return None


def convert(content: Content) -> None:
    if content.attempts > MOST_ATTEMPTS:
        finish(content, Finding(problem=Problem.EFFORT))
        return
    try:
        found = _look(content)
    except NotFound:
        found = Finding(problem=Problem.MISSING)
    except ServiceUnavailable:
        ours(content).update(state=State.PENDING, due_at=timezone.now() + PAUSE, attempts=F("attempts") - 1)
        return
    finish(content, found)


def ours(content: Content) -> QuerySet[Content]:
    """The row while the claim is still the one that `content` has."""
    return Content.objects.filter(
        pk=content.pk, upload=content.upload, state=State.WORKING, due_at=content.due_at, attempts=content.attempts
    )


def _look(content: Content) -> Finding:
    with TemporaryFile() as copy:
        try:
            for piece in storage.pieces(content.file, 0, content.size):
                copy.write(piece)
        except OSError as error:
            raise ServiceUnavailable from error
        copy.seek(0)
        return look_at(copy, CHECKS[Type(content.object.type)])


def look_at(file: IO[bytes], check: str) -> Finding:
    """In a process that knows no secrets: its environment is empty."""
    command = [sys.executable, "-m", "integrations.objects.conversion.child", check]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            cwd=settings.BASE_DIR,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(problem=Problem.EFFORT)
    if -done.returncode in OF_THE_FILE:
        return Finding(problem=Problem.EFFORT)
    done.check_returncode()  # whatever else ended it may not do so the next time
    return Finding(**json.loads(done.stdout))


@transaction.atomic
def finish(content: Content, found: Finding) -> None:
    """Nothing happens where the object was deleted meanwhile, or has another upload."""
    one = next(iter(locked_all([content.pk])), None)
    if one is None:
        return
    stored = ours(content).update(
        state=State.FAILED if found.problem else State.DONE,
        problem=found.problem,
        page_count=found.page_count,
        mime_type=found.mime_type,
        converted_at=timezone.now(),
    )
    if stored:
        people = circle(one)
        job = Actor.by_job("convert-uploads")
        record(_kind(one, found), actor=job, subject=one, place=place(one), before=people, after=people)


def _kind(one: Object, found: Finding) -> FaxConverted | AnnouncementConverted | PresentationConverted:
    members: dict[str, Any] = {
        "label": one.description,
        "owner_id": str(one.owner_id),
        "problem": str(found.problem),
        "mime_type": found.mime_type,
    }
    if one.type == Type.ANNOUNCEMENT:
        return AnnouncementConverted(**members)
    if one.type == Type.FAX:
        return FaxConverted(**members, page_count=found.page_count)
    return PresentationConverted(**members, page_count=found.page_count)
