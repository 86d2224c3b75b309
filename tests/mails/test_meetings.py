"""An event as a calendar meeting, without a mail in between."""

import pytest

from activity.models import Activity
from calendars import itip
from events import messages
from mailer import links
from mailer.calendar import meeting_of, series_of
from mailer.models import OutgoingMail
from tests.mails.scenes import MONDAYS, NOW, Scene, hours
from tests.mails.test_calendar_objects import calendar_of

pytestmark = pytest.mark.django_db


def test_it_is_the_one_of_the_mails() -> None:
    scene = Scene(schedule=hours(0, 1, pattern=MONDAYS), description="")
    scene.move_instance(1)
    scene.cancel_instance(2)
    scene.update(title="Other")
    mail = OutgoingMail.objects.order_by("sequence").last()
    assert mail is not None
    mailed = calendar_of(mail)
    before = OutgoingMail.objects.count(), Activity.objects.count()
    event = messages.snapshot(scene.event, is_ending=False)
    series = series_of(event)
    assert series is not None
    assert event.organizer is not None
    link = links.room_link(event.room.id)
    meeting = meeting_of(event, series, organizer=event.organizer, link=link, describe=lambda text: text)
    found = itip.prepare(meeting, "PUBLISH", now=NOW).for_attendee(itip.Attendee(address="x@example.com"))
    assert mailed is not None
    assert _but_the_description(found) == _but_the_description(mailed)
    assert (OutgoingMail.objects.count(), Activity.objects.count()) == before


def _but_the_description(data: bytes) -> list[str]:
    """The lines, but what a mail adds: its description and when it was made."""
    lines = data.decode().replace("\r\n ", "").split("\r\n")
    return [line for line in lines if not line.startswith(("DESCRIPTION", "DTSTAMP"))]
