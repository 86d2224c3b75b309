"""A meeting of each shape and what can happen to it, done by the services; the mails that follow, with fixed names.

Alice's meeting has bob, who uses the site, carol, who has an account but was never here, and dora, who has none.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import time_machine

from activity.actors import Actor
from events.models import Event, SharedFolder
from events.schedule import Schedule
from events.services.events import delete_event, update_event
from events.services.instances import update_instance
from events.services.invitations import invite_email, invite_user, uninvite_email, uninvite_user
from events.services.series import reschedule_event
from mailer.models import OutgoingMail
from rooms.models import SipConfig
from tests import factories
from tests.factories import schedule
from tests.replayed import replayed
from users.models import User

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, ten o'clock in Berlin
MIDNIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)  # of that day in Berlin
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
BERLIN = "Europe/Berlin"
MONDAYS = ("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=20",)
SECRETS = ("open sesame", "1234567890", "0987654321", "folder-password", "folder.example.org")
STREAMING_KEY = "a-stream-key"
ADDRESSES = {"bob@example.com": "registered", "carol@example.com": "unregistered", "dora@example.org": "external"}
PHASES = ("invite", "update", "uninvite", "cancellation")


def _meeting(**fields: Any) -> tuple[User, User, Event]:
    alice, bob = factories.users("alice", "bob")
    factories.user("carol", registered=False)
    values = {"title": "Planning; next, steps", "description": "What we did,\nwas wir tun wollen – früh", **fields}
    stream = {**factories.STREAM, "streaming_key": STREAMING_KEY}
    event = factories.event(alice, password=SECRETS[0], streaming_targets=[stream], **values)
    SipConfig.objects.update(sip_id=SECRETS[1], password=SECRETS[2])
    SharedFolder.objects.create(
        event=event,
        path="x",
        read_url=f"https://{SECRETS[4]}/s/read",
        read_password=SECRETS[3],
        read_share_id="1",
        write_url=f"https://{SECRETS[4]}/s/write",
        write_password="folder-password-to-write",
        write_share_id="2",
    )
    return alice, bob, event


class Scene:
    """The meeting with everything that mails can tell of one; `fields` are create_event's."""

    def __init__(self, **fields: Any) -> None:
        self.alice, self.bob, self.event = replayed(_meeting, **fields)
        self.number = 0
        self.how: dict[str, Any] = {"actor": Actor.by_api(self.alice)}

    def invite(self, **how: Any) -> None:
        invite_user(event=self.event, invitee=self.bob, **self.how, **how)
        for email in ("carol@example.com", "dora@example.org"):
            invite_email(event=self.event, email=email, **self.how, **how)

    @classmethod
    def of_everybody(cls, **fields: Any) -> Self:
        """With everybody in it, and nothing queued."""
        scene = cls(**fields)
        scene.invite()
        OutgoingMail.objects.all().delete()
        return scene

    def uninvite(self) -> None:
        uninvite_user(event=self.event, user_id=self.bob.pk, **self.how)
        for email in ("carol@example.com", "dora@example.org"):
            uninvite_email(event=self.event, email=email, **self.how)

    def update(self, schedule: dict[str, Any] | None = None, **columns: Any) -> None:
        self.event = update_event(event=self.event, columns=columns, schedule=schedule, **self.how)

    def plan(self, when: Schedule) -> None:
        self.update(vars(when) | {"is_time_independent": False})

    def lose_time(self) -> None:
        self.update({"is_time_independent": True})

    def cancel_instance(self, week: int) -> None:
        update_instance(
            event=self.event, original_starts_at=START + week * WEEK, columns={}, is_cancelled=True, **self.how
        )

    def retitle_instance(self, week: int) -> None:
        self.number += 1
        columns = {"title": f"Number {self.number}"}
        update_instance(event=self.event, original_starts_at=START + week * WEEK, columns=columns, **self.how)

    def move_instance(self, week: int, *, hour: int = 14, **texts: str) -> None:
        """To the next day, for two hours."""
        start = START + week * WEEK + DAY + (hour - 10) * HOUR
        times = {"starts_at": start, "starts_at_zone": BERLIN, "ends_at": start + 2 * HOUR, "ends_at_zone": BERLIN}
        update_instance(event=self.event, original_starts_at=START + week * WEEK, columns=times | texts, **self.how)

    def reschedule(self) -> None:
        """From the third Monday on an hour later."""
        cut = START + 2 * WEEK
        when = {"starts_at": cut + HOUR, "starts_at_zone": BERLIN}
        self.event = reschedule_event(event=self.event, starts_from=cut, schedule=when, columns={}, **self.how)

    def delete(self) -> None:
        delete_event(event=self.event, **self.how)


@dataclass(frozen=True)
class Shape:
    """`before` has happened when people are invited; `change` is what the shape's update tells."""

    schedule: Schedule
    change: Callable[[Scene], None]
    before: Callable[[Scene], None] = lambda _scene: None
    fields: dict[str, Any] = field(default_factory=dict)
    phases: tuple[str, ...] = PHASES  # whose calendar objects are of this shape


def days(count: int, **fields: Any) -> Schedule:
    return schedule(is_all_day=True, starts_at=MIDNIGHT, ends_at=MIDNIGHT + count * DAY, **fields)


def hours(start: int, end: int, **fields: Any) -> Schedule:
    """Counted from START."""
    return schedule(starts_at=START + start * HOUR, ends_at=START + end * HOUR, **fields)


SHAPES = {
    "single": Shape(hours(0, 1), lambda scene: scene.plan(hours(1, 2))),
    "all_day": Shape(days(1), lambda scene: scene.plan(days(2))),
    "multi_day": Shape(hours(0, 51), lambda scene: scene.plan(hours(0, 75))),
    "recurring": Shape(hours(0, 1, pattern=MONDAYS), lambda scene: scene.plan(hours(1, 2, pattern=MONDAYS))),
    "recurring_all_day": Shape(
        days(2, pattern=(*MONDAYS, "EXDATE;VALUE=DATE:20261214")),
        lambda scene: scene.plan(days(1, pattern=("RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270131",))),
    ),
    "moved_occurrence": Shape(
        hours(0, 1, pattern=MONDAYS),
        lambda scene: scene.move_instance(2, title="Planning, with guests", description="In the large hall"),
        before=lambda scene: scene.move_instance(1),
    ),
    "cancelled_occurrence": Shape(
        hours(0, 1, pattern=MONDAYS),
        lambda scene: scene.cancel_instance(2),
        before=lambda scene: scene.cancel_instance(1),
    ),
    "following": Shape(hours(0, 1, pattern=MONDAYS), Scene.reschedule, phases=("update", "uninvite", "cancellation")),
    "time_independent": Shape(hours(0, 1, pattern=MONDAYS), Scene.lose_time, phases=("update",)),
    "timed_again": Shape(
        hours(0, 1), lambda scene: scene.plan(hours(0, 1)), before=Scene.lose_time, phases=("update",)
    ),
    "adhoc": Shape(hours(0, 1), lambda scene: scene.update(title="Now and here"), fields={"is_adhoc": True}),
}


def mails_of(shape: Shape) -> dict[str, list[OutgoingMail]]:
    """The queued mails of each phase, an hour apart; meetings, rooms and codes have fixed names in them."""
    found = {}
    with time_machine.travel(NOW, tick=False) as clock:
        scene = Scene(schedule=shape.schedule, **shape.fields)
        names: dict[str, str] = {}
        shape.before(scene)
        for phase, act in (
            ("invite", scene.invite),
            ("update", lambda: shape.change(scene)),
            ("uninvite", scene.uninvite),
            ("cancellation", lambda: (scene.invite(suppress_mail=True), scene.delete())),
        ):
            clock.shift(HOUR)
            OutgoingMail.objects.all().delete()
            act()
            mails = sorted(
                OutgoingMail.objects.all(), key=lambda mail: (mail.message["event"]["created_at"]["time"], mail.address)
            )
            for mail in mails:
                _fix(mail, names)
            found[phase] = mails
    return found


def _fix(mail: OutgoingMail, names: dict[str, str]) -> None:
    """Gives the meeting, its room and a guest's code the same ids in each run, by the order in which they are met."""
    event = mail.message["event"]
    for name in filter(None, (event["id"], event["room"]["id"], mail.message.get("invite_code"), *event["siblings"])):
        names.setdefault(name, f"{len(names) + 1:08}-0000-4000-8000-000000000000")
    text = json.dumps(mail.message)
    for name, fixed in names.items():
        text = text.replace(name, fixed)
    mail.message = json.loads(text)
