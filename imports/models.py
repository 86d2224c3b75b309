"""An uploaded list between its steps, row by row: a worker that dies loses nothing, a page reads what it shows."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# How long a list waits for its confirmation, and how long what became of it can be looked at.
WAITS, KEPT = timedelta(days=1), timedelta(days=30)


def _waits_until() -> object:
    return timezone.now() + WAITS


class Import(models.Model):
    class State(models.TextChoices):
        CHECKING = "checking", _("is checked")
        READY = "ready", _("waits for confirmation")
        RUNNING = "running", _("is carried out")
        DONE = "done", _("done")

    # What a worker has to do something about.
    WORKING = (State.CHECKING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("list of"), max_length=32)
    tenant = models.ForeignKey(
        "users.Tenant", on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("tenant")
    )
    about_id = models.UUIDField(_("for"), null=True)  # what the list belongs to, where the kind needs that
    options = models.JSONField(default=dict)
    source = models.CharField(_("file"), max_length=255, blank=True)  # "": pasted
    encoding = models.CharField(_("encoding"), max_length=16, blank=True)
    ignored = models.JSONField(_("columns left out"), default=list)
    language = models.CharField(_("language"), max_length=35)  # of the texts about the rows
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.CHECKING)
    total = models.PositiveIntegerField(_("rows"), default=0)
    # The number of the last row that this state is done with: who moves it owns the rows up to it.
    position = models.PositiveIntegerField(default=0)
    effects = models.JSONField(default=dict)  # counted by name: what carrying it out does beside its rows
    error = models.TextField(_("error"), blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    made_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("kept until"), default=_waits_until)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar[list[str]] = ["-made_at", "id"]
        indexes = [
            models.Index(fields=["tenant", "-made_at"], name="import_tenant"),
            models.Index(fields=["expires_at"], name="import_expires"),
            # Serves the sweep.
            models.Index(
                fields=["made_at"], name="import_working", condition=models.Q(state__in=["checking", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.made_at):%Y-%m-%d %H:%M} {self.source}".strip()

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING


class ImportRow(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("not checked yet")
        NEW = "new", _("new")
        DONE = "done", _("imported")
        EXISTS = "exists", _("exists already")
        DUPLICATE = "duplicate", _("twice in the list")
        ERROR = "error", _("error")

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))  # as the spreadsheet counts
    cells = models.JSONField(_("values"), default=dict)
    key = models.CharField(max_length=320, blank=True)  # rows of one list with the same are one
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.PENDING)
    problems = models.JSONField(default=list)  # pairs of column, "" for the row, and what is wrong with it
    object_id = models.UUIDField(null=True)  # of what it became

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_number_unique")]
        indexes = [
            models.Index(fields=["job", "key"], name="import_row_key"),
            models.Index(fields=["job", "state", "number"], name="import_row_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.key}".strip()
