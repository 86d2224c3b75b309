"""The admin's page for one occurrence: change or cancel it alone, or go on differently from it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminRadioSelect, AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars.recurrence import Occurrence
from calendars.times import from_wall, to_wall
from events.models import Event, EventException
from events.services.instances import update_instance
from events.services.series import reschedule_event

ONE, FOLLOWING = "one", "following"
DAY = timedelta(days=1)


class OccurrenceForm(forms.Form):
    """Times are those of the series' zone; the last day of an all-day occurrence is its own, as people say it."""

    scope = forms.ChoiceField(
        label=_("Change"),
        choices=[(ONE, _("This occurrence only")), (FOLLOWING, _("This and all following ones"))],
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
        initial=ONE,
    )
    title = forms.CharField(label=_("title"), max_length=255, required=False, widget=AdminTextInputWidget)
    description = forms.CharField(label=_("description"), max_length=4096, required=False, widget=AdminTextareaWidget)
    is_cancelled = forms.BooleanField(label=_("cancelled"), required=False)

    def __init__(self, event: Event, occurrence: Occurrence, data: Any = None) -> None:
        self.event, self.occurrence = event, occurrence
        exception = occurrence.override.key if occurrence.override else None
        self.is_all_day = bool(event.is_all_day)
        initial = {"title": event.title, "description": event.description, "is_cancelled": occurrence.is_cancelled}
        if isinstance(exception, EventException):
            self.is_all_day = self.is_all_day if exception.is_all_day is None else exception.is_all_day
            own = {"title": exception.title, "description": exception.description}
            initial |= {name: value for name, value in own.items() if value is not None}
        super().__init__(data, initial=initial | self._times())
        kind = forms.DateField if self.is_all_day else forms.DateTimeField
        widget = forms.DateInput if self.is_all_day else forms.DateTimeInput
        written = {"type": "date" if self.is_all_day else "datetime-local"}
        text = "%Y-%m-%d" if self.is_all_day else "%Y-%m-%dT%H:%M"
        for name, label in (("starts_at", _("start")), ("ends_at", _("end"))):
            self.fields[name] = kind(label=label, widget=widget(attrs=written, format=text))
        self.order_fields(["scope", "title", "description", "starts_at", "ends_at", "is_cancelled"])

    def _times(self) -> dict[str, Any]:
        instants = {"starts_at": self.occurrence.starts_at, "ends_at": self.occurrence.ends_at}
        if not self.is_all_day:
            return instants
        days = {name: to_wall(at, self.event.starts_at_zone).date() for name, at in instants.items()}
        return days | {"ends_at": days["ends_at"] - DAY}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") == FOLLOWING and cleaned.get("is_cancelled"):
            self.add_error("is_cancelled", _("Only single occurrences can be cancelled here"))
        return cleaned

    def save(self, actor: Actor) -> Event:
        """The event that the occurrence belongs to afterwards. Raises InvalidEvent."""
        words = [name for name in ("title", "description") if name in self.changed_data]
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in words}
        times = self._changed_times()
        if self.cleaned_data["scope"] == FOLLOWING:
            return reschedule_event(
                event=self.event,
                actor=actor,
                starts_from=self.occurrence.original_starts_at,
                schedule=times,
                columns=values,
            )
        update_instance(
            event=self.event,
            original_starts_at=self.occurrence.original_starts_at,
            actor=actor,
            columns=values | times,
            is_cancelled=self.cleaned_data["is_cancelled"] if "is_cancelled" in self.changed_data else None,
        )
        return self.event

    def _changed_times(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in ("starts_at", "ends_at"):
            if name in self.changed_data:
                found |= {name: self._instant(name), f"{name}_zone": self.event.starts_at_zone}
        return found

    def _instant(self, name: str) -> datetime:
        value: date | datetime = self.cleaned_data[name]
        if isinstance(value, datetime):
            return value
        day = value + DAY if name == "ends_at" else value
        return from_wall(datetime.combine(day, time()), self.event.starts_at_zone)
