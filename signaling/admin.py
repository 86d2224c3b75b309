"""Rooms for staff, with the page about who can enter now, and why; and what staff can do about it."""

import uuid
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from activity.actors import Actor
from events.access import latest_of_room
from events.admin_effects import measured_in_words
from events.services.dial_in import renew_pin
from invites.admin import withdraw_codes
from invites.models import InviteCode
from rest.errors import NotFound
from rooms.admin import RoomAdmin
from rooms.guesses import forget_guesses
from rooms.models import Room
from signaling import entry_rows
from signaling.entry import entries, found
from signaling.live_admin import LiveAdmin, RunningFilter
from signaling.models import RoomSession
from staff.effects import Effect, confirm
from staff.links import may_view
from users.models import User

_WHO = _("Who is there now")
ALONG = ("created_by__tariff", "sip_config")


@admin.register(Room)
class EntryRoomAdmin(RoomAdmin):
    tenant_path = "tenant_id"
    fields = readonly_fields = (*RoomAdmin.shown, "entry", "live")

    @admin.display(description=_("who can enter"))
    def entry(self, room: Room) -> SafeString:
        return format_html('<a href="{}">{}</a>', _entry_page(room.pk), gettext("Who can enter now, and why"))

    @admin.display(description=_("live meeting"))
    def live(self, room: Room) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:rooms_room_live", args=[room.pk]), _WHO)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a room; what is done at its door are the changes there are."""
        return request.user.has_perm("rooms.change_room")

    def get_urls(self) -> list[Any]:
        views = (
            ("entry/", "entry", require_safe(self.entry_view)),
            ("entry/pin/", "pin", require_POST(self.pin_view)),
            ("entry/codes/<uuid:code_id>/", "code", require_POST(self.code_view)),
            ("entry/guesses/", "guesses", require_POST(self.guesses_view)),
            ("live/", "live", require_safe(self.live_view)),
        )
        own = [
            path(f"<uuid:room_id>/{where}", self.admin_site.admin_view(view), name=f"rooms_room_{name}")
            for where, name, view in views
        ]
        return own + super().get_urls()

    def entry_view(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """Who can enter now, and why the others cannot; of somebody by name, address or guest link too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        room, now = self._room(request, room_id), timezone.now()
        text = request.GET.get("q", "").strip()
        people = admin.site._registry[User].get_queryset(request) if may_view(request, User) else User.objects.none()
        event = latest_of_room(room, now)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": room,
            "title": gettext("Who can enter: %(what)s") % {"what": event or gettext("room without a meeting")},
            "text": text,
            "asked": [entry_rows.row(request, room, entry) for entry in found(room, text, people)] if text else [],
            "may_operate": self.has_operate_permission(request),
            **entry_rows.tables(request, room, entries(room, now), event),
        }
        return TemplateResponse(request, "admin/rooms/room/entry.html", context)

    def live_view(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """To the live meeting that runs now, else to those there were."""
        room = get_object_or_404(self.get_queryset(request), pk=room_id)
        session = room.sessions.filter(ended_at=None).first()
        if session is not None:
            return redirect("admin:signaling_roomsession_change", session.pk)
        self.message_user(request, gettext("Nobody is there: no live meeting runs in this room."), WARNING)
        query = urlencode({"q": room.pk, RunningFilter.parameter_name: "all"})
        return redirect(f"{reverse('admin:signaling_roomsession_changelist')}?{query}")

    def pin_view(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """A new dial-in PIN; asks before, with the mails that tell of it."""
        room = self._operable(request, room_id)
        do = partial(
            renew_pin, room=room, actor=Actor.by_admin(request.user), suppress_mail="is_told" not in request.POST
        )
        ends = gettext("The PIN that people have now stops working at once. Who is on the phone stays.")
        try:
            with transaction.atomic():
                event = latest_of_room(room, timezone.now())
                told = measured_in_words(do, event=event) if event else Effect(facts=do())
                effect = replace(told, lines=[ends, *told.lines])
                confirm(request, effect, title=gettext("New PIN for joining by phone?"), **self._asking_about(room))
        except NotFound:
            raise Http404 from None
        self.message_user(request, gettext("There is a new PIN for joining by phone."), SUCCESS)
        return redirect(_entry_page(room.pk))

    def code_view(self, request: HttpRequest, room_id: uuid.UUID, code_id: uuid.UUID) -> HttpResponse:
        """Withdraws a guest code; asks before."""
        room = self._operable(request, room_id)
        code = get_object_or_404(InviteCode.objects.select_related("room__created_by"), pk=code_id, room=room)
        withdraw_codes(request, [code], **self._asking_about(room))
        self.message_user(request, gettext("The guest code was withdrawn."), SUCCESS)
        return redirect(_entry_page(room.pk))

    def guesses_view(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """Lets everybody try again at once who has to wait after wrong passwords or PINs."""
        room = self._operable(request, room_id)
        count = forget_guesses(room=room, actor=Actor.by_admin(request.user))
        text = ngettext(
            "Nobody has to wait: %(count)d wrong try no longer counts.",
            "Nobody has to wait: %(count)d wrong tries no longer count.",
            count,
        )
        self.message_user(request, text % {"count": count}, SUCCESS if count else WARNING)
        return redirect(_entry_page(room.pk))

    def _room(self, request: HttpRequest, room_id: uuid.UUID) -> Room:
        room: Room = get_object_or_404(self.get_queryset(request).select_related(*ALONG), pk=room_id)
        return room

    def _operable(self, request: HttpRequest, room_id: uuid.UUID) -> Room:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        return self._room(request, room_id)

    def _asking_about(self, room: Room) -> dict[str, Any]:
        return {"opts": self.opts, "original": room, "back": _entry_page(room.pk)}


admin.site.register(RoomSession, LiveAdmin)


def _entry_page(room_id: uuid.UUID) -> str:
    return reverse("admin:rooms_room_entry", args=[room_id])
