"""What hangs on a meeting, as rows of its page in the admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from calendars import recurrence, reminders
from calendars.times import instance_id
from events.admin_times import occurrence_in_words, start_in_words
from events.answer_admin import last_answer
from events.models import EventException, Reminder
from invites.models import EmailInvite, EventInvite

SHOWN_ROWS = 50


class FirstRows(BaseInlineFormSet):
    """A meeting may have a thousand people: the page shows the first."""

    def get_queryset(self) -> QuerySet[Any]:
        if not hasattr(self, "_first"):
            self._first = super().get_queryset()[:SHOWN_ROWS]
        return self._first


class _ReadOnlyInline(admin.TabularInline):
    formset = FirstRows
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInviteInline(_ReadOnlyInline):
    model = EventInvite
    fields = readonly_fields = ("invitee", "role", "status", "last_answer", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventInvite]:
        rows: QuerySet[EventInvite] = super().get_queryset(request).select_related("invitee", "created_by", "event")
        return _with_right(request, rows).prefetch_related("replies")

    @admin.display(description=_("last answer"))
    def last_answer(self, invite: EventInvite) -> SafeString | str:
        return last_answer(invite, may_record=invite.may_change)  # type: ignore[attr-defined]


class EmailInviteInline(_ReadOnlyInline):
    model = EmailInvite
    fields = readonly_fields = ("email", "role", "status", "last_answer", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailInvite]:
        rows: QuerySet[EmailInvite] = super().get_queryset(request).select_related("created_by", "event")
        return _with_right(request, rows).prefetch_related("replies")

    @admin.display(description=_("last answer"))
    def last_answer(self, invite: EmailInvite) -> SafeString | str:
        return last_answer(invite, may_record=invite.may_change)  # type: ignore[attr-defined]


class ReminderInline(_ReadOnlyInline):
    """Of persons, and without a person of everybody."""

    model = Reminder
    fields = readonly_fields = ("user", "wanted")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description=_("rules"))
    def wanted(self, reminder: Reminder) -> str:
        rules = map(reminders.read, reminder.rules)
        told = (f"-{rule.minutes} min" if rule.at is None else f"-{rule.days} d, {rule.at:%H:%M}" for rule in rules)
        return "; ".join(told) or "-"


class EventExceptionInline(_ReadOnlyInline):
    model = EventException
    fields = readonly_fields = ("occurrence", "kind", "title", "when")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventException]:
        return _with_right(request, super().get_queryset(request).select_related("event"))

    @admin.display(description=_("when"))
    def when(self, exception: EventException) -> str:
        series = exception.event.as_series()
        if series is None or (exception.starts_at is None and exception.ends_at is None):
            return "-"
        return occurrence_in_words(exception.event, recurrence.overridden(series, exception.as_override()))

    @admin.display(description=_("original start"))
    def occurrence(self, exception: EventException) -> SafeString:
        name = instance_id(exception.original_starts_at)
        shown = start_in_words(exception.event, exception.original_starts_at)
        if not exception.may_change:  # type: ignore[attr-defined]
            return SafeString(escape(shown))
        page = reverse("admin:events_event_occurrence", args=[exception.event_id, name])
        return format_html('<a href="{}">{}</a>', page, shown)


def _with_right(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Whether the reader may change the meeting."""
    may_change = models.Value(request.user.has_perm("events.change_event"), models.BooleanField())
    found: QuerySet[Any] = rows.annotate(may_change=may_change)
    return found
