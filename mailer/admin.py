"""The admin of outgoing mails: their states and attempts, previews, and sample mails of each kind."""

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

from activity.actors import Actor
from activity.models import Activity
from mailer.domains import release_now
from mailer.kept import shown
from mailer.kind_names import kind_name
from mailer.kinds import OF_MEETINGS, InvalidMessageError
from mailer.mime import Mail
from mailer.models import ENDED, HeldDomain, MailAttempt, OutgoingMail, SuppressedAddress
from mailer.preview import part, past_mail, sample_mail
from mailer.render import RenderError
from mailer.samples import SHAPES
from mailer.suppression_admin import SuppressedAddressAdmin
from staff.admin import ReadOnlyAdmin
from staff.filters import KindFilter
from staff.html import short_time

admin.site.register(SuppressedAddress, SuppressedAddressAdmin)

# The mail without the page around it: as HTML for a sandboxed frame, and as a file.
_ALONE = {
    "html": {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
        "X-Frame-Options": "SAMEORIGIN",
    },
    "eml": {"Content-Type": "message/rfc822", "Content-Disposition": 'attachment; filename="mail.eml"'},
}


class SampleForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: [(kind, kind_name(kind)) for kind in OF_MEETINGS])
    shape = forms.ChoiceField(label=_("Shape"), choices=[(shape, shape) for shape in SHAPES])
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


def may_read(request: HttpRequest) -> bool:
    """Whether the user may read contents of mails, and not only their addresses and states."""
    return request.user.has_perm("mailer.read_outgoingmail")


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

    @admin.display(description=_("content as sent"))
    def as_it_left(self, attempt: MailAttempt) -> SafeString:
        if not attempt.has_content:  # type: ignore[attr-defined]
            return SafeString("-")
        page = reverse("admin:mailer_outgoingmail_attempt", args=[attempt.mail_id, attempt.pk])
        return format_html('<a href="{}">{}</a>', page, gettext("Show the mail"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "as_it_left" or may_read(request)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailAttempt]:
        """Without the contents, which are large."""
        has_content = ExpressionWrapper(Q(content__isnull=False), BooleanField())
        rows: QuerySet[MailAttempt] = super().get_queryset(request)
        return rows.defer("content", "secrets").annotate(has_content=has_content)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Attempts are visible to whoever may see the mail."""
        return request.user.has_perm("mailer.view_outgoingmail")


@admin.register(HeldDomain)
class HeldDomainAdmin(ReadOnlyAdmin):
    list_display = fields = readonly_fields = ("domain", "held_until", "refusals", "last_error")
    id_fields = ("domain",)
    search_fields = ("domain",)
    ordering = ("domain",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting a held domain releases its mails at once."""
        return request.user.has_perm("mailer.delete_helddomain")

    def delete_model(self, request: HttpRequest, obj: HeldDomain) -> None:
        release_now(row=obj, actor=Actor.by_admin(request.user))


class MailKindFilter(KindFilter):
    title = _("kind")
    parameter_name = "kind"
    column = "outgoingmail.kind"


class OutgoingMailAdmin(ReadOnlyAdmin):
    """Registered in events/mail_admin.py, which can build a mail again: this app does not know meetings."""

    history_told = _("This is what caused the mail, and what staff did with it. Its attempts are on its page.")
    list_display = ("created", "address", "state", "attempts", "next_try", "sent", "about")
    list_filter = ("state", MailKindFilter, "language")
    inlines = (AttemptInline,)
    id_fields = ("id", "event_id", "cause")
    search_fields = ("address__startswith",)
    search_help_text = _("An address, or the id of an event or of the activity that caused the mail")
    ordering = ("-created_at",)
    show_full_result_count = False
    # Without the message, which may contain a room's password.
    fields = (
        "address", "called", "subject", "preview", "language", "time_zone", "state", "attempts", "next_try_at",
        "sent_at", "delivered_at", "resent_at", "pruned_at", "last_error", "event_id", "occurrence", "sequence",
        "cause", "created_at",
    )  # fmt: skip
    readonly_fields = fields
    export_columns = {
        name: name
        for name in (
            "created_at", "address", "kind", "subject", "language", "state", "attempts", "next_try_at", "sent_at",
            "delivered_at", "resent_at", "last_error", "event_id", "sequence", "cause",
        )
    }  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "preview" or may_read(request)]

    def history_of(self, mail: OutgoingMail) -> QuerySet[Activity]:
        """With what caused it."""
        own = Q(subject_id=mail.pk, subject_type=self.opts.model_name)
        return Activity.objects.filter(own | Q(id=mail.cause))

    @admin.display(description=_("kind"))
    def called(self, mail: OutgoingMail) -> str:
        return kind_name(mail.kind)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, mail: OutgoingMail) -> str | None:
        return short_time(mail.created_at)

    @admin.display(description=_("sent"), ordering="sent_at")
    def sent(self, mail: OutgoingMail) -> str | None:
        return short_time(mail.sent_at)

    @admin.display(description=_("subject"), ordering="subject")
    def about(self, mail: OutgoingMail) -> str:
        """A mail has its subject when it is rendered."""
        return mail.subject or kind_name(mail.kind)

    @admin.display(description=_("next try"), ordering="next_try_at")
    def next_try(self, mail: OutgoingMail) -> str | None:
        """None where no other follows, whatever the column says."""
        return None if mail.state in ENDED else short_time(mail.next_try_at)

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
        """A sample mail: of a kind, in a language, for a shape of meeting (single, recurring and so on)."""
        self._guard(request)
        first = {name: field.choices[0][0] for name, field in SampleForm.base_fields.items()}  # type: ignore[attr-defined]
        form = SampleForm(first | request.GET.dict())
        mail = sample_mail(**form.cleaned_data) if form.is_valid() else None
        return self._show(request, mail, title=gettext("What mails look like"), form=form)

    def preview_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """A mail rendered from its message, with secrets hidden. A sent mail may have looked different."""
        self._guard_contents(request)
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            mail, error = past_mail(row), ""
        except (InvalidMessageError, RenderError) as problem:
            mail, error = None, str(problem)
        return self._show(request, mail, title=str(row), row=row, error=error)

    def attempt_view(self, request: HttpRequest, pk: uuid.UUID, attempt: int) -> HttpResponse:
        """The bytes that this attempt sent, with secrets hidden; 404 after the contents were removed."""
        self._guard_contents(request)
        attempts = MailAttempt.objects.filter(mail__in=self.get_queryset(request)).select_related("mail")
        row = get_object_or_404(attempts, pk=attempt, mail=pk, content__isnull=False)
        return self._show(request, shown(row), title=str(row), row=row.mail)

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _guard_contents(self, request: HttpRequest) -> None:
        self._guard(request)
        if not may_read(request):
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
