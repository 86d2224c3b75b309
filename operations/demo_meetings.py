"""Meetings of the demonstration: a series with everything that can happen to one, one that is over, one that runs."""

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
from events.services.invitations import answer_invite, invite_email, invite_user
from invites.models import EmailInvite, EventInvite, Reply, Status
from mailer.models import OutgoingMail
from operations.demo import TIME_ZONE
from users.models import User

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
UNKNOWN = "erik@example.org"


@transaction.atomic
def create_meetings() -> None:
    """At the first start, and only where mails go to a folder: their addresses are not people's."""
    if Event.objects.exists() or settings.EMAIL_BACKEND != "mailer.backends.EmlBackend":
        return
    alice = User.objects.get(username="alice")
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    next_time = _morning(_working_day(now + DAY))
    _plan(alice, "Kick-off", starts_at=_morning(now - 2 * WEEK), suppress_mail=True)
    _plan(alice, "Open house", starts_at=now, length=3 * HOUR, suppress_mail=True)
    weekly = _plan(
        alice,
        "Jour fixe",
        description="What we did, what we do next.",
        starts_at=_morning(next_time - 3 * WEEK),
        pattern=("RRULE:FREQ=WEEKLY",),
    )
    _invite(weekly, alice)
    _answer(weekly)
    _change_occurrences(weekly, alice, next_time)
    _let_fail(now)


def _morning(now: datetime) -> datetime:
    """Ten o'clock of today."""
    return from_wall(datetime.combine(to_wall(now, TIME_ZONE), time(10)), TIME_ZONE)


def _working_day(day: datetime) -> datetime:
    return day if to_wall(day, TIME_ZONE).weekday() < 5 else _working_day(day + DAY)


def _plan(
    alice: User,
    title: str,
    *,
    starts_at: datetime,
    length: timedelta = HOUR,
    pattern: tuple[str, ...] = (),
    **more: Any,
) -> Event:
    schedule = Schedule(
        is_all_day=False,
        starts_at=starts_at,
        starts_at_zone=TIME_ZONE,
        ends_at=starts_at + length,
        ends_at_zone=TIME_ZONE,
        pattern=pattern,
    )
    return create_event(creator=alice, actor=Actor.by_api(alice), title=title, schedule=schedule, **more)


def _invite(event: Event, alice: User) -> None:
    actor = Actor.by_api(alice)
    invite_user(event=event, invitee=User.objects.get(username="bob"), actor=actor)
    invite_email(event=event, email="charlie@example.com", actor=actor)
    if settings.EVENT_INVITE_EXTERNAL:
        for address in ("dora@example.org", UNKNOWN):
            invite_email(event=event, email=address, actor=actor)


def _answer(event: Event) -> None:
    bobs = EventInvite.objects.get(event=event)
    answer_invite(invite=bobs, status=Status.ACCEPTED, actor=Actor.by_api(bobs.invitee), via=Reply.Via.API)
    texts = {
        "charlie@example.com": (Status.TENTATIVE, "Perhaps a little late"),
        "dora@example.org": (Status.DECLINED, "I am away until summer"),
    }
    for invite in EmailInvite.objects.filter(event=event, email__in=texts):
        status, comment = texts[invite.email]
        actor = Actor.by_guest(invite.pk, invite.email)
        answer_invite(invite=invite, status=status, actor=actor, via=Reply.Via.PAGE, comment=comment)


def _change_occurrences(event: Event, alice: User, next_time: datetime) -> None:
    """The one after the next is moved to the afternoon, the one after that is cancelled."""
    moved, cancelled = (_morning(next_time + weeks * WEEK) for weeks in (1, 2))
    actor = Actor.by_api(alice)
    columns = {"starts_at": moved + 4 * HOUR, "starts_at_zone": TIME_ZONE}
    update_instance(event=event, original_starts_at=moved, actor=actor, columns=columns)
    update_instance(event=event, original_starts_at=cancelled, actor=actor, columns={}, is_cancelled=True)


def _let_fail(now: datetime) -> None:
    """What a mail server says of an address that it does not know, and of one too many."""
    mails = OutgoingMail.objects.filter(address=UNKNOWN)
    mails.filter(kind="external_event_invite").update(
        state=OutgoingMail.State.FAILED, attempts=1, last_error="550 5.1.1 Recipient address rejected: User unknown"
    )
    mails.filter(kind="external_event_update").update(
        state=OutgoingMail.State.RETRY,
        attempts=6,
        next_try_at=now + 6 * HOUR,
        last_error="451 4.7.1 Greylisted, please try again later",
    )
