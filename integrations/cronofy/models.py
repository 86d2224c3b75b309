"""Applications that plan meetings here, and their invites. The meeting itself is an events.Event like any other."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.deliveries.guard import MAX_LENGTH
from integrations.deliveries.models import KeyRing

ID_LENGTH = 255


class Application(models.Model):
    """A program with API keys. Its meetings belong to its service user, in whose tenant it invites people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=255)
    tenant = models.ForeignKey("users.Tenant", models.PROTECT, related_name="+", verbose_name=_("tenant"))
    service_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("service user"),
        help_text=_("Who plans its meetings: an account of the tenant that nobody signs in with"),
    )
    ring = models.OneToOneField(KeyRing, models.PROTECT, related_name="+", editable=False, verbose_name=_("key ring"))
    organizer_name = models.CharField(
        _("organizer's name"),
        max_length=255,
        blank=True,
        help_text=_("Stands in the invitations that name no organizer. Empty: the service user's name"),
    )
    callback_url = models.CharField(
        _("callback address"),
        max_length=MAX_LENGTH,
        blank=True,
        help_text=_("Where answers are sent to for the invites that name no address"),
    )
    contact_address = models.EmailField(
        _("contact address"),
        max_length=255,
        blank=True,
        help_text=_("Who gets a mail when callbacks do not arrive. Empty: nobody"),
    )
    sends_mails = models.BooleanField(
        _("this site sends the mails"),
        default=False,
        help_text=_(
            "Off: the application mails the calendar objects itself, as Cronofy's applications do."
            " On: new invites are mailed like all meetings here"
        ),
    )
    disabled_since = models.DateTimeField(_("disabled since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar[list[str]] = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="application_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.disabled_since is None and self.service_user.disabled_since is None


class SmartInvite(models.Model):
    """What an application calls a meeting. It outlives the event, which `event_id` names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="smart_invites", verbose_name=_("application")
    )
    smart_invite_id = models.CharField(_("the application's id"), max_length=ID_LENGTH)
    event_id = models.UUIDField(_("event"), null=True, editable=False)
    is_for_several = models.BooleanField(_("for several recipients"), default=False)  # which shape it is told in
    callback_url = models.CharField(_("callback address"), max_length=MAX_LENGTH, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("smart invite")
        verbose_name_plural = _("smart invites")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "smart_invite_id"], name="smart_invite_id_unique")
        ]
        # Serves answers to an event, and its end.
        indexes = [models.Index(fields=["event_id"], name="smart_invite_event")]

    def __str__(self) -> str:
        return self.smart_invite_id


class Recipient(models.Model):
    """Somebody whom the application has invited. What the person answered stands at the event's invitation."""

    smart_invite = models.ForeignKey(
        SmartInvite, models.CASCADE, related_name="recipients", verbose_name=_("smart invite")
    )
    email = models.EmailField(_("e-mail address"), max_length=255)  # as the application writes it
    address = models.EmailField(max_length=255, editable=False)  # canonical
    invite_id = models.UUIDField(editable=False)  # of the invitation, by address or by account

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [models.UniqueConstraint(fields=["smart_invite", "address"], name="recipient_address_unique")]

    def __str__(self) -> str:
        return self.email


class Ending(models.Model):
    """What is told of an invite that was cancelled: the answer as it was last, and the calendar object that ends it.

    Written under the lock of the event that ends, and by insertion alone: it must not wait for the smart invite, whose
    holder may be waiting for the event.
    """

    smart_invite = models.ForeignKey(
        SmartInvite, models.CASCADE, related_name="endings", verbose_name=_("smart invite")
    )
    address = models.EmailField(_("recipient"), max_length=255, blank=True)  # "": all of them together
    resource = models.JSONField(_("answer"))
    icalendar = models.TextField(_("calendar object"), blank=True)
    ended_at = models.DateTimeField(_("cancelled"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("cancelled invite")
        verbose_name_plural = _("cancelled invites")
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [models.UniqueConstraint(fields=["smart_invite", "address"], name="ending_address_unique")]

    def __str__(self) -> str:
        return self.address
