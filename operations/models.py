"""Runs of the periodic jobs."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.names import name_of


class JobRun(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.CharField(_("job"), max_length=64)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    expires_at = models.DateTimeField(_("lock expires"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    total = models.PositiveIntegerField(_("objects in all"), null=True, blank=True)  # NULL: not known
    touched = models.PositiveIntegerField(_("objects affected"), default=0)
    failed = models.PositiveIntegerField(_("objects that failed"), default=0)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering: ClassVar[list[str]] = ["-started_at", "id"]
        constraints = [
            # The lock: one run of a job at a time.
            models.UniqueConstraint(fields=["job"], condition=models.Q(state="running"), name="job_run_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["job", "-started_at"], name="job_run_job")]

    def __str__(self) -> str:
        return f"{name_of('jobrun.job', self.job)} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta | None:
        """None while it runs."""
        return self.finished_at - self.started_at if self.finished_at else None
