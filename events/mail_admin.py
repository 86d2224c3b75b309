"""The list of mails for staff, with what only meetings can do: make a mail anew."""

from django.contrib import admin
from django.contrib.messages import WARNING
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.services.resend import OutdatedMail, resend_mail
from mailer.admin import OutgoingMailAdmin
from mailer.models import OutgoingMail


class MeetingMailAdmin(OutgoingMailAdmin):
    actions = ("send_again",)

    @admin.action(description=_("Send selected mails again, as things are now"), permissions=["resend"])
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

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a mail; sending it once more is the change there is."""
        return request.user.has_perm("mailer.change_outgoingmail")
