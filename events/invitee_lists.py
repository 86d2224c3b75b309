"""Lists of a meeting's invitees for staff: the way to the import, and the export with their answers."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from activity.exports import file_name, record_export
from events.access import place
from events.models import Event
from imports.links import import_page
from invites.models import EmailInvite, EventInvite, Reply
from staff.admin import IdSearchAdmin
from staff.exports import EXPORT_LISTS
from staff.tables.writing import download

COLUMNS = ("email", "name", "role", "answer", "answered_at", "comment", "has_account", "invited_by", "invited_at")


class InviteeLists(IdSearchAdmin):
    """The part of the meetings' admin that is about lists of invitees."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.invitees_view)
        return [path("<uuid:event_id>/invitees.csv", view, name="events_event_invitees"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lists: dict[str, Any] = {}
        try:
            event_id = uuid.UUID(object_id)
        except ValueError:
            event_id = None
        if event_id and request.user.has_perm(EXPORT_LISTS):
            lists["export_page"] = reverse("admin:events_event_invitees", args=[event_id])
        if event_id:
            lists["import_page"] = import_page(request, "invitees", event_id)
        return super().change_view(request, object_id, form_url, lists | (extra_context or {}))

    def invitees_view(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponseBase:
        """Accounts first, then addresses; the columns begin with those of the import."""
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not (self.has_view_permission(request, event) and request.user.has_perm(EXPORT_LISTS)):
            raise PermissionDenied
        count = event.invites.count() + event.email_invites.count()
        record_export(request, "events.event invitees", count, subject=event, place=place(event))
        return download(file_name("invitees"), COLUMNS, _rows(event))


def _rows(event: Event) -> Iterator[tuple[Any, ...]]:
    names = ("invitee__first_name", "invitee__last_name")
    for found in _told(event.invites, "event_invite").values_list("invitee__email", *names, *_COMMON).iterator():
        yield _row(found, has_account=True)
    names = ("first_name", "last_name")
    for found in _told(event.email_invites, "email_invite").values_list("email", *names, *_COMMON).iterator():
        yield _row(found, has_account=False)


_COMMON = ("role", "status", "answered_at", "comment", "created_by__email", "created_at")


def _told(invites: Any, name: str) -> QuerySet[EventInvite] | QuerySet[EmailInvite]:
    """With the invitee's last answer to the whole meeting."""
    own = Reply.objects.filter(**{name: OuterRef("pk")}, occurrence=None, is_by_invitee=True, is_stale=False)
    last = own.order_by("-received_at")
    found: QuerySet[Any] = invites.annotate(
        answered_at=Subquery(last.values("received_at")[:1]), comment=Subquery(last.values("comment")[:1])
    )
    return found.order_by(F("created_at"), "pk")


def _row(found: tuple[Any, ...], *, has_account: bool) -> tuple[Any, ...]:
    email, first_name, last_name, role, status, answered_at, comment, *invited = found
    name = f"{first_name} {last_name}".strip()
    return email, name, role, status, answered_at, comment, has_account, *invited
