"""The list of mails for staff, with what they can do: send a mail again with current content, or abort it."""

import uuid

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import WARNING
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events import mails
from events.models import Event
from events.services.abort_mail import abort_mail
from events.services.resend import OutdatedMail, resend_mail
from mailer.admin import OutgoingMailAdmin
from mailer.ledger import MOVES, On
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.template_admin import MailTemplateAdmin
from users.models import Tenant

SHOWN_MAILS = 100


class MeetingMailAdmin(OutgoingMailAdmin):
    actions = ("send_again", "abort")

    @admin.action(description=_("Send selected mails again with current content"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        count = 0
        for mail in queryset:
            try:
                is_queued = resend_mail(mail=mail, actor=Actor.by_admin(request.user))
            except OutdatedMail as error:
                text = gettext("Not sent to %(address)s: %(reason)s") % {"address": mail.address, "reason": error}
                self.message_user(request, text, WARNING)
                continue
            if is_queued:
                count += 1
                self.log_change(request, mail, gettext("Sent again"))
        text = ngettext("%(count)d mail is sent again", "%(count)d mails are sent again", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Abort selected mails that were not sent yet"), permissions=["resend"])
    def abort(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> HttpResponse | None:
        """Asks for confirmation: an aborted mail is not sent, unless staff send it again."""
        if "confirmed" not in request.POST:
            return self._ask(request, queryset)
        count = 0
        for mail in queryset:
            if abort_mail(mail=mail, actor=Actor.by_admin(request.user)):
                count += 1
                self.log_change(request, mail, gettext("Aborted"))
        text = ngettext("%(count)d mail is aborted", "%(count)d mails are aborted", count)
        self.message_user(request, text % {"count": count})
        return None

    def _ask(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> HttpResponse:
        waiting = queryset.filter(state__in=MOVES[On.ABORT].sources)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": gettext("Are you sure?"),
            "mails": waiting[:SHOWN_MAILS],
            "count": waiting.count(),
            "left_alone": queryset.count() - waiting.count(),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/mailer/outgoingmail/abort.html", context)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Nobody can edit a mail; the only changes are sending it again and aborting it."""
        return request.user.has_perm("mailer.change_outgoingmail")


class MeetingTemplateAdmin(MailTemplateAdmin):
    def tenants(self) -> QuerySet[Tenant]:
        return Tenant.objects.all()

    def message_about(
        self, request: HttpRequest, event_id: uuid.UUID, tenant_id: uuid.UUID, action: str
    ) -> EventMessage | None:
        if not request.user.has_perm("events.view_event"):
            return None
        event = Event.objects.filter(pk=event_id, tenant_id=tenant_id).first()
        return mails.as_read_by_a_guest(event, action) if event else None
