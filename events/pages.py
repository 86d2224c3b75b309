"""The pages that links in mails open when no frontend is set: one per meeting, for users and guests."""

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from activity.actors import Actor
from calendars import recurrence, words
from events import messages
from events.access import latest_of_room, shown_to
from events.digest_models import Digest
from events.models import Event
from events.services.digests import set_digest
from events.services.reminders import switch_off
from events.unsubscribe import reader_of, subject_of
from invites import access as invites
from mailer.links import phone_link
from rest.errors import NotFound


@require_safe
def room_page(request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
    return _for_person(request, room_id=room_id)


@require_safe
def event_page(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _for_person(request, pk=event_id)


@require_safe
def guest_page(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    _only_without_frontend()
    try:
        room = invites.opened_by(code).room
    except NotFound:
        return _gone(request, 404)
    event = latest_of_room(room, timezone.now())
    if event is None:
        return _gone(request, 404)
    return _page(request, event, is_guest=True)


# The link is the permission: mail programs send the POST without a cookie (RFC 8058 3.2).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def reminders_off_page(request: HttpRequest, token: str) -> HttpResponse:
    """Only a POST changes something: programs that look at links in mails send GET."""
    person = subject_of(token)
    if person is None:
        return _gone(request, 404)
    if request.method == "POST":
        switch_off(person=person)
    return render(request, "pages/reminders_off.html", {"is_off": request.method == "POST"})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def answers_off_page(request: HttpRequest, token: str) -> HttpResponse:
    """As `reminders_off_page`, of mails about answers."""
    person = reader_of(token)
    if person is None:
        return _gone(request, 404)
    if request.method == "POST":
        set_digest(user=person, actor=Actor.by_page(person), frequency=Digest.Frequency.OFF)
    return render(request, "pages/answers_off.html", {"is_off": request.method == "POST"})


def _only_without_frontend() -> None:
    if not settings.SERVES_PAGES:
        raise Http404


def _for_person(request: HttpRequest, **where: Any) -> HttpResponse:
    """For who is in the meeting; anonymous people are asked to sign in before anything is said about it."""
    _only_without_frontend()
    if not request.user.is_authenticated:
        return render(request, "pages/meeting.html", {"needs_sign_in": True})
    event = shown_to(request.user).filter(**where).order_by("-starts_at").first()
    return _gone(request, 403) if event is None else _page(request, event, is_guest=False)


def _gone(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "pages/gone.html", status=status)


def _page(request: HttpRequest, event: Event, *, is_guest: bool) -> HttpResponse:
    zone = event.starts_at_zone if is_guest else request.user.time_zone or event.starts_at_zone  # type: ignore[union-attr]
    shows_dial_in = event.show_meeting_details or not is_guest
    call_in = messages.call_in(event) if shows_dial_in else None
    context = {
        "event": event,
        "is_guest": is_guest,
        "occurrence": _next(event),
        "when": _when(event, zone),
        "repeats": _repeats(event),
        "call_in": call_in,
        "phone_link": phone_link(call_in) if call_in else "",
    }
    return render(request, "pages/meeting.html", context)


def _next(event: Event) -> recurrence.Occurrence | None:
    """The occurrence that is on or comes next, else the last there was."""
    series = event.as_series()
    if series is None:
        return None
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    coming = recurrence.following(series, after=timezone.now(), count=1, overrides=overrides)
    return coming[0] if coming else recurrence.last(series)


def _when(event: Event, zone: str) -> str:
    occurrence = _next(event)
    if occurrence is None:
        return ""
    return words.describe_time(
        occurrence.starts_at,
        occurrence.ends_at,
        zone=event.starts_at_zone if event.is_all_day else zone,
        is_all_day=bool(event.is_all_day),
        locale=get_language() or "en",
    )


def _repeats(event: Event) -> str:
    series = event.as_series()
    if series is None or not series.pattern:
        return ""
    return words.describe_pattern(series, locale=get_language() or "en", gettext=gettext, ngettext=ngettext)
