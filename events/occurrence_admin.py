"""The part of the meetings' admin that is about single occurrences: the next ones, and the pages that change one."""

import uuid
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars import recurrence
from calendars.recurrence import Occurrence
from calendars.times import instance_id, to_wall
from events.admin_effects import change_confirmed, notified
from events.admin_times import occurrence_in_words, start_in_words
from events.instances import one_of_event
from events.models import Event, EventException
from events.occurrence_form import FOLLOWING, ONE, OccurrenceForm
from events.schedule import InvalidEvent
from events.services.instances import update_instance
from rest.errors import NotFound
from staff.admin import IdSearchAdmin
from staff.effects import goes_back

SHOWN_OCCURRENCES = 10
SHOWN_PARTS = 20


@dataclass(frozen=True)
class Shown:
    """An occurrence on the meeting's page; `moved_from` is where the series has it, "" where it is there."""

    name: str
    when: str
    is_cancelled: bool
    moved_from: str
    title: str


def next_of(event: Event) -> list[Shown]:
    series = event.as_series()
    if series is None:
        return []
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    coming = recurrence.occurrences(series, after=timezone.now(), overrides=overrides)
    return [_shown(event, item) for item in islice(coming, SHOWN_OCCURRENCES)]


def _shown(event: Event, item: Occurrence) -> Shown:
    exception = item.override.key if item.override else None
    has_moved = item.starts_at != item.original_starts_at
    return Shown(
        name=instance_id(item.original_starts_at),
        when=occurrence_in_words(event, item),
        is_cancelled=item.is_cancelled,
        moved_from=start_in_words(event, item.original_starts_at) if has_moved else "",
        title=(exception.title or "") if isinstance(exception, EventException) else "",
    )


class OccurrencesAdmin(IdSearchAdmin):
    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view
        place = "<uuid:event_id>/occurrences/<str:name>/"
        return [
            path(place, page(self.occurrence_view), name="events_event_occurrence"),
            path(f"{place}cancel/", page(self.cancel_view), name="events_event_cancel"),
            path(f"{place}restore/", page(self.restore_view), name="events_event_restore"),
            *super().get_urls(),
        ]

    def occurrence_view(self, request: HttpRequest, event_id: uuid.UUID, name: str) -> HttpResponse:
        """One occurrence of a series: changed alone, or together with those that follow."""
        event = self._series(request, event_id)
        found = self._occurrence(request, event, name)
        if found is None:
            return redirect("admin:events_event_change", event.pk)
        occurrence, plain = found
        scope = FOLLOWING if request.GET.get("scope") == FOLLOWING else ONE
        form = OccurrenceForm(event, occurrence, plain, request.POST or None, scope=scope)
        if form.is_valid() and not goes_back(request) and (changed := self._save_occurrence(request, form)):
            self._tell(request, changed, gettext("The occurrence was changed."))
            return redirect("admin:events_event_change", changed.pk)
        context = self.admin_site.each_context(request) | {
            "title": occurrence_in_words(event, occurrence),
            "form": form,
            "event": event,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/events/event/occurrence.html", context)

    def _save_occurrence(self, request: HttpRequest, form: OccurrenceForm) -> Event | None:
        """Asks first. The event that the occurrence belongs to afterwards; None where the form has mistakes."""
        try:
            return change_confirmed(
                request,
                partial(form.save, Actor.by_admin(request.user)),
                event=form.event,
                title=form.question(),
                changes=form.changes(),
                lines=form.consequences(),
                is_grave=form.splits,
            )
        except InvalidEvent as error:
            form.add_error(None, str(error.detail))
            return None

    def cancel_view(self, request: HttpRequest, event_id: uuid.UUID, name: str) -> HttpResponse:
        return self._set_cancelled(request, event_id, name, is_cancelled=True)

    def restore_view(self, request: HttpRequest, event_id: uuid.UUID, name: str) -> HttpResponse:
        return self._set_cancelled(request, event_id, name, is_cancelled=False)

    def _set_cancelled(
        self, request: HttpRequest, event_id: uuid.UUID, name: str, *, is_cancelled: bool
    ) -> HttpResponse:
        """By a button of the meeting's page; whoever follows the address alone gets the form."""
        if request.method != "POST":
            return redirect("admin:events_event_occurrence", event_id, name)
        event = self._series(request, event_id)
        found = self._occurrence(request, event, name)
        if found is not None:
            occurrence, _plain = found
            question = gettext("Cancel %(when)s?") if is_cancelled else gettext("Restore %(when)s?")
            change_confirmed(
                request,
                partial(
                    update_instance,
                    event=event,
                    original_starts_at=occurrence.original_starts_at,
                    actor=Actor.by_admin(request.user),
                    columns={},
                    is_cancelled=is_cancelled,
                ),
                event=event,
                title=question % {"when": occurrence_in_words(event, occurrence)},
                is_grave=occurrence.is_cancelled != is_cancelled,
                back=reverse("admin:events_event_change", args=[event.pk]),
            )
            done = gettext("The occurrence was cancelled.") if is_cancelled else gettext("The occurrence was restored.")
            self._tell(request, event, done)
        return redirect("admin:events_event_change", event.pk)

    def _series(self, request: HttpRequest, event_id: uuid.UUID) -> Event:
        event: Event = get_object_or_404(self.get_queryset(request).exclude(recurrence_pattern=[]), pk=event_id)
        if not self.has_change_permission(request, event):
            raise PermissionDenied
        return event

    def _occurrence(self, request: HttpRequest, event: Event, name: str) -> tuple[Occurrence, Occurrence] | None:
        """As it is, and as the series says. Whoever saves one that is gone meanwhile is told so, and gets None."""
        try:
            occurrence, plain = (one_of_event(event.as_series(), rows, name) for rows in (event.exceptions.all(), ()))
        except NotFound:
            if request.method != "POST":
                raise Http404 from None
            self.message_user(request, gettext("The series has no such occurrence any more."), WARNING)
            return None
        return occurrence, plain

    def _tell(self, request: HttpRequest, event: Event, done: str) -> None:
        who = notified(event)
        self.message_user(request, f"{done} {who}" if who else gettext("Nothing was changed."), SUCCESS)

    @admin.display(description=_("next occurrences"))
    def next_occurrences(self, event: Event) -> SafeString | str:
        if event.as_series() is None:
            return "-"
        return render_to_string("admin/events/event/occurrences.html", {"rows": next_of(event), "event": event})

    @admin.display(description=_("parts of the series"))
    def parts(self, event: Event) -> SafeString | str:
        """Of a series that was split: all in their order, this one among them."""
        rows = list(Event.objects.filter(series=event.series).order_by("starts_at")[:SHOWN_PARTS])
        if len(rows) < 2:
            return "-"
        shown = [(row, _span(row)) for row in rows]
        return render_to_string("admin/events/event/parts.html", {"rows": shown, "event": event})


def _span(event: Event) -> str:
    """The days of the first and the last occurrence."""
    ends = (event.starts_at, event.last_starts_at if event.series_ends_at else None)
    return " – ".join(date_format(to_wall(at, event.starts_at_zone), "DATE_FORMAT") if at else "…" for at in ends)
