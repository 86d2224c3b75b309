"""Live meetings for staff: which run, who is in, since when and from where; to end one, and to remove a person."""

import uuid
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from activity.actors import Actor
from activity.models import Activity
from events.models import Event
from signaling import live_rows
from signaling.models import Participant, RoomSession
from signaling.services import chat_records
from signaling.services.sessions import Taken, settle
from signaling.services.staff import end_meeting, remove_person
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, confirm
from staff.links import linked

MOST_MESSAGES = 1000


class RunningFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ended", _("over")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        for value, title in ((None, _("running")), *self.lookup_choices):
            changed = {self.parameter_name: value} if value else {}
            query = changelist.get_query_string(changed, [] if value else [self.parameter_name])
            yield {"selected": self.value() == value, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[RoomSession]) -> QuerySet[RoomSession]:
        if self.value() == "all":
            return queryset
        return queryset.filter(ended_at__isnull=self.value() != "ended")


def _present(*where: str) -> Coalesce:
    """How many people; a recorder is none."""
    people = Participant.objects.filter(session=OuterRef("pk"), where__in=where).exclude(kind=Participant.Kind.RECORDER)
    count = people.order_by().values("session").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0, output_field=IntegerField())


class LiveAdmin(ReadOnlyAdmin):
    tenant_path = "room__tenant_id"
    list_display = ("meeting", "started_at", "joined", "waiting", "closes_at", "ended_at")
    list_filter = (RunningFilter,)
    list_select_related = ("room__created_by",)
    id_fields = ("id", "room")
    search_fields = ("room__created_by__email",)
    search_help_text = _("The address of the room's owner, or the id of a room")
    ordering = ("-opened_at", "id")
    show_facets = admin.ShowFacets.NEVER  # the one filter is about few rows
    show_full_result_count = False
    fields = (
        "meeting", "shown_room", "owner", "opened_at", "started_at", "joined", "waiting", "has_waiting_room",
        "allows_hands", "closes_at", "ended_at", "chat",
    )  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/signaling/roomsession/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomSession]:
        event = Event.objects.filter(room=OuterRef("room"), continued_by=None).order_by("-starts_at", "pk")
        sessions: QuerySet[RoomSession] = super().get_queryset(request)
        return sessions.select_related("room__created_by").annotate(
            event_title=Subquery(event.values("title")[:1]),
            joined_count=_present("joined"),
            waiting_count=_present("waiting", "accepted"),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "chat" or self.has_read_permission(request)]

    def called(self, session: RoomSession) -> str:
        return getattr(session, "event_title", None) or str(session.room)

    def history_of(self, session: RoomSession) -> QuerySet[Activity]:
        """Of the room, which the log tells it of."""
        return Activity.objects.filter(room_id=session.room_id)

    @admin.display(description=_("meeting"))
    def meeting(self, session: RoomSession) -> str:
        return self.called(session)

    @admin.display(description=_("room"))
    def shown_room(self, session: RoomSession) -> SafeString:
        return linked(session.request, session.room)  # type: ignore[attr-defined]

    @admin.display(description=_("owner"))
    def owner(self, session: RoomSession) -> SafeString:
        return linked(session.request, session.room.created_by)  # type: ignore[attr-defined]

    @admin.display(description=_("people in it"))
    def joined(self, session: RoomSession) -> int:
        return int(session.joined_count)  # type: ignore[attr-defined]

    @admin.display(description=_("people who wait"))
    def waiting(self, session: RoomSession) -> int:
        return int(session.waiting_count)  # type: ignore[attr-defined]

    @admin.display(description=_("chat"))
    def chat(self, session: RoomSession) -> SafeString:
        return live_rows.link(reverse("admin:signaling_roomsession_chat", args=[session.pk]), gettext("Read the chat"))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a live meeting; to end it and to remove people are the changes there are."""
        return request.user.has_perm("signaling.change_roomsession")

    def has_read_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("signaling.read_chat")

    def get_urls(self) -> list[Any]:
        views = (
            ("end/", "end", require_POST(self.end_view)),
            ("remove/<uuid:participant_id>/", "remove", require_POST(self.remove_view)),
            ("chat/", "chat", require_safe(self.chat_view)),
        )
        own = [
            path(f"<uuid:session_id>/{where}", self.admin_site.admin_view(view), name=f"signaling_roomsession_{name}")
            for where, name, view in views
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        session = self.get_object(request, object_id)
        extra: dict[str, Any] = {"subtitle": self.called(session)} if session else {}
        if session and session.ended_at is None:
            extra["people"] = live_rows.people(request, session)
        context = {"may_operate": self.has_operate_permission(request), **extra, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def end_view(self, request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
        """Asks before."""
        session = self._operable(request, session_id)
        told = gettext("All people who are in it or wait leave at once. Whoever may enter can start a new one.")
        do = partial(end_meeting, room_id=session.room_id, actor=Actor.by_admin(request.user))
        is_done = self._do(request, session, do, told, gettext("End the live meeting for everybody?"))
        if is_done:
            self.message_user(request, gettext("The live meeting is over."), SUCCESS)
        return redirect(_page(session))

    def remove_view(self, request: HttpRequest, session_id: uuid.UUID, participant_id: uuid.UUID) -> HttpResponse:
        """Asks before."""
        session = self._operable(request, session_id)
        person = get_object_or_404(Participant, session=session, participant_id=participant_id)
        told = gettext(
            "%(name)s leaves at once. Whoever may enter can come back: withdraw the invitation or the guest code first."
        )
        do = partial(
            remove_person,
            room_id=session.room_id,
            participant_id=participant_id,
            actor=Actor.by_admin(request.user),
        )
        names = {"name": person.display_name}
        title = gettext("Remove %(name)s from the live meeting?") % names
        if self._do(request, session, do, told % names, title):
            self.message_user(request, gettext("%(name)s is out.") % names, SUCCESS)
        return redirect(_page(session))

    def chat_view(self, request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
        """What was said, and is still kept."""
        session = self._session(request, session_id)
        if not self.has_read_permission(request):
            raise PermissionDenied
        said = list(chat_records.said_in(session)[: MOST_MESSAGES + 1])
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": session,
            "title": gettext("Chat of %(meeting)s") % {"meeting": self.called(session)},
            "messages_said": live_rows.messages(session, said[:MOST_MESSAGES]),
            "most": MOST_MESSAGES if len(said) > MOST_MESSAGES else 0,
            "is_live": session.ended_at is None,
            "are_kept": chat_records.are_kept(),
        }
        return TemplateResponse(request, "admin/signaling/roomsession/chat.html", context)

    def _do(self, request: HttpRequest, session: RoomSession, do: partial[Taken], told: str, title: str) -> bool:
        """Whether there was anything to do. What modules asked for follows when it is committed."""
        with transaction.atomic():
            taken = do()
            effect = Effect(lines=[told], facts=str(session.pk))
            confirm(request, effect, title=title, opts=self.opts, original=session, back=_page(session))
        settle(room_id=session.room_id, taken=taken)
        if not taken.was_sent:
            self.message_user(request, gettext("That had happened already."), WARNING)
        return taken.was_sent

    def _session(self, request: HttpRequest, session_id: uuid.UUID) -> RoomSession:
        if not self.has_view_permission(request):
            raise PermissionDenied
        session: RoomSession = get_object_or_404(self.get_queryset(request), pk=session_id)
        return session

    def _operable(self, request: HttpRequest, session_id: uuid.UUID) -> RoomSession:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        return self._session(request, session_id)


def _page(session: RoomSession) -> str:
    return reverse("admin:signaling_roomsession_change", args=[session.pk])
