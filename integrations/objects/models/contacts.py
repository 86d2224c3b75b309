"""People outside, as an address book has them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object


class Contact(models.Model):
    """Its object's description is the name shown. The lists hold `{"label", "value"}`; addresses are texts, too."""

    object = models.OneToOneField(Object, models.CASCADE, primary_key=True, related_name="contact")
    given_name = models.CharField(_("given name"), max_length=255, blank=True)
    family_name = models.CharField(_("family name"), max_length=255, blank=True)
    organization = models.CharField(_("organization"), max_length=255, blank=True)
    numbers = models.JSONField(_("phone numbers"), default=list, blank=True)
    emails = models.JSONField(_("email addresses"), default=list, blank=True)
    addresses = models.JSONField(_("postal addresses"), default=list, blank=True)
    note = models.TextField(_("note"), max_length=4096, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return str(self.object)
