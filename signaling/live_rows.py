"""A live meeting's page, as its templates show it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from signaling.models import Entry, Participant, Process, RoomSession
from staff.links import linked, may_view
from users.models import User


def people(request: HttpRequest, session: RoomSession) -> list[dict[str, Any]]:
    """Who is there now, in the order of their coming; as many statements for many as for few."""
    present = list(session.participants.filter(where__in=Participant.PRESENT).order_by("joined_at", "pk"))
    names = dict(Process.objects.filter(pk__in={person.process for person in present}).values_list("pk", "name"))
    accounts = _accounts(request, present)
    return [
        {
            "id": person.participant_id,
            "name": linked(request, accounts[person.user_id], person.display_name)
            if person.user_id in accounts
            else person.display_name,
            "kind": person.get_kind_display(),
            "role": person.get_role_display(),
            "where": _where(person),
            "since": person.joined_at,
            "address": person.address,
            "process": names.get(person.process, gettext("gone")),
        }
        for person in present
    ]


def _accounts(request: HttpRequest, present: Iterable[Participant]) -> dict[Any, User]:
    """By id, those that the reader has a page of."""
    if not may_view(request, User):
        return {}
    reachable = admin.site._registry[User].get_queryset(request)
    found = reachable.filter(pk__in=[person.user_id for person in present if person.user_id])
    return {user.pk: user for user in found}


def _where(person: Participant) -> str:
    if person.where == Participant.Where.JOINED and person.place:
        return gettext("in a breakout room")
    return str(person.get_where_display())


def messages(session: RoomSession, said: Iterable[Entry]) -> list[dict[str, Any]]:
    people = {str(key): name for key, name in session.participants.values_list("participant_id", "display_name")}
    return [
        {
            "at": entry.at,
            "by": people.get(entry.data["source"], gettext("Somebody")),
            "to": _receiver(entry.data, people),
            "content": entry.data["content"],
        }
        for entry in said
    ]


def _receiver(data: dict[str, Any], people: dict[str, str]) -> str:
    match data["scope"]:
        case "private":
            return people.get(str(data["target"]), gettext("Somebody"))
        case "group":
            return gettext("group %(name)s") % {"name": data["target"]}
    return gettext("everybody")


def link(page: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', page, text)
