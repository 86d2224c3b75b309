"""The list of meetings for staff: what it is searched and filtered by, and whether a meeting takes place now."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars import recurrence
from database.folding import folded
from events.models import Event, EventException
from invites.models import EmailInvite, EventInvite
from staff.chosen import ChosenFilter
from staff.html import short_time


def matching(events: QuerySet[Event], text: str) -> QuerySet[Event]:
    """Those in which every word occurs: in title, description, or the name or address of somebody in it.

    Or whose UID it is: calendars say this one, also of meetings that other programs have planned.
    """
    found = Q()
    for word in dict.fromkeys(folded(text).split()):
        # Subqueries without reference to the event: the tables of people are read once, and not for each event.
        users = EventInvite.objects.filter(invitee__search_text__contains=word)
        addresses = EmailInvite.objects.filter(search_text__contains=word)
        found &= (
            Q(search_text__contains=word)
            | Q(created_by__search_text__contains=word)
            | Q(organizer_name__icontains=word)
            | Q(organizer_address__icontains=word)
            | Q(pk__in=users.values("event"))
            | Q(pk__in=addresses.values("event"))
        )
    return events.filter(found | Q(uid=text.strip()))


def with_states(events: Iterable[Event], now: datetime) -> None:
    """Sets `state_told` of each. One statement."""
    rows = list(events)
    prefetch_related_objects(rows, "exceptions")
    for event in rows:
        event.state_told = _state(event, now)  # type: ignore[attr-defined]


def _state(event: Event, now: datetime) -> str:
    series = event.as_series()
    if series is None:
        return gettext("at no fixed time")
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    coming = recurrence.occurrences(series, after=now, overrides=overrides)
    following = next((item for item in coming if not item.is_cancelled), None)
    if following is None:
        return gettext("over")
    if following.starts_at <= now:
        return gettext("running")
    if not event.is_recurring:
        return gettext("planned")
    return gettext("series, next: %(when)s") % {"when": short_time(following.starts_at)}


class ConditionFilter(admin.SimpleListFilter):
    def conditions(self) -> dict[str, tuple[Any, Q]]:
        """The word and the condition of each choice, by what stands in the address."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, word) for name, (word, _condition) in self.conditions().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        chosen = self.conditions().get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class StateFilter(ConditionFilter):
    """By the first start and the last end: a series in between counts as under way between its dates too."""

    title = _("state")
    parameter_name = "state"

    def conditions(self) -> dict[str, tuple[Any, Q]]:
        now = timezone.now()
        is_over = Q(series_ends_at__lt=now)
        return {
            "running": (_("running, or a series under way"), Q(starts_at__lte=now) & ~is_over),
            "future": (_("not begun"), Q(starts_at__gt=now)),
            "past": (_("over"), is_over),
            "none": (_("at no fixed time"), Q(is_time_independent=True)),
        }


class OrganizerFilter(ChosenFilter):
    called = _("organizer")


class SeriesFilter(ConditionFilter):
    """Django's own filter for emptiness takes no JSON column."""

    title = _("recurrence")
    parameter_name = "is_series"

    def conditions(self) -> dict[str, tuple[Any, Q]]:
        later_part = Exists(Event.objects.filter(continued_by=OuterRef("pk")))
        return {
            "1": (_("repeats"), ~Q(recurrence_pattern=[])),
            "0": (_("once"), Q(recurrence_pattern=[])),
            "split": (_("part of a series that was split"), Q(continued_by__isnull=False) | Q(later_part)),
        }


class DatesFilter(ConditionFilter):
    """By what is special about single dates."""

    title = _("single dates")
    parameter_name = "dates"

    def conditions(self) -> dict[str, tuple[Any, Q]]:
        own = EventException.objects.filter(event=OuterRef("pk"))
        return {
            "cancelled": (_("cancelled"), Q(Exists(own.filter(kind=EventException.Kind.CANCELLED)))),
            "moved": (_("moved"), Q(Exists(own.exclude(starts_at=None)))),
        }
