"""Telephony of a person: SIP accounts and who is registered, the phone and dialplan settings, and calls."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User


class SipAccount(models.Model):
    """An address of a person at a registrar, which keeps the password. The domain is in lower case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="sip_accounts", verbose_name=_("owner"))
    user = models.CharField(_("user part"), max_length=64)
    domain = models.CharField(_("domain"), max_length=255)
    description = models.CharField(_("description"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("SIP account")
        verbose_name_plural = _("SIP accounts")
        ordering: ClassVar[list[str]] = ["domain", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "domain"], name="sip_account_address_unique")]

    def __str__(self) -> str:
        return f"{self.user}@{self.domain}"


class SipRegistration(models.Model):
    """A device that can be called at `contact`, an address with or without port."""

    account = models.ForeignKey(SipAccount, models.CASCADE, related_name="registrations", verbose_name=_("SIP account"))
    contact = models.CharField(_("contact"), max_length=255)
    registered_at = models.DateTimeField(_("registered"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("SIP registration")
        verbose_name_plural = _("SIP registrations")
        ordering: ClassVar[list[str]] = ["contact"]
        constraints = [models.UniqueConstraint(fields=["account", "contact"], name="sip_registration_unique")]
        indexes = [models.Index(fields=["expires_at"], name="sip_registration_expires")]  # the job that ends them

    def __str__(self) -> str:
        return self.contact


class Phone(models.Model):
    """The numbers of a person. `call_in`: who calls in from one of them is known by it."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="phone_settings", verbose_name=_("person")
    )
    numbers = models.JSONField(_("phone numbers"), default=list)
    call_in = models.BooleanField(_("known when calling in"), default=False)

    class Meta:
        verbose_name = _("phone settings")
        verbose_name_plural = _("phone settings")

    def __str__(self) -> str:
        return str(self.user_id)


class Dialplan(models.Model):
    """What becomes of calls to a person: `forward` is `[{"when", "to", "after"?}]`, `after` in seconds."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="dialplan", verbose_name=_("person")
    )
    forward = models.JSONField(_("call forwarding"), default=list)
    call_reverse = models.BooleanField(_("calls back"), default=False)

    class Meta:
        verbose_name = _("dialplan")
        verbose_name_plural = _("dialplans")

    def __str__(self) -> str:
        return str(self.user_id)


class Call(models.Model):
    """`state` is what a gateway said last of it, the members of `services.calls.MEMBERS`."""

    object = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="call", verbose_name=_("object")
    )
    state = models.JSONField(_("state"), default=dict)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [
            models.Index(fields=["updated_at"], name="call_updated"),  # the job that removes ended and forgotten ones
        ]

    def __str__(self) -> str:
        return str(self.object_id)
