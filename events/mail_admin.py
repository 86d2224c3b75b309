"""The list of mails for staff, with what they can do: send a mail again with current content, or abort it."""

import uuid
from typing import Any

from django.contrib import admin
from django.contrib.messages import WARNING
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_supported_language_variant, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars.addresses import canonical
from events import mails
from events.address_admin import AddressAdmin
from events.admin_effects import ADDRESS_STATES, language_name, of_suppressed
from events.models import Event
from events.services.abort_mail import abort_mail
from events.services.resend import OutdatedMail, resend_mail
from mailer.kind_names import kind_name
from mailer.ledger import MOVES, On
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.suppression import suppressed
from mailer.template_admin import MailTemplateAdmin
from staff.effects import Effect, Part, confirm, next_page
from staff.tenancy import visible
from users.models import Tenant

SHOWN_MAILS = 50
MOST_AT_ONCE = 500  # the change is made to be measured, in one transaction


class MeetingMailAdmin(AddressAdmin):
    tenant_path = "tenant_id"
    actions = ("send_again", "abort")

    @admin.action(description=_("Send selected mails again with current content"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> HttpResponse | None:
        queued, refused = self._resend(request, _first(queryset))
        for address, reason in refused:
            text = gettext("Not sent to %(address)s: %(reason)s") % {"address": address, "reason": reason}
            self.message_user(request, text, WARNING)
        text = ngettext("%(count)d mail is sent again", "%(count)d mails are sent again", len(queued))
        return self._done(request, text % {"count": len(queued)})

    @transaction.atomic
    def _resend(
        self, request: HttpRequest, mails: list[OutgoingMail]
    ) -> tuple[list[OutgoingMail], list[tuple[str, str]]]:
        """The mails that are queued again, and the others' addresses with the reasons; asks first."""
        queued, refused = [], []
        for mail in mails:
            try:
                if resend_mail(mail=mail, actor=Actor.by_admin(request.user)):
                    queued.append(mail)
            except OutdatedMail as error:
                refused.append((mail.address, str(error)))
        if queued:
            confirm(
                request,
                _of_resending(queued, refused, of=mails),
                title=gettext("Send again?"),
                opts=self.opts,
                back=next_page(request) or request.get_full_path(),
            )
        return queued, refused

    @admin.action(description=_("Abort selected mails that were not sent yet"), permissions=["resend"])
    def abort(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> HttpResponse | None:
        """An aborted mail is not sent, unless staff send it again."""
        mails, actor = _first(queryset), Actor.by_admin(request.user)
        with transaction.atomic():
            aborted = [mail for mail in mails if abort_mail(mail=mail, actor=actor)]
            if aborted:
                back = next_page(request) or request.get_full_path()
                effect = _of_aborting(aborted, of=mails)
                confirm(request, effect, title=gettext("Abort?"), opts=self.opts, back=back)
        text = ngettext("%(count)d mail is aborted", "%(count)d mails are aborted", len(aborted))
        return self._done(request, text % {"count": len(aborted)})

    def _done(self, request: HttpRequest, text: str) -> HttpResponse | None:
        self.message_user(request, text)
        page = next_page(request)
        return redirect(page) if page else None

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Nobody can edit a mail; the only changes are sending it again and aborting it."""
        return request.user.has_perm("mailer.change_outgoingmail")


class MeetingTemplateAdmin(MailTemplateAdmin):
    tenant_path = "tenant_id"

    def tenants(self, request: HttpRequest) -> QuerySet[Tenant]:
        return visible(request.user, Tenant.objects.all(), "pk")

    def message_about(
        self, request: HttpRequest, event_id: uuid.UUID, tenant_id: uuid.UUID, action: str
    ) -> EventMessage | None:
        if not request.user.has_perm("events.view_event"):
            return None
        event = Event.objects.filter(pk=event_id, tenant_id=tenant_id).first()
        return mails.as_read_by_a_guest(event, action) if event else None


def mails_of(event: Event, request: HttpRequest) -> dict[str, Any]:
    """The values of the part of the meeting's page that is about its mails."""
    mails = OutgoingMail.objects.filter(event_id=event.pk)
    counts = dict(mails.order_by().values_list("state").annotate(count=Count("pk")))
    return {
        "event": event,
        "mails": [(mail, kind_name(mail.kind)) for mail in mails.order_by("-created_at")[:SHOWN_MAILS]],
        "counts": [(label, counts[state]) for state, label in OutgoingMail.State.choices if state in counts],
        "may_resend": admin.site._registry[OutgoingMail].has_resend_permission(request),  # type: ignore[attr-defined]
        "resendable": MOVES[On.RESEND].sources,
    }


def _first(queryset: QuerySet[OutgoingMail]) -> list[OutgoingMail]:
    """Those that are taken, in one order, so that two members of staff do not wait for each other in a ring."""
    return list(queryset.order_by("pk")[:MOST_AT_ONCE])


def _of_resending(queued: list[OutgoingMail], refused: list[tuple[str, str]], *, of: list[OutgoingMail]) -> Effect:
    fresh = {mail.pk: mail for mail in OutgoingMail.objects.filter(pk__in=[mail.pk for mail in queued])}
    mails = [fresh[mail.pk] for mail in queued]  # with the messages that were made anew
    off = suppressed(mail.address for mail in mails)
    states = ["suppressed" if canonical(mail.address) in off else "ok" for mail in mails]
    text = ngettext(
        "%(count)d mail is sent again, with what is true now.",
        "%(count)d mails are sent again, with what is true now.",
        len(mails),
    )
    rows = [(*_told(mail), ADDRESS_STATES[state]) for mail, state in zip(mails, states, strict=True)]
    head = (gettext("To"), gettext("Mail"), gettext("Language"), gettext("State"))
    return Effect(
        lines=[text % {"count": len(mails)}, *_left_alone(len(of) - len(queued) - len(refused))],
        parts=[
            Part(gettext("Mails"), rows, head),
            *([Part(gettext("Not sent"), refused, (gettext("To"), gettext("Why")))] if refused else ()),
        ],
        warnings=[*of_suppressed(states.count("suppressed")), *_cut(of)],
        # As they were, so that who presses the button twice does not send twice, and of which state of the meeting.
        facts=[(mail.pk, mail.state, mail.resent_at, fresh[mail.pk].sequence) for mail in queued],
    )


def _of_aborting(aborted: list[OutgoingMail], *, of: list[OutgoingMail]) -> Effect:
    text = ngettext("%(count)d mail will not be sent.", "%(count)d mails will not be sent.", len(aborted))
    head = (gettext("To"), gettext("Mail"), gettext("Language"))
    return Effect(
        lines=[text % {"count": len(aborted)}, *_left_alone(len(of) - len(aborted))],
        parts=[Part(gettext("Mails"), [_told(mail) for mail in aborted], head)],
        warnings=_cut(of),
        facts=[mail.pk for mail in aborted],
    )


def _told(mail: OutgoingMail) -> tuple[str, str, str]:
    return mail.address, kind_name(mail.kind), language_name(get_supported_language_variant(mail.language))


def _left_alone(count: int) -> list[str]:
    text = ngettext(
        "%(count)d other mail stays as it is: it was sent, is being sent, or waits.",
        "%(count)d other mails stay as they are: they were sent, are being sent, or wait.",
        count,
    )
    return [text % {"count": count}] if count else []


def _cut(mails: list[OutgoingMail]) -> list[str]:
    text = gettext("At most %(count)d mails are taken at once.") % {"count": MOST_AT_ONCE}
    return [text] if len(mails) == MOST_AT_ONCE else []
