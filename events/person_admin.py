"""People for staff, with what each of them sees of their meetings."""

import re
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from activity.actors import Actor
from calendars.times import is_zone, zone
from events.leaving_admin import LeavingAdmin
from events.meeting_rows import MeetingRow
from events.person_state import PersonState
from events.seen_as import Answer, ask, caller
from events.services.seen_as import look_as
from rest.renderers import timestamp
from users.models import User

SEE_AS = "users.see_as_user"
SAFE = ("GET", "HEAD", "OPTIONS")
PER_PAGE = 20
COMING = 10  # occurrences on the page of one meeting
MONTH = re.compile(r"((?:19|2\d)\d\d)-(0[1-9]|1[0-2])")
YEARS = range(1900, 3000)


class PersonAdmin(PersonState, LeavingAdmin):
    tenant_path = "tenant_id"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view
        return [
            path("<uuid:id>/sees/", page(self.agenda_view), name="users_user_sees"),
            path("<uuid:id>/sees/<uuid:event_id>/", page(self.event_view), name="users_user_sees_event"),
            *super().get_urls(),
        ]

    def has_see_as_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE_AS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_see_as": self.has_see_as_permission(request)}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def agenda_view(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - as in Django's own path
        """A month of the person's calendar, and what has no time."""
        person = self._seen(request, id)
        look_as(user=person, actor=Actor.by_admin(request.user), page="agenda")
        seen = caller(person)
        month = Month(request.GET.get("month", ""), person)
        answers = self._agenda(request, seen, month) if seen else []
        lists = [[MeetingRow(item, zone=_zone_of(person)) for item in _items(answer)] for answer in answers[:2]]
        context = {
            "month": month,
            "lists": lists,
            "answers": answers,
            "after": answers[0].after if answers else "",
            "is_first_page": "after" not in request.GET,
        }
        return self._page(request, person, seen, "agenda", context)

    def _agenda(self, request: HttpRequest, seen: User, month: "Month") -> list[Answer]:
        """Occurrences in the month, meetings without time, and the meetings of which those are occurrences."""
        get = partial(ask, user=seen, per_page=PER_PAGE)
        window: dict[str, Any] = {"time_min": timestamp(month.begins), "time_max": timestamp(month.ends)}
        return [
            get("/v1/events/instances", **window, after=request.GET.get("after")),
            get("/v1/events", time_independent="true"),
            get("/v1/events", **window),
        ]

    def event_view(self, request: HttpRequest, id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:  # noqa: A002
        """One meeting as the person sees it."""
        person = self._seen(request, id)
        look_as(user=person, actor=Actor.by_admin(request.user), page="event", event_id=event_id)
        seen = caller(person)
        context: dict[str, Any] = {"answers": []}
        if seen:
            get = partial(ask, user=seen)
            event = get(f"/v1/events/{event_id}", invitees_max=PER_PAGE)
            now = timestamp(timezone.now())
            coming = get(f"/v1/events/{event_id}/instances", time_min=now, per_page=COMING)
            context = {
                "answers": [event, coming],
                "meeting": MeetingRow(event.body, zone=_zone_of(person)) if event.status == 200 else None,
                "coming": [MeetingRow(item, zone=_zone_of(person)) for item in _items(coming)],
            }
        return self._page(request, person, seen, "event", context)

    def _seen(self, request: HttpRequest, id: uuid.UUID) -> User:  # noqa: A002
        """The person to be seen as. Whatever wants more than to look is refused."""
        if request.method not in SAFE or not self.has_see_as_permission(request):
            raise PermissionDenied
        person: User = get_object_or_404(self.get_queryset(request).select_related("tenant"), pk=id)
        if not self.has_view_permission(request, person):
            raise PermissionDenied
        return person

    def _page(
        self, request: HttpRequest, person: User, seen: User | None, name: str, values: dict[str, Any]
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": person,
            "is_seen": seen is not None,
            "zone": _zone_of(person),
            "title": gettext("What %(who)s sees") % {"who": person},
        }
        return TemplateResponse(request, f"admin/users/user/sees_{name}.html", context | values)


class Month:
    """`text` is a month as 2026-11, else the present one is meant; in the person's time zone."""

    def __init__(self, text: str, person: User) -> None:
        here = zone(_zone_of(person))
        today = timezone.now().astimezone(here)
        found = MONTH.fullmatch(text)
        year, month = (int(found[1]), int(found[2])) if found else (today.year, today.month)
        self.begins = datetime(year, month, 1, tzinfo=here)
        following = (self.begins + timedelta(days=31)).replace(day=1)
        # The API takes both ends in.
        self.ends = following - timedelta(seconds=1)
        self.name = f"{self.begins:%Y-%m}"
        self.next_name = f"{following:%Y-%m}" if following.year in YEARS else ""
        before = self.begins - timedelta(days=1)
        self.previous_name = f"{before:%Y-%m}" if before.year in YEARS else ""


def _zone_of(person: User) -> str:
    """The person's own, else that of the staff who look: browsers know it, we do not."""
    return person.time_zone if is_zone(person.time_zone) else timezone.get_current_timezone_name()


def _items(answer: Answer) -> list[dict[str, Any]]:
    return answer.body if answer.status == 200 else []
