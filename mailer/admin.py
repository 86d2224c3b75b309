"""The outbox for staff: what was sent, what waits and what failed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from activity.admin import ReadOnlyAdmin
from mailer.models import OutgoingMail
from mailer.outbox import retry


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "address", "kind", "subject", "state", "attempts", "next_try_at", "sent_at")
    list_filter = ("state", "kind", "language")
    id_fields = ("id", "event_id", "cause")
    search_fields = ("address__startswith",)
    search_help_text = _("An address, or the id of an event or of the activity that caused the mail")
    ordering = ("-created_at",)
    show_full_result_count = False
    actions = ("try_again",)
    # Not the message: it may hold a room's password.
    fields = (
        "address", "kind", "subject", "language", "time_zone", "state", "attempts", "next_try_at", "sent_at",
        "last_error", "event_id", "occurrence", "sequence", "cause", "created_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.action(description=_("Try selected mails again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        count = retry(mails=queryset)
        text = ngettext("%(count)d mail is tried again", "%(count)d mails are tried again", count)
        self.message_user(request, text % {"count": count})
