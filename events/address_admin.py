"""The page about an address: which mails it gets, why it gets none, and what staff can do about it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from calendars.addresses import canonical
from events.admin_times import occurrence_in_words
from events.mails_to import Told, mails_to
from invites.models import EmailInvite, EventInvite
from mailer.admin import OutgoingMailAdmin
from mailer.kind_names import kind_name
from mailer.ledger import MOVES, On
from mailer.models import HeldDomain, OutgoingMail, SuppressedAddress
from staff.effects import NEXT
from staff.links import linked, may_view
from staff.tenancy import visible
from users.models import User


def page_about(address: str) -> str:
    return f"{reverse('admin:mailer_outgoingmail_to')}?{urlencode({'address': address})}"


class AddressAdmin(OutgoingMailAdmin):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.address_view))
        return [path("to/", view, name="mailer_outgoingmail_to"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        first, *others = super().get_fields(request, obj)
        return [first, "mails_to", *others]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "mails_to"]

    @admin.display(description=_("mails to this address"))
    def mails_to(self, mail: OutgoingMail) -> SafeString:
        text = gettext("Which it gets, why not, and send again")
        return format_html('<a href="{}">{}</a>', page_about(mail.address), text)

    def address_view(self, request: HttpRequest) -> HttpResponse:
        self._guard(request)
        address = canonical(request.GET.get("address", ""))
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": gettext("Mails to %(address)s") % {"address": address}
            if address
            else gettext("Mails to an address"),
            "address": address,
            "next": {"name": NEXT, "value": page_about(address)},
        }
        if address:
            context |= self._found(request, address)
        return TemplateResponse(request, "admin/mailer/outgoingmail/to.html", context)

    def _found(self, request: HttpRequest, address: str) -> dict[str, Any]:
        sites: dict[Any, Any] = admin.site._registry
        invites = visible(request.user, EmailInvite.objects.all(), "event__tenant_id")
        found = mails_to(
            address,
            people=sites[User].get_queryset(request) if may_view(request, User) else User.objects.none(),
            invites=invites if may_view(request, EmailInvite) else invites.none(),
            mails=self.get_queryset(request),
            now=timezone.now(),
        )
        return {
            "found": found,
            "people": [linked(request, person) for person in found.people],
            "meetings": [_meeting(request, told) for told in found.meetings],
            "mails": [
                (mail, linked(request, mail, mail.subject or kind_name(mail.kind)), why) for mail, why in found.mails
            ],
            "movable": MOVES[On.RESEND].sources,
            "may_resend": request.user.has_perm("mailer.change_outgoingmail"),
            "may_invite": sites[EventInvite].has_resend_permission(request),
            "may_lift": may_view(request, SuppressedAddress) and sites[SuppressedAddress].has_lift_permission(request),
            "may_release": may_view(request, HeldDomain) and sites[HeldDomain].has_delete_permission(request),
            "all_mails": f"{reverse('admin:mailer_outgoingmail_changelist')}?{urlencode({'q': address})}",
        }


def _meeting(request: HttpRequest, told: Told) -> dict[str, Any]:
    event, invite = told.coming.event, told.coming.invite
    return {
        "event": linked(request, event),
        "when": occurrence_in_words(event, told.coming.next),
        "answer": invite.get_status_display() if invite else gettext("organizer"),
        "mail": told.mail,
        "reason": told.reason,
        "invite": invite,
        "model": invite._meta.model_name if invite else "",
    }
