"""Staff hand a meeting over to another organizer."""

import uuid
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.admin_effects import change_confirmed
from events.answer_admin import AnswersAdmin
from events.leaving_form import HandoverForm
from events.models import Event
from events.services.handover import UnfitOrganizer, hand_over
from staff.effects import goes_back
from staff.tenancy import visible
from users.models import User

UNFIT = _("It must be somebody of the same tenant who has used the site and whose account is not disabled.")


class HandoverAdmin(AnswersAdmin):
    """The part of the meetings' admin that is about their organizers."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.handover_view)
        return [path("<uuid:event_id>/hand-over/", page, name="events_event_hand_over"), *super().get_urls()]

    def handover_view(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        event = self._changeable(request, event_id)
        people = visible(request.user, User.objects.registered(), "tenant_id")
        form = HandoverForm(people, request.POST or None)
        if form.is_valid() and not goes_back(request) and self._hand_over(request, event, form):
            told = gettext("%(who)s organizes the meeting now.") % {"who": form.cleaned_data["to"]}
            self.message_user(request, told, SUCCESS)
            return redirect("admin:events_event_change", event.pk)
        title = gettext("Hand over to another organizer")
        return self._form_page(request, "hand_over", {"title": title, "form": form, "event": event, "original": event})

    def _hand_over(self, request: HttpRequest, event: Event, form: HandoverForm) -> bool:
        to = form.cleaned_data["to"]
        give = partial(hand_over, event=event, actor=Actor.by_admin(request.user), **form.cleaned_data)
        try:
            change_confirmed(
                request,
                give,
                event=event,
                title=gettext("Hand the meeting over?"),
                changes=[(gettext("Organizer"), event.created_by, to)],
                lines=[gettext("The room and all parts of the series go with the meeting.")],
                is_grave=True,
            )
        except UnfitOrganizer:
            form.add_error("to", UNFIT)
            return False
        return True

    @admin.display(description=_("organizer"))
    def organizer(self, event: Event) -> SafeString | str:
        if not event.may_change:  # type: ignore[attr-defined]
            return str(event.created_by)
        page = reverse("admin:events_event_hand_over", args=[event.pk])
        return format_html('{} – <a href="{}">{}</a>', event.created_by, page, gettext("hand over"))
