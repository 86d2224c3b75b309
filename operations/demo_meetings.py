"""Meetings of the demonstration: over, running and to come; series with all that can happen to one; their mails."""

from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from calendars.times import from_wall, to_wall
from events.models import Event
from events.schedule import Schedule
from events.services.events import create_event
from events.services.instances import update_instance
from events.services.invitations import Proposal, answer_invite, invite_email, invite_user
from events.services.series import reschedule_event
from invites.models import EmailInvite, EventInvite, Reply, Status
from operations.demo import TIME_ZONE
from operations.demo_mails import INVITEES, send_and_fail
from operations.models import JobRun
from site_settings.values import present
from users.models import User

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)


@transaction.atomic
def create_meetings() -> None:
    """At the first start, and only where mails go to a folder: their addresses are not people's."""
    if Event.objects.exists() or settings.EMAIL_BACKEND != "mailer.backends.EmlBackend":
        return
    alice = User.objects.get(username="alice")
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    next_time = _morning(_working_day(now + DAY))
    _create_quiet_ones(alice, now, next_time)
    weekly = _plan(
        alice,
        "Jour fixe",
        description="What we did, what we do next.",
        schedule=_hour(_morning(next_time - 3 * WEEK), "RRULE:FREQ=WEEKLY"),
    )
    _invite(weekly, alice, "bob@example.com", "charlie@example.com", "dora@example.org", "kim@example.org")
    _answer(weekly, next_time)
    _change_occurrences(weekly, alice, next_time)
    figures = _plan(alice, "Half-year figures", schedule=_hour(_morning(next_time + WEEK) + 5 * HOUR))
    _invite(figures, alice, "bob@example.com", *INVITEES)
    if present("EVENT_INVITE_EXTERNAL"):
        send_and_fail(figures)
    _let_job_fail(now)


def _create_quiet_ones(alice: User, now: datetime, next_time: datetime) -> None:
    """Over, running, a series in two parts, some days, and without a time: all with bob."""
    schedules = {
        "Kick-off": _hour(_morning(now - 2 * WEEK)),
        "Open house": replace(_hour(now), ends_at=now + 3 * HOUR),
        "Stand-up": _hour(_morning(now - 2 * WEEK), "RRULE:FREQ=DAILY"),
        "Offsite": _whole_days(next_time + 3 * WEEK, 2),
        "Coffee corner": None,
    }
    actor, bob = Actor.by_api(alice), User.objects.get(username="bob")
    for title, schedule in schedules.items():
        event = _plan(alice, title, schedule=schedule, suppress_mail=True)
        invite_user(event=event, invitee=bob, actor=actor, status=Status.ACCEPTED, suppress_mail=True)
        if title == "Stand-up":
            _split(event, actor, _morning(now - DAY))


def _split(event: Event, actor: Actor, cut: datetime) -> None:
    """From then on in the afternoon."""
    later = asdict(_hour(cut + 4 * HOUR))
    schedule = {name: later[name] for name in ("starts_at", "starts_at_zone", "ends_at", "ends_at_zone")}
    columns = {"title": f"{event.title} in the afternoon"}
    reschedule_event(event=event, actor=actor, starts_from=cut, schedule=schedule, columns=columns, suppress_mail=True)


def _morning(now: datetime) -> datetime:
    """Ten o'clock of today."""
    return from_wall(datetime.combine(to_wall(now, TIME_ZONE), time(10)), TIME_ZONE)


def _working_day(day: datetime) -> datetime:
    return day if to_wall(day, TIME_ZONE).weekday() < 5 else _working_day(day + DAY)


def _hour(starts_at: datetime, *pattern: str) -> Schedule:
    return Schedule(
        is_all_day=False,
        starts_at=starts_at,
        starts_at_zone=TIME_ZONE,
        ends_at=starts_at + HOUR,
        ends_at_zone=TIME_ZONE,
        pattern=pattern,
    )


def _whole_days(day: datetime, count: int) -> Schedule:
    midnight = datetime.combine(to_wall(day, TIME_ZONE), time())
    first, end = (from_wall(midnight + days * DAY, TIME_ZONE) for days in (0, count))
    return replace(_hour(first), is_all_day=True, ends_at=end)


def _plan(alice: User, title: str, **more: Any) -> Event:
    return create_event(creator=alice, actor=Actor.by_api(alice), title=title, **more)


def _invite(event: Event, alice: User, *addresses: str) -> None:
    """Those who have no account only where the site invites them."""
    for address in addresses:
        if present("EVENT_INVITE_EXTERNAL") or address.endswith("@example.com"):
            invite_email(event=event, email=address, actor=Actor.by_api(alice))


def _answer(event: Event, next_time: datetime) -> None:
    """Of every kind; one proposes another time."""
    bobs = EventInvite.objects.get(event=event)
    answer_invite(invite=bobs, status=Status.ACCEPTED, actor=Actor.by_api(bobs.invitee), via=Reply.Via.API)
    texts = {
        "charlie@example.com": (Status.TENTATIVE, "Perhaps a little late"),
        "dora@example.org": (Status.DECLINED, "I am away until summer"),
    }
    for invite in EmailInvite.objects.filter(event=event, email__in=texts):
        status, comment = texts[invite.email]
        actor = Actor.by_page(guest_id=invite.pk, name=invite.email)
        later = _morning(next_time) + 2 * HOUR if status == Status.TENTATIVE else None
        proposal = Proposal(starts_at=later, ends_at=later + HOUR, zone=TIME_ZONE) if later else None
        answer_invite(invite=invite, status=status, actor=actor, via=Reply.Via.PAGE, comment=comment, proposal=proposal)


def _change_occurrences(event: Event, alice: User, next_time: datetime) -> None:
    """The one after the next is moved to the afternoon, the one after that is cancelled."""
    moved, cancelled = (_morning(next_time + weeks * WEEK) for weeks in (1, 2))
    actor = Actor.by_api(alice)
    columns = {"starts_at": moved + 4 * HOUR, "starts_at_zone": TIME_ZONE}
    update_instance(event=event, original_starts_at=moved, actor=actor, columns=columns)
    update_instance(event=event, original_starts_at=cancelled, actor=actor, columns={}, is_cancelled=True)


def _let_job_fail(now: datetime) -> None:
    JobRun.objects.create(
        job="claim-invites",
        state=JobRun.State.FAILED,
        started_at=now - HOUR,
        finished_at=now - HOUR,
        expires_at=now,
        error="OperationalError: server closed the connection unexpectedly",
    )
