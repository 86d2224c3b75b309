"""What becomes of the meetings of people whose accounts are disabled, as staff choose it."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.services.leaving import Decision, Fate
from users.models import User

FATES = {
    Fate.LEAVE: _("leave as they are"),
    Fate.HAND_OVER: _("hand over to another organizer"),
    Fate.CANCEL: _("cancel, with rooms and files"),
}
FATES_OF_ONE = {
    Fate.LEAVE: _("leave as it is"),
    Fate.HAND_OVER: _("hand over"),
    Fate.CANCEL: _("cancel"),
}


class OrganizerField(forms.ModelChoiceField):  # type: ignore[type-arg] # Django's takes none while it runs
    """Of those whom the staff may see. The services say who can have a meeting."""

    def __init__(self, people: Any, **kwargs: Any) -> None:
        column: Any = Event._meta.get_field("created_by")
        super().__init__(people, widget=AutocompleteSelect(column, admin.site), **kwargs)


class LeavingForm(forms.Form):
    """One choice for all, and one for each of `meetings` that goes before it."""

    fate = forms.ChoiceField(label=_("Meetings"), widget=forms.RadioSelect, initial=Fate.LEAVE)

    def __init__(self, people: Any, fates: Sequence[Fate], meetings: Sequence[Event], *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.meetings = meetings
        self.fields["fate"].choices = [(fate, FATES[fate]) for fate in fates]  # type: ignore[attr-defined]
        if Fate.HAND_OVER in fates:
            self.fields["to"] = OrganizerField(people, label=_("New organizer"), required=False)
        own = [("", _("as chosen above")), *((fate, FATES_OF_ONE[fate]) for fate in fates)]
        for meeting in meetings:
            label = _("What happens to %(meeting)s") % {"meeting": meeting}
            self.fields[f"fate_{meeting.pk}"] = _labelled(forms.ChoiceField(label=label, choices=own, required=False))
            if Fate.HAND_OVER in fates:
                label = _("New organizer of %(meeting)s") % {"meeting": meeting}
                self.fields[f"to_{meeting.pk}"] = _labelled(OrganizerField(people, label=label, required=False))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for meeting in [None, *self.meetings]:
            fate, to = _names(meeting)
            if given.get(fate) == Fate.HAND_OVER and not (given.get(to) or given.get("to")):
                self.add_error(to, _("Choose who organizes from now on."))
        return given

    def otherwise(self) -> Decision:
        return self._decision(None)

    def decisions(self) -> dict[uuid.UUID, Decision]:
        """Of those that have one of their own."""
        own = [meeting for meeting in self.meetings if self.cleaned_data[_names(meeting)[0]]]
        return {meeting.pk: self._decision(meeting) for meeting in own}

    def _decision(self, meeting: Event | None) -> Decision:
        fate, to = _names(meeting)
        chosen = Fate(self.cleaned_data[fate])
        return Decision(chosen, self._organizer(to) if chosen == Fate.HAND_OVER else None)

    def _organizer(self, name: str) -> User | None:
        found: User | None = self.cleaned_data.get(name) or self.cleaned_data.get("to")
        return found

    def rows(self) -> Iterator[tuple[Event, list[BoundField]]]:
        for meeting in self.meetings:
            yield meeting, [self[name] for name in _names(meeting) if name in self.fields]


def _names(meeting: Event | None) -> tuple[str, str]:
    return (f"fate_{meeting.pk}", f"to_{meeting.pk}") if meeting else ("fate", "to")


def _labelled(field: forms.Field) -> forms.Field:
    """Its column's head says it to who sees the table, the name to who hears it."""
    field.widget.attrs["aria-label"] = field.label
    return field


class HandoverForm(forms.Form):
    """Of one meeting."""

    keeps_former = forms.BooleanField(label=_("The organizer until now stays invited"), required=False, initial=True)

    def __init__(self, people: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"to": OrganizerField(people, label=_("New organizer")), **self.fields}
