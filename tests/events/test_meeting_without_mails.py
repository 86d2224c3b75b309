"""A meeting that another program tells people of: the site sends no mail about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from calendars.reminders import Rule
from events import mails
from events.services.events import create_event, delete_event, update_event
from events.services.instances import update_instance
from events.services.invitations import invite_email, invite_user, uninvite_email
from events.services.inviting import Guest, invite_all
from events.services.reminders import set_reminders_for_everybody
from invites.models import EmailInvite, InviteCode
from mailer import protocol
from operations.tasks import run_job
from tests import factories
from tests.circle import Circle
from tests.traces import Traces

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
OWN = {"url": "https://call.example.com/7", "location": "Board room", "reminders": [15], "transparency": "transparent"}


@pytest.mark.slow
def test_no_change_of_it_sends_a_mail() -> None:
    traces = Traces()
    with time_machine.travel(START - timedelta(days=1), tick=False) as clock:
        alice, bob = factories.users("alice", "bob")
        actor = Actor.by_api(alice)
        schedule = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
        event = create_event(creator=alice, actor=actor, title="Interview", schedule=schedule, sends_mails=False)
        invite_user(event=event, invitee=bob, actor=actor)
        invite_email(event=event, email="dora@example.org", actor=actor)
        set_reminders_for_everybody(event=event, actor=actor, rules=[Rule(minutes=10)])
        update_event(event=event, actor=actor, columns={"title": "Talk"})
        update_instance(event=event, original_starts_at=START, actor=actor, columns={"title": "First talk"})
        clock.move_to(START - timedelta(minutes=5))
        run_job("send-reminders")
        uninvite_email(event=event, email="dora@example.org", actor=actor)
        delete_event(event=event, actor=actor)
    assert traces.mails() == []
    assert len(traces.log()) > 6


def test_its_messages_say_what_the_other_program_says() -> None:
    circle = Circle(calendar_properties=OWN, sends_mails=False, password="open sesame")
    (message,) = mails.build("invite", circle.event, list(circle.event.invites.all()), {}, circle.alice)
    assert message.event.properties == protocol.CalendarProperties(
        url="https://call.example.com/7", location="Board room", reminders=[15], transparency="transparent"
    )
    # It is held elsewhere: nothing of its room is told.
    assert (message.event.call_in, message.event.room.password) == (None, None)
    (ending,) = mails.build("uninvite", circle.event, list(circle.event.invites.all()), {}, circle.alice)
    assert ending.event.properties is None


def test_another_organizer_can_stand_in_it() -> None:
    circle = Circle(organizer_name="Recruiting", organizer_address="jobs@example.org")
    assert (circle.event.organizer_name, circle.event.organizer_address) == ("Recruiting", "jobs@example.org")


@pytest.mark.parametrize(("features", "codes"), [([], 1), (["core::guests_allowed"], 0)])
def test_outsiders_can_be_invited_whatever_the_server_says(features: list[str], codes: int, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = False
    circle = Circle()
    circle.alice.tariff.disabled_features = features
    circle.alice.tariff.save()
    guest = Guest(address="dora@example.org", status="accepted")
    invite_all(event=circle.event, guests=[guest], actor=Actor.by_api(circle.alice), admits_outsiders=True)
    assert EmailInvite.objects.get().status == "accepted"
    assert InviteCode.objects.count() == codes
