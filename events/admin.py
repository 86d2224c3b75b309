"""Meetings for staff: next occurrences, invitees and their answers, mails, history.

Changes go through the same services as the API's, so that calendars, agendas and the log follow.
"""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.history.admin import latest
from activity.models import Activity
from calendars import words
from events.admin_effects import change_confirmed, notified
from events.admin_times import in_words, start_in_words
from events.deletion_admin import DeletionAdmin
from events.digest_admin import DigestAdmin
from events.digest_models import Digest
from events.folder_admin import FolderDeletionAdmin
from events.handover_admin import HandoverAdmin
from events.inbound_admin import InboundMailAdmin
from events.inlines import EmailInviteInline, EventExceptionInline, EventInviteInline, ReminderInline
from events.invite_admin import EmailInviteAdmin, EventInviteAdmin
from events.invitee_lists import InviteeLists
from events.mail_admin import MeetingMailAdmin, MeetingTemplateAdmin, mails_of
from events.meeting_list import DatesFilter, OrganizerFilter, SeriesFilter, StateFilter, matching, with_states
from events.models import Event, FolderDeletion
from events.occurrence_admin import OccurrencesAdmin
from events.person_admin import PersonAdmin
from events.services.events import update_event
from invites.models import EmailInvite, EventInvite, InboundMail
from mailer.models import MailTemplate, OutgoingMail
from staff.html import short_time
from users.models import User

SHOWN_ACTIVITIES = 10

admin.site.register(InboundMail, InboundMailAdmin)
admin.site.register(OutgoingMail, MeetingMailAdmin)
admin.site.register(MailTemplate, MeetingTemplateAdmin)
admin.site.register(Digest, DigestAdmin)
admin.site.register(FolderDeletion, FolderDeletionAdmin)
admin.site.register(User, PersonAdmin)
admin.site.register(EventInvite, EventInviteAdmin)
admin.site.register(EmailInvite, EmailInviteAdmin)


class EventForm(forms.ModelForm):
    class Meta:
        model = Event
        fields = ("title", "description", "show_meeting_details")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"title", "description"}:  # none of them, for who may only look
            cast("forms.CharField", self.fields[name]).strip = False  # as the API stores them


@admin.register(Event)
class EventAdmin(DeletionAdmin, OccurrencesAdmin, HandoverAdmin, InviteeLists):
    tenant_path = "tenant_id"
    form = EventForm
    list_display = ("shown_title", "start", "state", "created_by", "accepted", "updated")
    list_filter = (StateFilter, SeriesFilter, DatesFilter, ("created_by", OrganizerFilter), "is_adhoc")
    list_select_related = ("created_by",)
    id_fields = ("id", "room", "created_by")
    search_fields = ("search_text",)  # and more, in `found_by_words`
    search_help_text = _(
        "Words of the title or description, names or addresses of people in it, or the id of an event, room or person"
    )
    ordering = ("-updated_at",)
    date_hierarchy = "starts_at"
    show_full_result_count = False
    inlines = (EventInviteInline, EmailInviteInline, EventExceptionInline, ReminderInline)
    readonly_fields = (
        "when", "repeats", "next_occurrences", "parts", "organizer", "organizer_address", "room_link", "uid",
        "sequence", "created_at", "updated_by", "updated_at", "answers_chart", "proposals", "mails", "history",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("title", "description", "show_meeting_details")}),
        (_("Time"), {"fields": ("when", "repeats", "next_occurrences", "parts")}),
        (_("People and place"), {"fields": ("organizer", "organizer_address", "room_link")}),
        (_("Answers"), {"fields": ("answers_chart", "proposals"), "classes": ("before-inlines",)}),
        (_("Mails"), {"fields": ("mails",)}),
        (_("History"), {"fields": ("history",)}),
        (_("Calendars"), {"fields": ("uid", "sequence", "created_at", "updated_by", "updated_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """Without the mails and the history, for who may not look at those."""
        hidden = {
            name
            for name, model in (("mails", OutgoingMail), ("history", Activity))
            if not self.admin_site._registry[model].has_view_permission(request)
        }
        return [item for item in super().get_fieldsets(request, obj) if not hidden.intersection(item[1]["fields"])]

    def found_by_words(self, request: HttpRequest, queryset: QuerySet[Event], text: str) -> tuple[Any, bool]:
        return matching(queryset, text) if text.strip() else queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        with_states(changelist.result_list, timezone.now())
        return changelist

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A meeting belongs to the person who plans it and stands in that person's name.
        return False

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        columns = {name: form.cleaned_data[name] for name in form.changed_data}
        # The form has already changed `obj`; the service compares with the row as it is stored.
        event, actor = Event.objects.get(pk=obj.pk), Actor.by_admin(request.user)
        change_confirmed(
            request,
            partial(update_event, event=event, actor=actor, columns=columns),
            event=event,
            title=gettext("Save the changes?"),
            changes=[(form.fields[name].label, getattr(event, name), columns[name]) for name in columns],
        )
        if who := notified(obj):
            self.message_user(request, who)

    @admin.display(description=_("title"), ordering="title")
    def shown_title(self, event: Event) -> str:
        return str(event)

    @admin.display(description=_("state"))
    def state(self, event: Event) -> str:
        return event.state_told  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("start"), ordering="starts_at")
    def start(self, event: Event) -> str:
        return start_in_words(event, event.starts_at) if event.starts_at else "-"

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, event: Event) -> str | None:
        return short_time(event.updated_at)

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

    @admin.display(description=_("room"))
    def room_link(self, event: Event) -> SafeString:
        texts = {
            "change": str(event.room_id),
            "entry": gettext("Who can enter now, and why"),
            "live": gettext("Who is there now"),
        }
        pages = [(reverse(f"admin:rooms_room_{name}", args=[event.room_id]), text) for name, text in texts.items()]
        return format_html_join(" – ", '<a href="{}">{}</a>', pages)

    @admin.display(description=_("mails"))
    def mails(self, event: Event) -> SafeString:
        return render_to_string("admin/events/event/mails.html", mails_of(event, event.request))  # type: ignore[attr-defined]

    @admin.display(description=_("activity"))
    def history(self, event: Event) -> SafeString:
        shown = latest(self.history_of(event), event.request, count=SHOWN_ACTIVITIES)  # type: ignore[attr-defined]
        return render_to_string("admin/events/event/history.html", {"entries": shown, "event": event})

    def history_of(self, event: Event) -> QuerySet[Activity]:
        """With what happened to its room alone, which other parts of a split series have too."""
        of_room = Q(room_id=event.room_id, event_id=None)
        return Activity.objects.filter(Q(event_id=event.pk) | of_room)


def _locale() -> str:
    return get_language() or "en"
