"""The part of the meetings' admin that deletes: one or several, after staff have seen what goes and who is mailed."""

import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.admin_effects import mails_by_kind, mails_in_words, not_sent
from events.admin_times import start_in_words
from events.deletion import rooms_that_go, what_goes
from events.models import Event
from events.services.dry_run import measured
from events.services.events import delete_event
from staff.admin import IdSearchAdmin
from staff.effects import Effect, Part, confirm

MOST_AT_ONCE = 100  # the change is made to be measured, in one transaction


class DeletionAdmin(IdSearchAdmin):
    actions = ("delete_selected",)
    delete_confirmation_template = "admin/events/event/delete.html"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """One permission covers all that goes; the page that asks names it, after the button was pressed."""
        return [], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        self._delete(request, [obj], back=reverse("admin:events_event_change", args=[obj.pk]))

    @admin.action(description=_("Delete selected events"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        events = list(queryset.select_related("shared_folder")[: MOST_AT_ONCE + 1])
        if len(events) > MOST_AT_ONCE:
            text = gettext("Nothing was deleted: choose at most %(count)d at once.") % {"count": MOST_AT_ONCE}
            self.message_user(request, text, WARNING)
            return
        count = self._delete(request, events, back=request.get_full_path())
        text = ngettext("%(count)d event was deleted.", "%(count)d events were deleted.", count)
        self.message_user(request, text % {"count": count}, SUCCESS)

    @transaction.atomic
    def _delete(self, request: HttpRequest, chosen: Sequence[Event], *, back: str) -> int:
        """Returns how many there were: some may be gone since the page was shown."""
        versions = _versions(chosen)
        events = [event for event in chosen if event.pk in versions]
        count = len(events)
        goes = [
            (str(event), start_in_words(event, event.starts_at) if event.starts_at else "-", "; ".join(lines))
            for event, lines in what_goes(events)
        ]
        counted, actor = self._counted(events, request), Actor.by_admin(request.user)
        runs = [(event, measured(partial(delete_event, event=event, actor=actor), event=event)[0]) for event in events]
        measures = [effects for _event, effects in runs]
        head = (gettext("Meeting"), gettext("Start"), gettext("What goes with it"))
        effect = Effect(
            lines=[mails_in_words(measures)],
            parts=[
                Part(gettext("What is deleted"), goes, head),
                Part(gettext("In all"), [(f"{name}: {number}",) for name, number in counted]),
                *mails_by_kind(measures),
            ],
            warnings=not_sent(runs),
            facts=sorted(versions.items()),
        )
        title = ngettext("Delete %(count)d event?", "Delete %(count)d events?", count) % {"count": count}
        confirm(request, effect, title=title, opts=self.opts, original=events[0] if count == 1 else None, back=back)
        return count

    def _counted(self, events: Sequence[Event], request: HttpRequest) -> list[tuple[str, int]]:
        """How many rows of each kind."""
        counts: Counter[str] = Counter()
        going = rooms_that_go(events)
        staying = [event for event in events if event.room_id not in {room.pk for room in going}]
        for rows in (going, staying):
            counts.update(super().get_deleted_objects(rows, request)[1])
        return sorted((capfirst(str(name)), number) for name, number in counts.items())


def _versions(events: Sequence[Event]) -> dict[uuid.UUID, int]:
    """The SEQUENCE of each, and of the other parts of their series; held until the transaction ends."""
    # In the order in which services take the parts of a series.
    rows = Event.objects.select_for_update().filter(room__in={event.room_id for event in events}).order_by("pk")
    return dict(rows.values_list("pk", "sequence"))
