"""The admin's page for one occurrence: change or cancel it, or change it and all that follow."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminRadioSelect, AdminTextareaWidget, AdminTextInputWidget
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars.details import Details, over
from calendars.lines import with_lf
from calendars.recurrence import Occurrence
from calendars.times import from_wall, to_wall
from events.models import Event, EventException
from events.services.instances import update_instance
from events.services.series import reschedule_event

ONE, FOLLOWING = "one", "following"
TEXTS, TIMES = ("title", "description"), ("starts_at", "ends_at")
SHOWN = (*TEXTS, *TIMES)
DAY = timedelta(days=1)


class WallTimeField(forms.DateTimeField):
    """What a clock shows, naive. Read in UTC, whose clock skips and repeats nothing."""

    def to_python(self, value: Any) -> Any:
        with timezone.override(UTC):
            moment = super().to_python(value)
        return moment and moment.replace(tzinfo=None)


class OccurrenceForm(forms.Form):
    """What it shows is what is stored: both times stay as shown when one of them is changed.

    Times are those of the series' zone; the last day of an all-day occurrence is its own, as people say it.
    """

    scope = forms.ChoiceField(
        label=_("Change"),
        choices=[(ONE, _("This occurrence only")), (FOLLOWING, _("This and all following occurrences"))],
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
    )
    title = forms.CharField(label=_("title"), max_length=255, required=False, strip=False, widget=AdminTextInputWidget)
    description = forms.CharField(
        label=_("description"), max_length=4096, required=False, strip=False, widget=AdminTextareaWidget
    )
    is_cancelled = forms.BooleanField(label=_("cancelled"), required=False)

    def __init__(
        self, event: Event, occurrence: Occurrence, plain: Occurrence, data: Any = None, *, scope: str = ONE
    ) -> None:
        """`plain` is the occurrence as the series says."""
        self.event, self.occurrence, self.plain = event, occurrence, plain
        exception = occurrence.override.key if occurrence.override else None
        series = Details(event.title, event.description, bool(event.is_all_day))
        details = over(series, exception if isinstance(exception, EventException) else None)
        self.is_all_day = details.is_all_day
        initial = {
            "title": details.title,
            "description": details.description,
            "is_cancelled": occurrence.is_cancelled,
        }
        super().__init__(data, initial=initial | self._times() | {"scope": scope})
        kind = forms.DateField if self.is_all_day else WallTimeField
        for name, label in (("starts_at", _("start")), ("ends_at", _("end"))):
            self.fields[name] = kind(label=label, widget=self._widget(name))
        self.order_fields(["scope", "title", "description", "starts_at", "ends_at", "is_cancelled"])

    def _times(self) -> dict[str, Any]:
        walls = {name: to_wall(getattr(self.occurrence, name), self.event.starts_at_zone) for name in TIMES}
        if not self.is_all_day:
            return walls
        return {"starts_at": walls["starts_at"].date(), "ends_at": walls["ends_at"].date() - DAY}

    def _widget(self, name: str) -> forms.DateInput | forms.DateTimeInput:
        if self.is_all_day:
            return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        has_seconds = getattr(self.occurrence, name).second
        step, text = ({"step": "1"}, "%Y-%m-%dT%H:%M:%S") if has_seconds else ({}, "%Y-%m-%dT%H:%M")
        return forms.DateTimeInput(attrs={"type": "datetime-local"} | step, format=text)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") == FOLLOWING and cleaned.get("is_cancelled"):
            self.add_error("is_cancelled", _("Only single occurrences can be cancelled here"))
        if all(name in cleaned for name in TIMES):
            self._check_times(cleaned)
        return cleaned

    def _check_times(self, cleaned: dict[str, Any]) -> None:
        try:
            start, end = (self._instant(name) for name in TIMES)
        except OverflowError:
            self.add_error(None, _("This date is out of range"))
            return
        if end < start or (self.is_all_day and cleaned["ends_at"] < cleaned["starts_at"]):
            self.add_error("ends_at", _("The end must not be before the start"))

    @property
    def splits(self) -> bool:
        """Whether it changes the occurrences that follow too: they become a meeting of their own."""
        return self.cleaned_data["scope"] == FOLLOWING and bool(
            self._schedule() or self._columns_unlike(self.event.title, self.event.description)
        )

    def question(self) -> str:
        """Before it is saved."""
        if self.cleaned_data["scope"] == FOLLOWING:
            return gettext("Change this and all following occurrences?")
        return gettext("Change this occurrence?")

    def changes(self) -> list[tuple[Any, ...]]:
        """What, old and new, of each field that is not as it was shown."""
        told = (
            (capfirst(str(self.fields[name].label)), _told(self.initial[name]), _told(self.cleaned_data[name]))
            for name in SHOWN
        )
        return [(label, old, new) for label, old, new in told if old != new]

    def consequences(self) -> list[str]:
        """What follows beside the changes, in sentences."""
        if self.splits:
            return [gettext("The series ends before this occurrence; it goes on as a new meeting in the same room.")]
        if "is_cancelled" not in self.changed_data:
            return []
        is_cancelled = self.cleaned_data["is_cancelled"]
        return [gettext("It is cancelled.") if is_cancelled else gettext("It takes place after all.")]

    def save(self, actor: Actor) -> Event:
        """The event that the occurrence belongs to afterwards. Raises InvalidEvent."""
        if self.cleaned_data["scope"] == FOLLOWING:
            schedule, columns = self._schedule(), self._columns_unlike(self.event.title, self.event.description)
            if schedule or columns:
                return reschedule_event(
                    event=self.event,
                    actor=actor,
                    starts_from=self.occurrence.original_starts_at,
                    schedule=schedule,
                    columns=columns,
                    restores_first=True,
                )
        times = self._instants() if set(TIMES) & set(self.changed_data) else {}
        update_instance(
            event=self.event,
            original_starts_at=self.occurrence.original_starts_at,
            actor=actor,
            columns=self._columns_unlike(self.initial["title"], self.initial["description"]) | times,
            is_cancelled=self.cleaned_data["is_cancelled"] if "is_cancelled" in self.changed_data else None,
        )
        return self.event

    def _columns_unlike(self, title: str, description: str) -> dict[str, Any]:
        known = {"title": title, "description": description}
        given = {name: with_lf(self.cleaned_data[name]) for name in TEXTS}
        return {name: value for name, value in given.items() if value != with_lf(known[name])}

    def _schedule(self) -> dict[str, Any]:
        """What is shown, where the series says something else of this occurrence."""
        times = self._instants() | {"is_all_day": self.is_all_day}
        planned = {
            "starts_at": self.plain.starts_at,
            "ends_at": self.plain.ends_at,
            "is_all_day": self.event.is_all_day,
        }
        return times if times | planned != times else {}

    def _instants(self) -> dict[str, Any]:
        """With the zones they are said in."""
        zones = {"starts_at_zone": self.event.starts_at_zone, "ends_at_zone": self.event.ends_at_zone}
        return zones | {name: self._instant(name) for name in TIMES}

    def _instant(self, name: str) -> datetime:
        # A clock shows some times twice: what was not changed stays the one that it was.
        if name not in self.changed_data:
            kept: datetime = getattr(self.occurrence, name)
            return kept
        value: date | datetime = self.cleaned_data[name]
        if not isinstance(value, datetime):
            value = datetime.combine(value + DAY if name == "ends_at" else value, time())
        return from_wall(value, self.event.starts_at_zone)


def _told(value: date | datetime | str) -> str:
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    return date_format(value, "DATE_FORMAT") if isinstance(value, date) else with_lf(value)
