"""Meetings for staff: next occurrences, invitees and their answers, mails, history.

Changes go through the same services as the API's, so that calendars, agendas and the log follow.
"""

import uuid
from collections import Counter
from itertools import islice
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.models import Activity
from calendars import recurrence, reminders, words
from calendars.times import instance_id
from events.admin_times import in_words, occurrence_in_words, start_in_words
from events.deletion import rooms_that_go, what_goes
from events.instances import one_of_event
from events.mail_admin import MeetingMailAdmin, MeetingTemplateAdmin
from events.models import Event, EventException, FolderDeletion, Reminder
from events.occurrence_form import OccurrenceForm
from events.schedule import InvalidEvent
from events.services.events import delete_event, update_event
from invites.models import EmailInvite, EventInvite
from mailer.models import MailTemplate, OutgoingMail
from rest.errors import NotFound
from rest.request_id import current
from staff.admin import IdSearchAdmin, ReadOnlyAdmin

SHOWN_OCCURRENCES = 10
SHOWN_ROWS = 50

admin.site.register(OutgoingMail, MeetingMailAdmin)
admin.site.register(MailTemplate, MeetingTemplateAdmin)


class _ReadOnlyInline(admin.TabularInline):
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
        return super().get_queryset(request).select_related("invitee", "created_by").prefetch_related("replies")

    @admin.display(description=_("last answer"))
    def last_answer(self, invite: EventInvite) -> str:
        return _last_answer(invite)


class EmailInviteInline(_ReadOnlyInline):
    model = EmailInvite
    fields = readonly_fields = ("email", "role", "status", "last_answer", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailInvite]:
        return super().get_queryset(request).select_related("created_by").prefetch_related("replies")

    @admin.display(description=_("last answer"))
    def last_answer(self, invite: EmailInvite) -> str:
        return _last_answer(invite)


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
        return super().get_queryset(request).select_related("event")

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
        page = reverse("admin:events_event_occurrence", args=[exception.event_id, name])
        return format_html('<a href="{}">{}</a>', page, shown)


def _last_answer(invite: EventInvite | EmailInvite) -> str:
    """When and how it was given, and the comment."""
    reply = next(iter(invite.replies.all()), None)
    if reply is None:
        return "-"
    words_of_it = f" “{reply.comment}”" if reply.comment else ""
    return f"{timezone.localtime(reply.received_at):%Y-%m-%d %H:%M} ({reply.get_via_display()}){words_of_it}"


class EventForm(forms.ModelForm):
    class Meta:
        model = Event
        fields = ("title", "description", "show_meeting_details")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "description"):
            cast("forms.CharField", self.fields[name]).strip = False  # as the API stores them


class SeriesFilter(admin.SimpleListFilter):
    """Django's own filter for emptiness takes no JSON column."""

    title = _("recurrence")
    parameter_name = "is_series"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("repeats")), ("0", _("once"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        match self.value():
            case "1":
                return queryset.exclude(recurrence_pattern=[])
            case "0":
                return queryset.filter(recurrence_pattern=[])
            case _:
                return queryset


@admin.register(Event)
class EventAdmin(IdSearchAdmin):
    form = EventForm
    list_display = ("title", "start", "is_recurring", "created_by", "invitees", "is_adhoc", "updated_at")
    list_filter = ("is_adhoc", "is_time_independent", SeriesFilter)
    list_select_related = ("created_by",)
    id_fields = ("id", "room", "created_by")
    search_fields = ("title", "uid__exact", "created_by__email")
    search_help_text = _("A title, the creator's address, or the id of an event or room")
    ordering = ("-updated_at",)
    date_hierarchy = "starts_at"
    show_full_result_count = False
    inlines = (EventInviteInline, EmailInviteInline, EventExceptionInline, ReminderInline)
    readonly_fields = (
        "when", "repeats", "next_occurrences", "created_by", "organizer_address", "room_link", "uid", "sequence",
        "created_at", "updated_by", "updated_at", "mails", "history",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("title", "description", "show_meeting_details")}),
        (_("Time"), {"fields": ("when", "repeats", "next_occurrences")}),
        (_("People and place"), {"fields": ("created_by", "organizer_address", "room_link")}),
        (_("Calendars"), {"fields": ("uid", "sequence", "created_at", "updated_by", "updated_at")}),
        (_("Mails"), {"fields": ("mails",)}),
        (_("History"), {"fields": ("history",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        counts = {name: Count(f"{name}s", distinct=True) for name in ("invite", "email_invite")}
        events: QuerySet[Event] = super().get_queryset(request)
        return events.annotate(**{f"{name}_count": count for name, count in counts.items()})

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A meeting belongs to the person who plans it and stands in that person's name.
        return False

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        columns = {name: form.cleaned_data[name] for name in form.changed_data}
        # The form has already changed `obj`; the service compares with the row as it is stored.
        update_event(event=Event.objects.get(pk=obj.pk), actor=Actor.by_admin(request.user), columns=columns)
        if notified := _who_is_notified(obj):
            self.message_user(request, notified)

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        delete_event(event=obj, actor=Actor.by_admin(request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        for event in queryset:
            self.delete_model(request, event)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Lists the meeting with everything that is deleted with it; one permission covers all of it."""
        counts: Counter[str] = Counter()
        going = rooms_that_go(objs)
        staying = [event for event in objs if event.room_id not in {room.pk for room in going}]
        for rows in (going, staying):
            counts.update(super().get_deleted_objects(rows, request)[1])
        return what_goes(objs), dict(counts), set(), []

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.occurrence_view)
        return [
            path("<uuid:event_id>/occurrences/<str:name>/", view, name="events_event_occurrence"),
            *super().get_urls(),
        ]

    def occurrence_view(self, request: HttpRequest, event_id: uuid.UUID, name: str) -> HttpResponse:
        """One occurrence of a series: changed alone, or together with those that follow."""
        event = get_object_or_404(Event.objects.exclude(recurrence_pattern=[]), pk=event_id)
        if not self.has_change_permission(request, event):
            raise PermissionDenied
        try:
            occurrence, plain = (one_of_event(event.as_series(), rows, name) for rows in (event.exceptions.all(), ()))
        except NotFound:
            raise Http404 from None
        form = OccurrenceForm(event, occurrence, plain, request.POST or None)
        if form.is_valid() and (changed := self._save_occurrence(request, form)):
            text = gettext("Nothing was changed.")
            if notified := _who_is_notified(changed):
                text = gettext("The occurrence was changed.") + " " + notified
            self.message_user(request, text, SUCCESS)
            return redirect("admin:events_event_change", changed.pk)
        context = self.admin_site.each_context(request) | {
            "title": occurrence_in_words(event, occurrence),
            "form": form,
            "event": event,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/events/event/occurrence.html", context)

    def _save_occurrence(self, request: HttpRequest, form: OccurrenceForm) -> Event | None:
        try:
            return form.save(Actor.by_admin(request.user))
        except InvalidEvent as error:
            form.add_error(None, str(error.detail))
            return None

    @admin.display(description=_("start"), ordering="starts_at")
    def start(self, event: Event) -> str:
        return start_in_words(event, event.starts_at) if event.starts_at else "-"

    @admin.display(description=_("repeats"), boolean=True)
    def is_recurring(self, event: Event) -> bool:
        return event.is_recurring

    @admin.display(description=_("invitees"))
    def invitees(self, event: Event) -> int:
        return int(event.invite_count + event.email_invite_count)  # type: ignore[attr-defined]

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, event: Event) -> str:
        if event.starts_at is None or event.ends_at is None:
            return gettext("at no fixed time")
        return in_words(event, event.starts_at, event.ends_at)

    @admin.display(description=_("recurrence"))
    def repeats(self, event: Event) -> str:
        series = event.as_series()
        if series is None or not series.pattern:
            return "-"
        return words.describe_pattern(series, locale=_locale(), gettext=gettext, ngettext=ngettext)

    @admin.display(description=_("next occurrences"))
    def next_occurrences(self, event: Event) -> SafeString | str:
        series = event.as_series()
        if series is None:
            return "-"
        overrides = [exception.as_override() for exception in event.exceptions.all()]
        coming = islice(recurrence.occurrences(series, after=timezone.now(), overrides=overrides), SHOWN_OCCURRENCES)
        rows = [
            (occurrence_in_words(event, item), instance_id(item.original_starts_at), item.is_cancelled)
            for item in coming
        ]
        return render_to_string("admin/events/event/occurrences.html", {"rows": rows, "event": event})

    @admin.display(description=_("room"))
    def room_link(self, event: Event) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:rooms_room_change", args=[event.room_id]), event.room_id
        )

    @admin.display(description=_("mails"))
    def mails(self, event: Event) -> SafeString:
        mails = OutgoingMail.objects.filter(event_id=event.pk).order_by("-created_at")
        return render_to_string("admin/events/event/mails.html", {"mails": mails[:SHOWN_ROWS], "event": event})

    @admin.display(description=_("activity"))
    def history(self, event: Event) -> SafeString:
        log = Activity.objects.filter(event_id=event.pk).order_by("-position")
        return render_to_string("admin/events/event/history.html", {"log": log[:SHOWN_ROWS], "event": event})


@admin.register(FolderDeletion)
class FolderDeletionAdmin(ReadOnlyAdmin):
    """Folders that the file service has not deleted yet; a row is removed with its folder."""

    list_display = ("path", "created_at", "state", "tried_at", "last_error")
    list_filter = (("tried_at", admin.EmptyFieldListFilter),)
    search_fields = ("path",)
    search_help_text = _("A part of the path, such as the id of the event")
    fields = readonly_fields = list_display
    ordering = ("created_at",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """An event's id stands in the path."""
        return admin.ModelAdmin.get_search_results(self, request, queryset, search_term)

    @admin.display(description=_("state"), ordering="tried_at")
    def state(self, deletion: FolderDeletion) -> str:
        return gettext("failed, will be retried") if deletion.tried_at else gettext("waiting")


def _who_is_notified(event: Event) -> str:
    """By what the log and the outbox have of this request; "" where nothing was changed."""
    causes = Activity.objects.filter(event_id=event.pk, request_id=current())
    if not causes.exists():
        return ""
    count = OutgoingMail.objects.filter(cause__in=causes.values("id")).count()
    if not count:
        return gettext("Nobody is notified.")
    return ngettext(
        "Everyone invited is notified (%(count)d mail).", "Everyone invited is notified (%(count)d mails).", count
    ) % {"count": count}


def _locale() -> str:
    return get_language() or "en"
