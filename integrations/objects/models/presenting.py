"""Presentations that are live now: what is shown, who moderates, who takes part."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User


class LivePresentation(models.Model):
    """There is a row while the presentation is live. The moderator is one of its members."""

    presentation = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="live", verbose_name=_("presentation")
    )
    moderator = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("moderator"))
    page = models.PositiveIntegerField(_("page"), default=1)
    x = models.FloatField(_("pointer from the left"), default=0)
    y = models.FloatField(_("pointer from the top"), default=0)
    visible = models.BooleanField(_("pointer is shown"), default=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now)

    class Meta:
        verbose_name = _("live presentation")
        verbose_name_plural = _("live presentations")
        ordering: ClassVar[list[str]] = ["-started_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(page__gte=1), name="live_presentation_page"),
            models.CheckConstraint(
                condition=models.Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1), name="live_presentation_pointer"
            ),
        ]

    def __str__(self) -> str:
        return str(self.presentation_id)


class PresentationMember(models.Model):
    presentation = models.ForeignKey(
        LivePresentation, models.CASCADE, related_name="members", verbose_name=_("presentation")
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    seen_at = models.DateTimeField(_("last heard of"), default=timezone.now)

    class Meta:
        verbose_name = _("member of a presentation")
        verbose_name_plural = _("members of presentations")
        ordering: ClassVar[list[str]] = ["joined_at", "id"]
        constraints = [models.UniqueConstraint(fields=["presentation", "user"], name="presentation_member_unique")]
        indexes = [models.Index(fields=["seen_at"], name="presentation_member_silent")]  # who has not answered

    def __str__(self) -> str:
        return f"{self.presentation_id} {self.user_id}"
