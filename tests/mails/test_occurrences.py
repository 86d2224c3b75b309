"""MAIL_OCCURRENCES: the calendar object of a mail about one occurrence is of it alone, or of the whole series."""

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar

from events.services.invitations import answer_invite
from mailer.models import OutgoingMail
from mailer.render import render
from tests.mails.scenes import MONDAYS, START, WEEK, Scene, hours
from tests.mails.test_calendar_objects import calendar_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A weekly meeting whose second occurrence was moved, with everybody in it and nothing queued."""
    found = Scene(schedule=hours(0, 1, pattern=MONDAYS))
    found.invite()
    found.move_instance(1)
    OutgoingMail.objects.all().delete()
    return found


def calendar_for(address: str = "bob@example.com") -> Any:
    data = calendar_of(OutgoingMail.objects.get(address=address))
    assert data is not None
    return Calendar.from_ical(data)


def shape(calendar: Any) -> tuple[str, list[Any], bool]:
    """METHOD, which occurrences the events are (None: the series), whether the third Monday is excluded."""
    events = calendar.walk("VEVENT")
    originals = [event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else None for event in events]
    excluded = any("EXDATE" in event and event["EXDATE"].dts[0].dt == START + 2 * WEEK for event in events)
    return str(calendar["METHOD"]), originals, excluded


MOVE, CANCEL = (lambda scene: scene.move_instance(2), lambda scene: scene.cancel_instance(2))
SECOND, THIRD = START + WEEK, START + 2 * WEEK


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "own", "act", "expected"),
    [
        ("alone", "", MOVE, ("REQUEST", [THIRD], False)),
        ("alone", "", CANCEL, ("CANCEL", [THIRD], False)),
        ("whole", "", MOVE, ("REQUEST", [None, SECOND, THIRD], False)),
        ("whole", "", CANCEL, ("REQUEST", [None, SECOND], True)),
        ("whole", "alone", CANCEL, ("CANCEL", [THIRD], False)),
        ("alone", "whole", CANCEL, ("REQUEST", [None, SECOND], True)),
    ],
)
def test_object_is_as_the_tenant_or_the_setting_says(
    scene: Scene, settings: Any, setting: str, own: str, act: Callable[[Scene], None], expected: Any
) -> None:
    settings.MAIL_OCCURRENCES = setting
    scene.event.tenant.mail_occurrences = own
    scene.event.tenant.save()
    act(scene)
    assert shape(calendar_for()) == expected


@pytest.mark.slow
def test_texts_stay_those_of_the_occurrence(scene: Scene, settings: Any) -> None:
    texts = {}
    for setting in ("alone", "whole"):
        settings.MAIL_OCCURRENCES = setting
        OutgoingMail.objects.all().delete()
        scene.event.exceptions.filter(original_starts_at=THIRD).delete()
        scene.cancel_instance(2)
        mail = render(OutgoingMail.objects.get(address="bob@example.com"))
        texts[setting] = (mail.subject, mail.body, mail.alternatives[0])
    assert texts["alone"] == texts["whole"]
    assert "open sesame" not in str(texts)


@pytest.mark.slow
def test_series_keeps_its_description_and_ways_in_where_an_occurrence_is_cancelled(scene: Scene, settings: Any) -> None:
    settings.MAIL_OCCURRENCES, settings.CALL_IN_TEL = "whole", "+49 30 1234567"
    scene.update(description="Other")
    before = {str(event.get("RECURRENCE-ID")): event["DESCRIPTION"] for event in calendar_for().walk("VEVENT")}
    OutgoingMail.objects.all().delete()
    scene.cancel_instance(2)
    events = calendar_for().walk("VEVENT")
    assert {str(event.get("RECURRENCE-ID")): event["DESCRIPTION"] for event in events} == before
    assert "123 456 7890" in events[0]["DESCRIPTION"]


@pytest.mark.slow
def test_answers_stand_in_the_whole_series(scene: Scene, settings: Any) -> None:
    settings.MAIL_OCCURRENCES = "whole"
    answer_invite(invite=scene.event.invites.get(), status="accepted", via="api", **scene.how)
    scene.move_instance(2)
    found = [event["ATTENDEE"].params["PARTSTAT"] for event in calendar_for().walk("VEVENT")]
    assert found == ["ACCEPTED", "ACCEPTED", "NEEDS-ACTION"]


def test_organizer_gets_the_whole_series_published(scene: Scene, settings: Any) -> None:
    settings.MAIL_OCCURRENCES = "whole"
    scene.cancel_instance(2)
    assert shape(calendar_for("alice@example.com")) == ("PUBLISH", [None, SECOND], True)
