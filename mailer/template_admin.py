"""A tenant's own texts for staff: a page for each language and action, with what the mail looks like beside it."""

import uuid
from collections.abc import Callable
from typing import Any

from anymail.exceptions import AnymailError
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.messages import ERROR, SUCCESS
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from mailer import templates
from mailer.models import MailTemplate
from mailer.preview import part, picture_shown, send_test
from mailer.protocol import EventMessage
from mailer.render import RenderError
from mailer.templates import InvalidTemplateError, OutdatedTemplateError
from mailer.wording import IN_SUBJECTS, in_bodies, newest

SHOWN_VERSIONS = 50
# The frame with the mail: it may do nothing but look as it does.
_FRAMED = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}


class TemplateForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), strip=False, required=False)
    body = forms.CharField(label=_("Text"), strip=False, required=False, widget=forms.Textarea(attrs={"rows": 24}))
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    shape = forms.ChoiceField(label=_("Sample"), required=False)
    event = forms.UUIDField(
        label=_("or meeting"), required=False, help_text=_("The id of a meeting of this tenant: with its own data.")
    )

    def __init__(self, data: Any, *, action: str, language: str) -> None:
        super().__init__(data)
        self.messages: dict[str, EventMessage] = {}
        for shape, message in templates.samples(action, language):
            self.messages.setdefault(shape, message)
        self.fields["shape"].choices = [(shape, shape) for shape in self.messages]  # type: ignore[attr-defined]


class MailTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Registered by who knows tenants and meetings."""

    def tenants(self, request: HttpRequest) -> QuerySet[Any]:
        raise NotImplementedError

    def message_about(
        self, request: HttpRequest, event_id: uuid.UUID, tenant_id: Any, action: str
    ) -> EventMessage | None:
        """A mail of this action about the meeting; None where there is none in the tenant that this person may see."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions go with their tenant; no page deletes one."""
        return self.has_change_permission(request, obj)

    def page_of(self, row: MailTemplate) -> str:
        return reverse("admin:mailer_mailtemplate_editor", args=[row.tenant_id, row.language, row.action])

    def get_urls(self) -> list[Any]:
        place = "<uuid:tenant_id>/<slug:language>/<slug:action>/"
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("", self.list_view, "changelist"),
            (place, self.editor_view, "editor"),
            (f"{place}preview/", self.preview_view, "preview"),
        ]
        return [
            path(way, self.admin_site.admin_view(view), name=f"mailer_mailtemplate_{name}") for way, view, name in pages
        ]

    # --- pages ---

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Each language and action of a tenant: shipped, changed or broken."""
        self._guard(request)
        tenants = list(self.tenants(request))
        tenant = next(
            (item for item in tenants if str(item.pk) == request.GET.get("tenant")), tenants[0] if tenants else None
        )
        used = {(row.language, row.action): row for row in newest(tenant.pk)} if tenant else {}
        rows = [
            (name, [(action, code, used.get((code, action))) for action in templates.ACTIONS])
            for code, name in settings.LANGUAGES
        ]
        context = {"title": capfirst(self.opts.verbose_name_plural), "tenants": tenants, "tenant": tenant, "rows": rows}
        return self._page(request, "list", context | {"actions": templates.ACTIONS})

    def editor_view(self, request: HttpRequest, tenant_id: uuid.UUID, language: str, action: str) -> HttpResponse:
        tenant = self._place(request, tenant_id, language, action)
        versions = MailTemplate.objects.filter(tenant=tenant, language=language, action=action).order_by("-version")
        used = versions.first()
        first = templates.first_text(action)
        shown = get_object_or_404(versions, pk=request.GET["version"]) if _is_id(request.GET.get("version")) else used
        texts = {"subject": first.subject, "body": first.body}
        if shown is not None and not shown.is_shipped:
            texts = {"subject": shown.subject, "body": shown.body}
        form = TemplateForm(
            request.POST or texts | {"base": used.version if used else 0}, action=action, language=language
        )
        if request.method == "POST" and form.is_valid():
            answer = self._do(request, form, tenant_id, language, action, versions)
            if answer is not None:
                return answer
        context = {
            "title": f"{tenant}: {action} ({dict(settings.LANGUAGES)[language]})",
            "form": form,
            "tenant": tenant,
            "used": used,
            "versions": versions[:SHOWN_VERSIONS],
            "placeholders": [(name, told, name in IN_SUBJECTS) for name, told in in_bodies(action).items()],
            "preview": reverse("admin:mailer_mailtemplate_preview", args=[tenant_id, language, action]),
        }
        return self._page(request, "editor", context)

    def _do(
        self, request: HttpRequest, form: TemplateForm, tenant_id: uuid.UUID, language: str, action: str, versions: Any
    ) -> HttpResponse | None:
        """What the pressed button says; None where the page is shown again with what is wrong."""
        texts = {"subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
        if "test" in request.POST:
            self._send_test(request, form, tenant_id, language, action)
            return None
        if _is_id(request.POST.get("revert")):
            old = get_object_or_404(versions, pk=request.POST["revert"])
            texts = {"subject": old.subject, "body": old.body}
        elif "shipped" in request.POST:
            texts = {"subject": "", "body": ""}
        elif not any(texts.values()):
            form.add_error("body", gettext("There is no text."))
            return None
        try:
            templates.save_template(
                tenant_id=tenant_id,
                language=language,
                action=action,
                base=form.cleaned_data["base"],
                actor=Actor.by_admin(request.user),
                **texts,
            )
        except InvalidTemplateError as error:
            for field, told in error.errors.items():
                form.add_error(field, told)
            return None
        except OutdatedTemplateError:
            form.add_error(
                None, gettext("Somebody else has saved this text since you opened it. Your text is not saved.")
            )
            return None
        self.message_user(request, gettext("Saved: new mails are sent with this text."), SUCCESS)
        return HttpResponseRedirect(request.path)

    def preview_view(self, request: HttpRequest, tenant_id: uuid.UUID, language: str, action: str) -> HttpResponse:
        """The mail as it would be with the texts of the form, in a frame of the editor."""
        self._place(request, tenant_id, language, action)
        form = TemplateForm(request.POST, action=action, language=language)
        mail, problems = None, dict(form.errors)
        if form.is_valid():
            mail, problems = self._drafted(request, form, tenant_id, language, action)
        context = {
            "mail": mail,
            "html": picture_shown(mail) if mail else "",
            "text": part(mail, "txt").decode() if mail else "",
            "problems": problems,
        }
        return TemplateResponse(request, "admin/mailer/mailtemplate/preview.html", context, headers=_FRAMED)

    def _drafted(
        self, request: HttpRequest, form: TemplateForm, tenant_id: uuid.UUID, language: str, action: str
    ) -> tuple[Any, dict[str, Any]]:
        """The mail and {}, or None and what is wrong."""
        event_id, shape = form.cleaned_data["event"], form.cleaned_data["shape"]
        message = form.messages.get(shape) or next(iter(form.messages.values()))
        if event_id is not None:
            found = self.message_about(request, event_id, tenant_id, action)
            if found is None:
                return None, {"event": [gettext("There is no such meeting of this tenant.")]}
            message = found
        texts = {name: form.cleaned_data[name] for name in ("subject", "body")}
        try:
            templates.check_texts(action=action, **texts)
            return templates.draft_mail(message, language=language, tenant_id=tenant_id, **texts), {}
        except InvalidTemplateError as error:
            return None, {name: [told] for name, told in error.errors.items()}
        except RenderError as error:
            return None, {"body": [str(error)]}

    def _send_test(
        self, request: HttpRequest, form: TemplateForm, tenant_id: uuid.UUID, language: str, action: str
    ) -> None:
        mail, problems = self._drafted(request, form, tenant_id, language, action)
        if mail is None:
            for field, told in problems.items():
                form.add_error(field, told)
            return
        address = getattr(request.user, "email", "")
        try:
            send_test(mail, address)
        except (OSError, AnymailError) as error:
            self.message_user(request, gettext("Not sent: %(error)s") % {"error": error}, ERROR)
            return
        self.message_user(request, gettext("Sent to %(address)s.") % {"address": address}, SUCCESS)

    # --- what all have in common ---

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _place(self, request: HttpRequest, tenant_id: uuid.UUID, language: str, action: str) -> Any:
        self._guard(request)
        if language not in dict(settings.LANGUAGES) or action not in templates.ACTIONS:
            raise Http404
        return get_object_or_404(self.tenants(request), pk=tenant_id)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/mailer/mailtemplate/{name}.html", context)


def _is_id(text: str | None) -> bool:
    try:
        return bool(text and uuid.UUID(text))
    except ValueError:
        return False
