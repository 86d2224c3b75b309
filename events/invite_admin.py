"""Invitations for staff, by account and by address: to be found, mailed again, and taken back."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.models import Activity
from events.address_admin import page_about
from events.admin_effects import mails_by_kind, mails_in_words, not_sent
from events.admin_times import start_in_words
from events.answer_admin import last_answer
from events.services.dry_run import Effects, measured
from events.services.invitations import uninvite_email, uninvite_user
from events.services.inviting import AnyInvite, address_of
from events.services.resend import OutdatedMail, resend_invitation
from invites.models import EventInvite
from rest.errors import NotFound
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, Part, confirm, next_page

MOST_AT_ONCE = 100  # the change is made to be measured, in one transaction


class AheadFilter(admin.SimpleListFilter):
    title = _("meeting")
    parameter_name = "meeting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ahead", _("ahead or running")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        is_over = Q(event__series_ends_at__lt=timezone.now())
        match self.value():
            case "ahead":
                return queryset.filter(~is_over | Q(event__series_ends_at=None))
            case "over":
                return queryset.filter(is_over)
            case _:
                return queryset


class InviteAdmin(ReadOnlyAdmin):
    """What both kinds have in common."""

    tenant_path = "event__tenant_id"
    date_hierarchy = "created_at"
    ordering = ("-created_at", "id")
    show_full_result_count = False
    actions = ("send_again", "take_back")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits an invitation; it is taken back by who may change meetings."""
        return request.user.has_perm("events.change_event")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mailer.change_outgoingmail")

    @admin.display(description=_("event"), ordering="event__title")
    def meeting(self, invite: AnyInvite) -> SafeString:
        page = reverse("admin:events_event_change", args=[invite.event_id])
        return format_html('<a href="{}">{}</a>', page, invite.event)

    @admin.display(description=_("start"), ordering="event__starts_at")
    def start(self, invite: AnyInvite) -> str:
        return start_in_words(invite.event, invite.event.starts_at) if invite.event.starts_at else "–"

    @admin.display(description=_("last answer"))
    def last_answer(self, invite: AnyInvite) -> SafeString | str:
        return last_answer(invite, may_record=False)

    @admin.display(description=_("mails"))
    def mails(self, invite: AnyInvite) -> SafeString:
        text = gettext("Mails to %(address)s") % {"address": address_of(invite)}
        return format_html('<a href="{}">{}</a>', page_about(address_of(invite)), text)

    @admin.display(description=_("who can enter"))
    def entry(self, invite: AnyInvite) -> SafeString:
        page = reverse("admin:rooms_room_entry", args=[invite.event.room_id])
        return format_html('<a href="{}">{}</a>', page, gettext("Who can enter now, and why"))

    @admin.action(description=_("Send selected invitations again, as the meetings are now"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        text = gettext("Send again?")
        done, refused = self._each(request, queryset, resend_invitation, title=text)
        for invite, reason in refused:
            told = gettext("Not sent to %(address)s: %(reason)s") % {"address": address_of(invite), "reason": reason}
            self.message_user(request, told, WARNING)
        text = ngettext("%(count)d invitation is sent again", "%(count)d invitations are sent again", done)
        return self._done(request, text % {"count": done})

    @admin.action(description=_("Take selected invitations back"), permissions=["operate"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        line = gettext("They are no longer invited. Guest codes that were made for them stop working.")
        done, _refused = self._each(request, queryset, take_back, title=gettext("Take back?"), line=line)
        text = ngettext("%(count)d invitation was taken back", "%(count)d invitations were taken back", done)
        return self._done(request, text % {"count": done})

    @transaction.atomic
    def _each(
        self, request: HttpRequest, queryset: QuerySet[Any], do: Callable[..., None], *, title: str, line: str = ""
    ) -> tuple[int, list[tuple[AnyInvite, str]]]:
        """Does it with each and asks; how many it was done with, and the others with the reasons."""
        chosen = list(queryset.select_related("event__created_by").order_by("event_id", "pk")[:MOST_AT_ONCE])
        runs: list[tuple[AnyInvite, Effects]] = []
        refused: list[tuple[AnyInvite, str]] = []
        for invite in chosen:
            call = partial(do, invite=invite, actor=Actor.by_admin(request.user))
            try:
                runs.append((invite, measured(call, event=invite.event)[0]))
            except OutdatedMail as error:
                refused.append((invite, str(error)))
            except NotFound:
                refused.append((invite, gettext("no longer invited")))
        if runs:
            effect = _in_words(runs, refused, line=line, is_cut=len(chosen) == MOST_AT_ONCE)
            confirm(request, effect, title=title, opts=self.opts, back=next_page(request) or request.get_full_path())
        return len(runs), refused

    def _done(self, request: HttpRequest, text: str) -> HttpResponse | None:
        self.message_user(request, text, SUCCESS)
        page = next_page(request)
        return redirect(page) if page else None


class EventInviteAdmin(InviteAdmin):
    list_display = ("invitee", "meeting", "start", "role", "status", "created_by", "created_at")
    list_filter = ("status", "role", AheadFilter)
    list_select_related = ("invitee", "event", "created_by")
    id_fields = ("id", "event", "invitee")
    search_fields = ("invitee__search_text", "event__title")
    search_help_text = _("A name or address, a meeting's title, or the id of a meeting or person")
    fields = readonly_fields = (
        "invitee", "meeting", "start", "role", "status", "last_answer", "created_by", "created_at", "invite_code",
        "mails", "entry",
    )  # fmt: skip


class EmailInviteAdmin(InviteAdmin):
    list_display = ("email", "meeting", "start", "role", "status", "created_by", "created_at")
    list_filter = ("status", "role", AheadFilter)
    list_select_related = ("event", "created_by")
    id_fields = ("id", "event")
    search_fields = ("search_text", "event__title")
    search_help_text = _("A name or address, a meeting's title, or the id of a meeting")
    fields = readonly_fields = (
        "email", "first_name", "last_name", "language", "meeting", "start", "role", "status", "last_answer",
        "created_by", "created_at", "invite_code", "mails", "entry",
    )  # fmt: skip


def take_back(*, invite: AnyInvite, actor: Actor) -> None:
    if isinstance(invite, EventInvite):
        uninvite_user(event=invite.event, user_id=invite.invitee_id, actor=actor)
    else:
        uninvite_email(event=invite.event, email=invite.email, actor=actor)


def _in_words(
    runs: Sequence[tuple[AnyInvite, Effects]], refused: Sequence[tuple[AnyInvite, str]], *, line: str, is_cut: bool
) -> Effect:
    effects, keys = [found for _invite, found in runs], [invite.pk for invite, _found in runs]
    chosen = [(address_of(invite), invite.event.title) for invite, _found in runs]
    others = [(address_of(invite), invite.event.title, why) for invite, why in refused]
    who = (gettext("To"), gettext("Meeting"))
    cut = gettext("At most %(count)d invitations are taken at once.") % {"count": MOST_AT_ONCE}
    return Effect(
        lines=[*([line] if line else ()), mails_in_words(effects)],
        parts=[
            Part(gettext("Invitations"), chosen, who),
            *mails_by_kind(effects),
            *([Part(gettext("Not sent"), others, (*who, gettext("Why")))] if others else ()),
        ],
        warnings=[*not_sent([(invite.event, found) for invite, found in runs]), *([cut] if is_cut else ())],
        # Who presses the button twice is asked again.
        facts=[*keys, Activity.objects.filter(subject_id__in=keys).count()],
    )
