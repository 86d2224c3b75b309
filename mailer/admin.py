"""The outbox for staff: what was sent, what waits and what failed, and what mails look like."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mailer.kept import shown
from mailer.kinds import OF_MEETINGS, InvalidMessageError
from mailer.mime import Mail
from mailer.models import HeldDomain, MailAttempt, OutgoingMail, SuppressedAddress
from mailer.preview import part, past_mail, sample_mail
from mailer.render import RenderError
from mailer.samples import SHAPES
from mailer.suppression_admin import SuppressedAddressAdmin
from staff.admin import ReadOnlyAdmin

admin.site.register(SuppressedAddress, SuppressedAddressAdmin)

# A mail by itself: in a frame of the page, where it may do nothing but look as it does, and as a file.
_ALONE = {
    "html": {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
        "X-Frame-Options": "SAMEORIGIN",
    },
    "eml": {"Content-Type": "message/rfc822", "Content-Disposition": 'attachment; filename="mail.eml"'},
}


class SampleForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, kind) for kind in OF_MEETINGS])
    shape = forms.ChoiceField(label=_("Shape"), choices=[(shape, shape) for shape in SHAPES])
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class AttemptInline(admin.TabularInline):
    model = MailAttempt
    fields = readonly_fields = (
        "started_at",
        "ended_at",
        "outcome",
        "smtp_code",
        "error",
        "worker",
        "esp_message_id",
        "as_it_left",
    )
    extra = 0
    can_delete = False

    @admin.display(description=_("as it left"))
    def as_it_left(self, attempt: MailAttempt) -> SafeString:
        if not attempt.has_content:  # type: ignore[attr-defined]
            return SafeString("-")
        page = reverse("admin:mailer_outgoingmail_attempt", args=[attempt.mail_id, attempt.pk])
        return format_html('<a href="{}">{}</a>', page, gettext("Show the mail"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailAttempt]:
        """Without the contents themselves, which are large."""
        has_content = ExpressionWrapper(Q(content__isnull=False), BooleanField())
        rows: QuerySet[MailAttempt] = super().get_queryset(request)
        return rows.defer("content", "secrets").annotate(has_content=has_content)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the mail that they are about."""
        return request.user.has_perm("mailer.view_outgoingmail")


@admin.register(HeldDomain)
class HeldDomainAdmin(ReadOnlyAdmin):
    list_display = fields = readonly_fields = ("domain", "held_until", "refusals", "last_error")
    id_fields = ("domain",)
    search_fields = ("domain",)
    ordering = ("domain",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Then its mails are tried at once."""
        return request.user.has_perm("mailer.delete_helddomain")


class OutgoingMailAdmin(ReadOnlyAdmin):
    """Registered by who can make a mail anew: what it is about is not known here."""

    list_display = ("created_at", "address", "kind", "subject", "state", "attempts", "next_try_at", "sent_at")
    list_filter = ("state", "kind", "language")
    inlines = (AttemptInline,)
    id_fields = ("id", "event_id", "cause")
    search_fields = ("address__startswith",)
    search_help_text = _("An address, or the id of an event or of the activity that caused the mail")
    ordering = ("-created_at",)
    show_full_result_count = False
    # Not the message: it may hold a room's password.
    fields = (
        "address", "kind", "subject", "preview", "language", "time_zone", "state", "attempts", "next_try_at", "sent_at",
        "delivered_at", "resent_at", "pruned_at", "last_error", "event_id", "occurrence", "sequence", "cause",
        "created_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("preview"))
    def preview(self, mail: OutgoingMail) -> SafeString:
        page = reverse("admin:mailer_outgoingmail_preview", args=[mail.pk])
        return format_html('<a href="{}">{}</a>', page, gettext("Show the mail"))

    def get_urls(self) -> list[Any]:
        views = (self.sample_view, self.preview_view, self.attempt_view)
        samples, preview, attempt = (self.admin_site.admin_view(view) for view in views)
        return [
            path("samples/", samples, name="mailer_outgoingmail_samples"),
            path("<uuid:pk>/preview/", preview, name="mailer_outgoingmail_preview"),
            path("<uuid:pk>/attempts/<int:attempt>/", attempt, name="mailer_outgoingmail_attempt"),
            *super().get_urls(),
        ]

    def sample_view(self, request: HttpRequest) -> HttpResponse:
        """A kind in a language, about a meeting of a shape."""
        self._guard(request)
        first = {name: field.choices[0][0] for name, field in SampleForm.base_fields.items()}  # type: ignore[attr-defined]
        form = SampleForm(first | request.GET.dict())
        mail = sample_mail(**form.cleaned_data) if form.is_valid() else None
        return self._show(request, mail, title=gettext("What mails look like"), form=form)

    def preview_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """A mail as it was sent or will be; the template may have changed since, secrets are hidden."""
        self._guard(request)
        row = get_object_or_404(OutgoingMail, pk=pk)
        try:
            mail, error = past_mail(row), ""
        except (InvalidMessageError, RenderError) as problem:
            mail, error = None, str(problem)
        return self._show(request, mail, title=str(row), row=row, error=error)

    def attempt_view(self, request: HttpRequest, pk: uuid.UUID, attempt: int) -> HttpResponse:
        """The bytes that left with this attempt, secrets hidden; 404 once they are removed."""
        self._guard(request)
        row = get_object_or_404(MailAttempt.objects.select_related("mail"), pk=attempt, mail=pk, content__isnull=False)
        return self._show(request, shown(row), title=str(row), row=row.mail)

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _show(self, request: HttpRequest, mail: Mail | None, **context: Any) -> HttpResponse:
        wanted = request.GET.get("format", "")
        if mail is not None and wanted in _ALONE:
            return HttpResponse(part(mail, wanted), headers=_ALONE[wanted])
        texts = {form: part(mail, form).decode() for form in ("txt", "ics")} if mail else {}
        links = {form: f"?{urlencode(request.GET.dict() | {'format': form})}" for form in _ALONE}
        context |= self.admin_site.each_context(request)
        context |= {"opts": self.opts, "mail": mail, "texts": texts, "links": links}
        return TemplateResponse(request, "admin/mailer/outgoingmail/preview.html", context)
