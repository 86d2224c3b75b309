"""What is uploaded into a fax, an announcement or a presentation, and the reports of a fax."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User


class Content(models.Model):
    """One upload, the last one; the conversion looks at it and counts its pages. `due_at` is for workers.

    While a worker has it, `due_at` is when that worker counts as dead.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waits for its conversion")
        WORKING = "working", _("is being converted")
        DONE = "done", _("converted")
        FAILED = "failed", _("conversion failed")

    class Problem(models.TextChoices):
        FORMAT = "format", _("not a format that can be read here")
        DAMAGED = "damaged", _("damaged or incomplete")
        ENCRYPTED = "encrypted", _("protected by a password")
        PAGES = "pages", _("too many pages")
        EFFORT = "effort", _("took too much time or memory")
        MISSING = "missing", _("the file is no longer stored")

    OPEN = (State.PENDING, State.WORKING)

    object = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="content", verbose_name=_("object")
    )
    upload = models.UUIDField(_("upload"), default=uuid.uuid4, editable=False)  # another one has another
    file = models.CharField(_("stored as"), max_length=255)
    filename = models.CharField(_("file name"), max_length=255, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    md5 = models.CharField(_("MD5"), max_length=32)
    mime_type = models.CharField(_("type of the file"), max_length=100, blank=True)  # "" until it is converted
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    uploaded_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by"), db_index=False
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    problem = models.CharField(_("problem"), max_length=16, choices=Problem.choices, blank=True)
    page_count = models.PositiveIntegerField(_("pages"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    converted_at = models.DateTimeField(_("converted"), null=True)

    class Meta:
        verbose_name = _("uploaded content")
        verbose_name_plural = _("uploaded contents")
        ordering: ClassVar[list[str]] = ["-uploaded_at", "object_id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="failed") ^ models.Q(problem=""), name="content_problem_if_failed"
            ),
            models.CheckConstraint(
                condition=models.Q(page_count=None) | models.Q(state="done"), name="content_pages_if_done"
            ),
        ]
        indexes = [
            models.Index(  # Serves the workers and the sweep.
                fields=["due_at"], condition=models.Q(state__in=["pending", "working"]), name="content_due"
            ),
        ]

    def __str__(self) -> str:
        return self.filename or str(self.object_id)


class FaxReport(models.Model):
    """How one transmission of a fax went, as its gateway reported last."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fax = models.ForeignKey(Object, models.CASCADE, related_name="fax_reports", verbose_name=_("fax"))
    incoming = models.BooleanField(_("incoming"))
    sender = models.CharField(_("from"), max_length=64, blank=True)
    recipient = models.CharField(_("to"), max_length=64, blank=True)
    time_start = models.DateTimeField(_("begin"))
    time_end = models.DateTimeField(_("end"), null=True)
    status = models.CharField(_("status"), max_length=64)
    sip_status_code = models.PositiveSmallIntegerField(_("SIP status"), null=True)
    fax_error_code = models.PositiveIntegerField(_("fax error"), null=True)

    class Meta:
        verbose_name = _("fax report")
        verbose_name_plural = _("fax reports")
        ordering: ClassVar[list[str]] = ["time_start", "id"]

    def __str__(self) -> str:
        return f"{self.sender} → {self.recipient}: {self.status}"
