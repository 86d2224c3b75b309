"""The first page of an import: a file or a pasted list, and what the kind wants to know beside it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from imports.kinds import ImportKind
from imports.models import Import
from staff.tables.reading import MOST_BYTES

MOST_TEXT = 500_000


class UploadForm(forms.Form):
    tenant: Any = forms.ModelChoiceField(label=_("tenant"), queryset=None)
    file = forms.FileField(
        label=_("CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"})
    )
    text = forms.CharField(
        label=_("pasted list"),
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 60, "spellcheck": "false"}),
    )

    def __init__(self, kind: type[ImportKind], tenants: QuerySet[Any] | None, *args: Any, **kwargs: Any) -> None:
        """`tenants` are those that the list may be for; None where it needs none, or is about something of one."""
        super().__init__(*args, **kwargs)
        if tenants is None:
            del self.fields["tenant"]
        else:
            column: Any = Import._meta.get_field("tenant")
            self.fields["tenant"].widget = AutocompleteSelect(column, admin.site)
            self.fields["tenant"].queryset = tenants  # type: ignore[attr-defined]
        if not kind.takes_text:
            del self.fields["text"]
        self.options = kind.options()
        self.fields |= self.options

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > MOST_BYTES:
            text = gettext("The file is larger than %(size)s. Divide it and import the parts.")
            raise ValidationError(text % {"size": filesizeformat(MOST_BYTES)})
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and bool(given.get("file")) == bool(given.get("text")):
            raise ValidationError(
                gettext("Choose a file or paste a list, one of the two.")
                if "text" in self.fields
                else gettext("Choose a file.")
            )
        return given

    def upload(self) -> dict[str, Any]:
        """Arguments of services.upload."""
        file: UploadedFile | None = self.cleaned_data["file"]
        tenant = self.cleaned_data.get("tenant")
        return {
            "file": file.file if file else None,
            "source": file.name if file else "",
            "text": self.cleaned_data.get("text", ""),
            "options": {name: self.cleaned_data[name] for name in self.options},
        } | ({"tenant_id": tenant.pk} if tenant else {})
