"""Staff disable accounts, and decide what becomes of the meetings; or enable them again."""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import SUCCESS
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.admin_effects import mails_by_kind, mails_in_words, not_sent
from events.admin_times import start_in_words
from events.handover_admin import UNFIT
from events.leaving_form import FATES_OF_ONE, LeavingForm
from events.models import Event
from events.services.dry_run import Effects, measured
from events.services.handover import UnfitOrganizer
from events.services.leaving import Decision, Fate, disable_people, meetings_of
from staff.effects import Effect, Part, confirm, goes_back
from staff.tenancy import visible
from users import services
from users.admin import UserAdmin
from users.models import User

MOST_ONE_BY_ONE = 50
MOST_AT_ONCE = 200  # the change is made to be measured, in one transaction
CARRIED = ("action", "select_across", "index")


class LeavingAdmin(UserAdmin):
    """The part of the people's admin that is about those who leave."""

    actions = ("disable",)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view
        return [
            path("<uuid:id>/disable/", page(self.disable_view), name="users_user_disable"),
            path("<uuid:id>/enable/", page(self.enable_view), name="users_user_enable"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "disabled_since"]

    def disable_view(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - as in Django's own path
        person = self._to_change(request, id)
        return self._disable(request, [person]) or redirect("admin:users_user_change", person.pk)

    @admin.action(description=_("Disable selected accounts"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        people = list(queryset.filter(disabled_since=None))
        if not all(self.has_change_permission(request, person) for person in people):
            raise PermissionDenied
        return self._disable(request, people)

    def enable_view(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002
        person = self._to_change(request, id)
        if request.method == "POST":
            services.update_account(user=person, actor=Actor.by_admin(request.user), disabled_since=None)
            self.message_user(request, gettext("The account is enabled again."), SUCCESS)
            return redirect("admin:users_user_change", person.pk)
        title = gettext("Enable the account again")
        return self._leaving_page(request, "enable", {"title": title, "original": person})

    def _to_change(self, request: HttpRequest, id: uuid.UUID) -> User:  # noqa: A002
        person: User = get_object_or_404(self.get_queryset(request), pk=id)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person

    def _disable(self, request: HttpRequest, people: Sequence[User]) -> HttpResponse | None:
        """None where it is done; else the page that asks."""
        meetings = meetings_of(people, timezone.now()).select_related("created_by")
        one_by_one = list(meetings[:MOST_ONE_BY_ONE]) if len(people) == 1 else []
        data = request.POST if "fate" in request.POST else None
        form = LeavingForm(self._others(request, people), self._fates(request), one_by_one, data)
        if form.is_valid() and not goes_back(request) and self._carry_out(request, people, form):
            count = len(people)
            text = ngettext("%(count)d account is disabled.", "%(count)d accounts are disabled.", count)
            self.message_user(request, text % {"count": count}, SUCCESS)
            return None
        counts = Counter(meetings.order_by().values_list("created_by", flat=True))
        context = {
            "title": ngettext("Disable the account", "Disable the accounts", len(people)),
            "original": people[0] if len(people) == 1 else None,
            "people": [(person, counts[person.pk]) for person in people],
            "form": form,
            "rows": [(_start(event), event, fields) for event, fields in form.rows()],
            "count": counts.total(),
            "carried": _carried(request),
        }
        return self._leaving_page(request, "disable", context)

    def _others(self, request: HttpRequest, people: Sequence[User]) -> QuerySet[User]:
        """Who can have the meetings, of those whom the staff may see."""
        return visible(request.user, User.objects.registered(), "tenant_id").exclude(pk__in=[one.pk for one in people])

    def _fates(self, request: HttpRequest) -> list[Fate]:
        rights = {Fate.HAND_OVER: "events.change_event", Fate.CANCEL: "events.delete_event"}
        return [fate for fate in Fate if fate not in rights or request.user.has_perm(rights[fate])]

    @transaction.atomic
    def _carry_out(self, request: HttpRequest, people: Sequence[User], form: LeavingForm) -> bool:
        own, otherwise = form.decisions(), form.otherwise()
        meetings = list(meetings_of(people, timezone.now()).select_related("created_by"))
        decided = [(event, own.get(event.pk, otherwise)) for event in meetings]
        if sum(decision.fate != Fate.LEAVE for _event, decision in decided) > MOST_AT_ONCE:
            text = gettext("At most %(count)d meetings can be handed over or cancelled at once.")
            form.add_error("fate", text % {"count": MOST_AT_ONCE})
            return False

        def disable() -> None:
            disable_people(people=people, actor=Actor.by_admin(request.user), decisions=own, otherwise=otherwise)

        try:
            with transaction.atomic():
                effects, _nothing = measured(disable, event=None)
        except UnfitOrganizer:
            form.add_error("to", UNFIT)
            return False
        effect = _effect(people, decided, effects)
        title = ngettext("Disable the account?", "Disable the accounts?", len(people))
        confirm(request, effect, title=title, opts=self.opts, original=people[0] if len(people) == 1 else None)
        return True

    def _leaving_page(self, request: HttpRequest, name: str, values: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media} | values
        return TemplateResponse(request, f"admin/users/user/{name}.html", context)


def _start(event: Event) -> str:
    return start_in_words(event, event.starts_at) if event.starts_at else "–"


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """Of the list's action, which is called anew."""
    chosen = [(ACTION_CHECKBOX_NAME, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)]
    return [(name, request.POST[name]) for name in CARRIED if name in request.POST] + chosen


def _effect(people: Sequence[User], decided: Sequence[tuple[Event, Decision]], effects: Effects) -> Effect:
    text = ngettext(
        "%(count)d account is disabled and signed out on all devices.",
        "%(count)d accounts are disabled and signed out on all devices.",
        len(people),
    )
    fates = Counter(decision.fate for _event, decision in decided)
    warnings = not_sent([(decided[0][0], effects)]) if decided else []
    if count := fates[Fate.LEAVE]:
        left = ngettext(
            "%(count)d meeting stays in calendars, but nobody can open or join it while its organizer is disabled.",
            "%(count)d meetings stay in calendars, but nobody can open or join them while their organizer is disabled.",
            count,
        )
        warnings.append(left % {"count": count})
    if count := fates[Fate.CANCEL]:
        gone = ngettext(
            "%(count)d meeting is cancelled; its room goes with files and guest codes.",
            "%(count)d meetings are cancelled; their rooms go with files and guest codes.",
            count,
        )
        warnings.append(gone % {"count": count})
    rows = [(event, FATES_OF_ONE[decision.fate], decision.to or "–") for event, decision in decided]
    head = [gettext("Meeting"), gettext("What happens"), gettext("New organizer")]
    told = [Part(gettext("Meetings"), rows, head)] if rows else []
    return Effect(
        lines=[text % {"count": len(people)}, mails_in_words([effects])],
        parts=[*told, *mails_by_kind([effects])],
        warnings=warnings,
        facts=[(event.pk, event.sequence) for event, _decision in decided],
    )
