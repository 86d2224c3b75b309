"""What staff see of answers and proposed times, and the pages on which they record one or decide it."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars import recurrence
from calendars.times import instance_id, parse_instance_id
from events import access, answers
from events.admin_effects import change_confirmed
from events.admin_times import occurrence_in_words, start_in_words
from events.models import Event
from events.proposal_page import ACCEPT, DecisionForm, decide, shown
from events.rsvp.form import TextField
from events.schedule import InvalidEvent
from events.services.invitations import answer_invite
from events.services.inviting import AnyInvite
from events.services.proposals import ProposalDecided
from invites.models import EmailInvite, EventInvite, Reply, Status
from rest.errors import Forbidden, NotFound
from staff.admin import IdSearchAdmin
from staff.charts import by_kind
from staff.effects import goes_back

COMING = 10  # occurrences that can be answered one by one
MOST_PROPOSALS = 50
COLOURS = {Status.ACCEPTED: "good", Status.TENTATIVE: "plain", Status.DECLINED: "bad", Status.PENDING: "quiet"}


class AnswerForm(forms.Form):
    """What an invitee told staff by other ways."""

    status = forms.ChoiceField(label=_("answer"), choices=Status.choices)
    occurrence = forms.ChoiceField(label=_("to"), required=False)
    comment = TextField(label=_("comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", gettext("the whole series")), *_coming(event)]
        if event.is_recurring:
            self.fields["occurrence"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["occurrence"]

    def answer(self) -> dict[str, Any]:
        """Arguments of answer_invite."""
        name = self.cleaned_data.get("occurrence")
        occurrence: datetime | None = parse_instance_id(name) if name else None
        return {name: self.cleaned_data[name] for name in ("status", "comment")} | {"occurrence": occurrence}


def _coming(event: Event) -> Iterator[tuple[str, str]]:
    series = event.as_series()
    if series is None or not event.is_recurring:
        return
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    found = recurrence.occurrences(series, after=timezone.now(), overrides=overrides)
    for item in islice((item for item in found if not item.is_cancelled), COMING):
        yield instance_id(item.original_starts_at), occurrence_in_words(event, item)


class AnswersAdmin(IdSearchAdmin):
    """The part of the meetings' admin that is about answers."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list = list(changelist.result_list)
        found = answers.counted(event.pk for event in rows)
        for event in rows:
            event.answer_counts = found[event.pk]
        return changelist

    @admin.display(description=_("accepted"))
    def accepted(self, event: Event) -> str:
        """`3 of 12`"""
        counts = event.answer_counts  # type: ignore[attr-defined]
        told = {"count": counts[Status.ACCEPTED], "all": counts.total()}
        return gettext("%(count)d of %(all)d") % told if counts else "-"

    @admin.display(description=_("answers"))
    def answers_chart(self, event: Event) -> SafeString | str:
        counts = answers.counted([event.pk])[event.pk]
        if not counts:
            return gettext("Nobody is invited.")
        kinds = [(str(Status(value).label), css, counts[value]) for value, css in COLOURS.items()]
        chart = by_kind(
            name="answers",
            title=ngettext("%(count)d person is invited", "%(count)d people are invited", counts.total())
            % {"count": counts.total()},
            told=", ".join(f"{word} {count}" for word, _css, count in kinds),
            kinds=kinds,
            head=[gettext("Answer"), gettext("Number")],
        )
        return render_to_string("admin/_chart.html", {"chart": chart})

    @admin.display(description=_("proposed times"))
    def proposals(self, event: Event) -> SafeString | str:
        found = access.proposals(event).filter(proposal_state=Reply.ProposalState.OPEN)[:MOST_PROPOSALS]
        prefetch_related_objects([event], "exceptions")
        rows = [(reply, shown(event, reply)) for reply in found]
        return render_to_string("admin/events/event/proposals.html", {"rows": rows, "event": event}) if rows else "-"

    def get_urls(self) -> list[Any]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("<uuid:event_id>/answers/<uuid:invite_id>/", page(self.answer_view), name="events_event_answer"),
            path(
                "<uuid:event_id>/proposals/<uuid:proposal_id>/", page(self.proposal_view), name="events_event_proposal"
            ),
            *super().get_urls(),
        ]

    def answer_view(self, request: HttpRequest, event_id: uuid.UUID, invite_id: uuid.UUID) -> HttpResponse:
        """Records what an invitee has answered."""
        event = self._changeable(request, event_id)
        invite = _invite_of(event, invite_id)
        form = AnswerForm(event, request.POST or None, initial={"status": invite.status})
        if form.is_valid():
            actor = Actor.by_admin(request.user)
            try:
                answer_invite(invite=invite, actor=actor, via=Reply.Via.ADMIN, **form.answer())
            except (Forbidden, NotFound):
                raise Http404 from None
            self.message_user(request, gettext("The answer was recorded."), SUCCESS)
            return redirect("admin:events_event_change", event.pk)
        title = gettext("Answer of %(who)s") % {"who": invite}
        return self._form_page(request, "answer", {"title": title, "form": form, "event": event})

    def proposal_view(self, request: HttpRequest, event_id: uuid.UUID, proposal_id: uuid.UUID) -> HttpResponse:
        """Accepts or refuses a proposed time."""
        event = self._changeable(request, event_id)
        reply = get_object_or_404(access.proposals(event), pk=proposal_id)
        form = DecisionForm(request.POST or None)
        if form.is_valid() and not goes_back(request):
            try:
                self._decide(request, event, reply, form.cleaned_data)
                self.message_user(request, gettext("The proposal was decided; everybody concerned is told."), SUCCESS)
                return redirect("admin:events_event_change", event.pk)
            except ProposalDecided as error:
                self.message_user(request, str(error.detail), WARNING)
                return redirect("admin:events_event_change", event.pk)
            except InvalidEvent as error:
                form.add_error(None, str(error.detail))
            except NotFound:
                raise Http404 from None
        values = {"title": gettext("Another time is proposed"), "form": form, **shown(event, reply)}
        return self._form_page(request, "proposal", values)

    def _decide(self, request: HttpRequest, event: Event, reply: Reply, data: dict[str, str]) -> None:
        accepts, told = data["decision"] == ACCEPT, shown(event, reply)
        change_confirmed(
            request,
            partial(decide, event, reply, data, Actor.by_admin(request.user)),
            event=event,
            title=gettext("Accept the proposed time?") if accepts else gettext("Refuse the proposed time?"),
            changes=[(gettext("Time"), told["planned"], told["proposed"])] if accepts else [],
        )

    def _changeable(self, request: HttpRequest, event_id: uuid.UUID) -> Event:
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not self.has_change_permission(request, event):
            raise PermissionDenied
        return event

    def _form_page(self, request: HttpRequest, name: str, values: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | values
        return TemplateResponse(request, f"admin/events/event/{name}.html", context)


def _invite_of(event: Event, invite_id: uuid.UUID) -> AnyInvite:
    invite: AnyInvite | None = event.invites.select_related("invitee", "event").filter(pk=invite_id).first()
    invite = invite or event.email_invites.select_related("event").filter(pk=invite_id).first()
    if invite is None:
        raise Http404
    return invite


def last_answer(invite: EventInvite | EmailInvite, *, may_record: bool) -> SafeString | str:
    """When and how it was given, and the comment; a link to record another."""
    text = _told(next(iter(invite.replies.all()), None), invite)
    if not may_record:
        return text
    page = reverse("admin:events_event_answer", args=[invite.event_id, invite.pk])
    return format_html(
        '{} <a href="{}">{}<span class="visually-hidden"> {}</span></a>', text, page, gettext("record"), invite
    )


def _told(reply: Reply | None, invite: AnyInvite) -> str:
    if reply is None:
        return "-"
    said = f" “{reply.comment}”" if reply.comment else ""
    at = f"{timezone.localtime(reply.received_at):%Y-%m-%d %H:%M}"
    if reply.occurrence is not None:
        at += f" [{start_in_words(invite.event, reply.occurrence)}: {reply.get_status_display()}]"
    if not reply.is_by_invitee:
        who = f"{reply.name} <{reply.address}>" if reply.name else reply.address
        at += f" {who}: {reply.get_status_display()}"
    return f"{at} ({reply.get_via_display()}){said}"
