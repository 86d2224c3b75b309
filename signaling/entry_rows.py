"""The page about who can enter a room, as its template shows it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from events.models import Event
from invites.models import EmailInvite, EventInvite
from rooms.guesses import BY_PHONE, Guesses
from rooms.models import Room
from signaling.entry import Entries, Entry
from site_settings.values import present
from staff.links import linked


def row(request: HttpRequest, room: Room, entry: Entry) -> dict[str, Any]:
    """`verdict` is what hinders; `notes` are conditions of who can enter."""
    invite, user = entry.invite, entry.user
    subject = user or (invite if isinstance(invite, EmailInvite) else None)
    return {
        "name": linked(request, subject, entry.name) if subject else entry.name,
        "address": user.email if user else getattr(invite, "email", "").replace(entry.name, ""),
        "part": gettext("owner") if user and user.pk == room.created_by_id else _role(invite),
        "answer": invite.get_status_display() if invite else "",
        "hindrances": [hindrance.label for hindrance in entry.hindrances],
        "notes": _notes(room, entry),
        "code": entry.code,
        "code_hindrances": [hindrance.label for hindrance in entry.code_hindrances or ()],
    }


def tables(request: HttpRequest, room: Room, entries: Entries, event: Event | None) -> dict[str, Any]:
    return {
        "people": [row(request, room, entry) for entry in entries.people],
        "unnamed": entries.unnamed,
        "has_waiting_room": entries.has_waiting_room,
        "codes": [row(request, room, entry) for entry in entries.codes],
        "kinds": [
            (label, [hindrance.label for hindrance in hindrances])
            for label, hindrances in (
                (gettext("The owner and who is invited with an account"), entries.members),
                (gettext("Guests with a valid code"), entries.guests),
                (gettext("By phone, with the PIN"), entries.phones),
            )
        ],
        "dial_in": getattr(room, "sip_config", None),
        "guesses": [_guesses(found) for found in entries.guesses],
        "facts": _facts(request, room, entries, event),
    }


def _role(invite: EventInvite | EmailInvite | None) -> str:
    return str(invite.get_role_display()) if invite else ""


def _notes(room: Room, entry: Entry) -> list[str]:
    if entry.hindrances:
        return []
    notes = [gettext("after signing in for the first time")] if entry.signs_in_first else []
    if room.password and entry.user is None and not entry.signs_in_first:
        notes.append(gettext("with the room's password"))
    return notes


def _guesses(found: Guesses) -> dict[str, Any]:
    return {
        "who": gettext("by phone") if found.client == BY_PHONE else gettext("a guest, by the room's password"),
        "count": found.count,
        "last_at": found.last_at,
        "waits_until": found.waits_until,
        "is_waiting": found.waits_until > timezone.now(),
    }


def _facts(request: HttpRequest, room: Room, entries: Entries, event: Event | None) -> list[tuple[str, Any]]:
    yes_no = {True: gettext("yes"), False: gettext("no")}
    outsiders = gettext("People without an account can be invited (EVENT_INVITE_EXTERNAL)")
    owner = room.created_by
    disabled = owner.disabled_since and date_format(timezone.localtime(owner.disabled_since), "SHORT_DATETIME_FORMAT")
    waiting = gettext("on") if room.waiting_room else gettext("off")
    if room.waiting_room and not entries.has_waiting_room:
        waiting = gettext("on, but open now for the meeting")
    return [
        (gettext("Meeting"), linked(request, event) if event else "–"),
        (gettext("Owner"), linked(request, owner)),
        *([(gettext("Owner disabled since"), disabled)] if disabled else []),
        (gettext("Tariff"), linked(request, owner.tariff) if owner.tariff else "–"),
        (gettext("Password, asked of guests"), gettext("set") if room.password else gettext("none")),
        (gettext("Waiting room"), waiting),
        (gettext("End-to-end encryption"), yes_no[room.e2e_encryption]),
        (outsiders, yes_no[present("EVENT_INVITE_EXTERNAL")]),
        (gettext("Telephone number (CALL_IN_TEL)"), settings.CALL_IN_TEL or "–"),
    ]
