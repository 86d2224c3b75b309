"""Forms of staff: what a tenant's mails show of whom they are from."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from calendars.lines import plain_line
from mailer.branding import LARGEST, InvalidColourError, InvalidLogoError, check_accent, logo_of
from mailer.models import MailBranding

_ON_THE_WEB = URLValidator(schemes=["http", "https"])


class MailBrandingForm(forms.ModelForm):  # type: ignore[type-arg]
    picture = forms.FileField(
        label=_("logo"), required=False, help_text=_("A PNG of at most 100 kB: it goes with every mail.")
    )
    removes_picture = forms.BooleanField(label=_("remove the logo"), required=False)

    class Meta:
        model = MailBranding
        fields = ("tenant", "product_name", "accent", "support_address", "imprint_url", "data_protection_url")
        help_texts: ClassVar[dict[str, Any]] = {"accent": _("Like #0b5c8a, for links and the button.")}
        field_classes: ClassVar[dict[str, Any]] = {
            "imprint_url": forms.CharField,
            "data_protection_url": forms.CharField,
        }

    def clean_product_name(self) -> str:
        return plain_line(self.cleaned_data["product_name"])

    def clean_accent(self) -> str:
        colour: str = self.cleaned_data["accent"].lower()
        try:
            if colour:
                check_accent(colour)
        except InvalidColourError as error:
            raise ValidationError(str(error)) from error
        return colour

    def clean_imprint_url(self) -> str:
        return self._address("imprint_url")

    def clean_data_protection_url(self) -> str:
        return self._address("data_protection_url")

    def _address(self, name: str) -> str:
        address: str = self.cleaned_data[name]
        if address:
            _ON_THE_WEB(address)
        return address

    def clean_picture(self) -> Any:
        file = self.cleaned_data["picture"]
        if file is not None:
            try:
                self.instance.logo = logo_of(file.read(LARGEST + 1)).data
            except InvalidLogoError as error:
                raise ValidationError(_("The file %(reason)s.") % {"reason": error}) from error
        return file

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or self.cleaned_data
        if fields.get("removes_picture") and fields.get("picture") is None:
            self.instance.logo = None
        return fields
