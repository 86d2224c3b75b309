"""Who is in a room as others report it, such as a telephone bridge. This site's own live meeting is not here."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

LOUDEST = 4


class ReportedConference(models.Model):
    """A room of whose people somebody outside reports. Whoever reports locks this row.

    `session` is the meeting that began with them, None while nobody of them is there.
    """

    room = models.OneToOneField(
        "rooms.Room", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("room")
    )
    session = models.UUIDField(_("meeting"), null=True, editable=False)

    class Meta:
        verbose_name = _("reported conference")
        verbose_name_plural = _("reported conferences")

    def __str__(self) -> str:
        return str(self.room_id)


class ReportedMember(models.Model):
    """Somebody in it, as `source` said last. Gone when the source says so, or nothing for too long."""

    conference = models.ForeignKey(
        ReportedConference, models.CASCADE, related_name="members", verbose_name=_("reported conference")
    )
    source = models.CharField(_("reported by"), max_length=255)
    member_id = models.UUIDField(_("member"))
    user_id = models.UUIDField(_("user"), null=True)
    display_name = models.CharField(_("display name"), max_length=255, blank=True)
    phone = models.CharField(_("phone number"), max_length=64, blank=True)
    mute = models.BooleanField(_("muted"), default=False)
    deaf = models.BooleanField(_("deafened"), default=False)
    talk = models.BooleanField(_("talks"), default=False)
    floor = models.BooleanField(_("has the floor"), default=False)
    volume_in = models.SmallIntegerField(_("volume in"), default=0)
    volume_out = models.SmallIntegerField(_("volume out"), default=0)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("reported member")
        verbose_name_plural = _("reported members")
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "source", "member_id"], name="reported_member_unique"),
            models.CheckConstraint(
                condition=models.Q(volume_in__range=(-LOUDEST, LOUDEST), volume_out__range=(-LOUDEST, LOUDEST)),
                name="reported_member_volumes",
            ),
        ]
        # Serves the job that removes those of whom nobody reports any more.
        indexes = [models.Index(fields=["expires_at"], name="reported_member_expires")]

    def __str__(self) -> str:
        return self.display_name or self.phone or str(self.member_id)
