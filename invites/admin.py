"""Guest codes for staff: whom they were made for, and whether they open a room. The whole code is shown to nobody."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.models import Activity
from invites.access import against_code
from invites.models import EmailInvite, EventInvite, InviteCode
from invites.services import revoke_code
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, Part, confirm

MOST_AT_ONCE = 500


class ValidFilter(admin.SimpleListFilter):
    """Of the codes themselves; whether the room admits guests is another question."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("valid", _("valid")), ("expired", _("expired")), ("withdrawn", _("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InviteCode]) -> QuerySet[InviteCode]:
        has_expired = Q(expiration__lte=timezone.now())
        match self.value():
            case "valid":
                return queryset.filter(~has_expired | Q(expiration=None), active=True)
            case "expired":
                return queryset.filter(has_expired, active=True)
            case "withdrawn":
                return queryset.filter(active=False)
            case _:
                return queryset


class HolderFilter(admin.SimpleListFilter):
    title = _("made for")
    parameter_name = "holder"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("everybody", _("everybody")), ("address", _("an address")), ("account", _("claimed by an account"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InviteCode]) -> QuerySet[InviteCode]:
        by_address = Exists(EmailInvite.objects.filter(invite_code=OuterRef("pk")))
        by_account = Exists(EventInvite.objects.filter(invite_code=OuterRef("pk")))
        match self.value():
            case "everybody":
                return queryset.exclude(by_address).exclude(by_account)
            case "address":
                return queryset.filter(by_address)
            case "account":
                return queryset.filter(by_account)
            case _:
                return queryset


@admin.register(InviteCode)
class InviteCodeAdmin(ReadOnlyAdmin):
    tenant_path = "room__tenant_id"
    list_display = ("shown", "door", "made_for", "created_by", "created_at", "expiration", "opens")
    list_filter = (ValidFilter, HolderFilter)
    list_select_related = ("created_by", "room__created_by__tariff")
    # Of a guest link the whole code; a part of it finds nothing, so that nobody can try.
    id_fields = ("id", "code", "room")
    search_fields = ("created_by__email", "emailinvites__email__startswith", "eventinvites__invitee__email__startswith")
    search_help_text = _("An address, a whole guest code, or the id of a room")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "id")
    show_full_result_count = False
    fields = readonly_fields = (
        "shown", "door", "made_for", "opens", "why_not", "active", "expiration", "created_by", "created_at",
        "updated_by", "updated_at",
    )  # fmt: skip
    actions = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InviteCode]:
        codes: QuerySet[InviteCode] = super().get_queryset(request)
        return codes.prefetch_related("emailinvites", "eventinvites__invitee")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """A whole link is good too."""
        return super().get_search_results(request, queryset, search_term.strip().rpartition("/")[2])

    def history_of(self, code: InviteCode) -> QuerySet[Activity]:
        """The log knows codes by their room: it must not say more of one than that."""
        return Activity.objects.filter(room_id=code.room_id, kind__startswith="code.")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """As on the page of the room (signaling/admin.py)."""
        return request.user.has_perm("rooms.change_room")

    @admin.display(description=_("guest code"), ordering="id")
    def shown(self, code: InviteCode) -> str:
        return str(code)

    @admin.display(description=_("room"))
    def door(self, code: InviteCode) -> SafeString:
        page = reverse("admin:rooms_room_entry", args=[code.room_id])
        return format_html('<a href="{}">{}…</a>', page, str(code.room_id)[:8])

    @admin.display(description=_("made for"))
    def made_for(self, code: InviteCode) -> str:
        return ", ".join(holders_of([code])) or gettext("everybody")

    @admin.display(description=_("opens the room"), boolean=True)
    def opens(self, code: InviteCode) -> bool:
        return not against_code(code)

    @admin.display(description=_("why not"))
    def why_not(self, code: InviteCode) -> str:
        return "; ".join(str(reason.label) for reason in against_code(code)) or "–"

    @admin.action(description=_("Withdraw selected guest codes"), permissions=["operate"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[InviteCode]) -> None:
        codes = list(queryset.filter(active=True).select_related("room__created_by").order_by("pk")[:MOST_AT_ONCE])
        withdraw_codes(request, codes, back=request.get_full_path())
        text = ngettext("%(count)d guest code was withdrawn", "%(count)d guest codes were withdrawn", len(codes))
        self.message_user(request, text % {"count": len(codes)}, SUCCESS)


@transaction.atomic
def withdraw_codes(request: HttpRequest, codes: Sequence[InviteCode], **asking_about: Any) -> None:
    """Asks before, unless there are none; they come with their rooms and the rooms' creators."""
    for code in codes:
        # The row names somebody of the room's tenant, because people in the room see it; the log says who it was.
        revoke_code(code=code, user=code.room.created_by, actor=Actor.by_admin(request.user))
    if codes:
        title = ngettext("Withdraw this guest code?", "Withdraw these guest codes?", len(codes))
        confirm(request, _of_withdrawal(codes), title=title, **{"opts": InviteCode._meta} | asking_about)


def _of_withdrawal(codes: Sequence[InviteCode]) -> Effect:
    lines = [
        ngettext(
            "Nobody can enter with %(count)d guest code any more. It cannot be made valid again.",
            "Nobody can enter with %(count)d guest codes any more. They cannot be made valid again.",
            len(codes),
        )
        % {"count": len(codes)},
        gettext("Nobody is mailed."),
    ]
    holders = holders_of(codes)
    if holders:
        text = gettext("Who is invited gets no more reminders, but a new code with the next mail about the meeting.")
        lines.append(text)
    parts = [Part(gettext("Made for"), [(name,) for name in holders])] if holders else []
    return Effect(lines=lines, parts=parts, facts=[str(code.pk) for code in codes])


def holders_of(codes: Sequence[InviteCode]) -> list[str]:
    """The addresses and people that the codes were made for."""
    prefetch_related_objects(codes, "emailinvites", "eventinvites__invitee")
    invites = [invite for code in codes for invite in (*code.emailinvites.all(), *code.eventinvites.all())]
    return list(dict.fromkeys(map(str, invites)))
