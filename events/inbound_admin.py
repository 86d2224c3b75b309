"""The mails that came in, for staff: what became of each, and to process one again."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.messages import WARNING
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.models import Event
from events.services.inbound import process_again
from invites.models import InboundMail, Reply
from staff.admin import ReadOnlyAdmin
from staff.filters import NamedValuesFilter
from staff.html import text_block


class ReplyInline(admin.TabularInline):
    model = Reply
    fields = readonly_fields = (
        "invited_address",
        "address",
        "status",
        "occurrence",
        "comment",
        "proposed_starts_at",
        "is_by_invitee",
        "is_stale",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the mail that they came in."""
        return request.user.has_perm("invites.view_inboundmail")


class InboundMailAdmin(ReadOnlyAdmin):
    tenant_path = "tenant_id"
    list_display = ("received_at", "sender", "subject", "method", "verdict", "is_proven", "source")
    list_filter = ("verdict", "source", ("method", NamedValuesFilter), "is_proven")
    inlines = (ReplyInline,)
    id_fields = ("id", "event_id")
    search_fields = ("sender__startswith", "message_id__exact")
    search_help_text = _("The sender's address, a Message-ID, or the id of an event")
    ordering = ("-received_at",)
    show_full_result_count = False
    actions = ("process_again",)
    fields = (
        "received_at", "source", "recipients", "sender", "is_proven", "subject", "message_id", "size", "event",
        "method", "verdict", "read", "error", "processed_at", "has_content",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMail]:
        """Without the contents, which are large."""
        is_there = ExpressionWrapper(Q(content__isnull=False), BooleanField())
        mails: QuerySet[InboundMail] = super().get_queryset(request)
        return mails.defer("content").annotate(is_there=is_there)

    @admin.display(description=_("content kept"), boolean=True)
    def has_content(self, mail: InboundMail) -> bool:
        return bool(mail.is_there)  # type: ignore[attr-defined]

    @admin.display(description=_("event"))
    def event(self, mail: InboundMail) -> SafeString | str:
        event = Event.objects.filter(pk=mail.event_id).first() if mail.event_id else None
        if event is None:
            return str(mail.event_id or "-")
        return format_html('<a href="{}">{}</a>', reverse("admin:events_event_change", args=[event.pk]), event)

    @admin.display(description=_("what was read"))
    def read(self, mail: InboundMail) -> SafeString:
        return text_block(json.dumps(mail.answers, indent=2, ensure_ascii=False), label=gettext("what was read"))

    @admin.action(description=_("Process selected mails again"), permissions=["process"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[InboundMail]) -> None:
        count = 0
        for mail in queryset:
            if process_again(mail=mail, actor=Actor.by_admin(request.user)):
                count += 1
            else:
                text = gettext("The content of the mail of %(sender)s is gone") % {"sender": mail.sender or "-"}
                self.message_user(request, text, WARNING)
        text = ngettext("%(count)d mail was processed again", "%(count)d mails were processed again", count)
        self.message_user(request, text % {"count": count})

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Nobody can edit a mail; the only change is to process it again."""
        return request.user.has_perm("invites.change_inboundmail")
