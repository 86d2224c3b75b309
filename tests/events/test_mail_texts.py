"""What mails tell of a change: which occurrence, and each old and new value in the receiver's language and zone."""

import re
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail

from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle

pytestmark = pytest.mark.django_db
MONDAYS = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
SECOND = "20261130T090000Z"
TITLE, WHEN = "Team meeting", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"


def meeting(**fields: Any) -> Circle:
    """Whose people read plain English."""
    circle = Circle(**fields)
    for person in (circle.alice, circle.bob):
        person.language = "en"
        person.save()
    return circle


def told(circle: Circle, address: str = "bob@example.com") -> tuple[str, str]:
    """Subject and text of the one mail that waits for the address, with plain spaces."""
    mail.outbox.clear()
    deliver_due()
    assert set(OutgoingMail.objects.values_list("state", "last_error")) == {("sent", "")}
    OutgoingMail.objects.all().delete()
    (message,) = (sent for sent in mail.outbox if address in sent.to[0])
    return message.subject, re.sub(r"[^\S\n]", " ", str(message.body))


def changes(circle: Circle, **body: Any) -> list[str]:
    """The lines about what an update of the event has changed, as bob reads them."""
    assert circle.api("creator").patch(circle.path, body).status_code == 200
    return news(told(circle)[1])


def news(text: str) -> list[str]:
    """Each fact that has changed, what it was before, and what else has changed."""
    lines = text.split("\n\nWhat", maxsplit=1)[0].splitlines()
    found = [line for fact, before in pairwise(lines) if before.startswith("  Before: ") for line in (fact, before)]
    for heading in ("What has changed\n", "What else has changed\n"):
        if heading in text:
            assert (heading == "What else has changed\n") == bool(found)
            found += text.split(heading)[1].split("\n\n", maxsplit=1)[0].splitlines()
    assert found
    return found


def at(day: int, hour: int) -> dict[str, str]:
    return {"datetime": f"2026-11-{day}T{hour:02}:00:00+01:00", "timezone": "Europe/Berlin"}


TIMED = {"is_time_independent": False, "is_all_day": False}


# --- an event ---


def test_new_title() -> None:
    assert changes(meeting(), title="Daily") == ["Daily", "  Before: Team meeting"]


@pytest.mark.slow
def test_new_time() -> None:
    moved = changes(meeting(), **TIMED, starts_at=at(24, 14), ends_at=at(24, 16))
    assert moved == ["Tuesday, 24 November 2026, 14:00 – 16:00 (CET)", f"  Before: {WHEN}"]


@pytest.mark.slow
def test_new_pattern() -> None:
    circle = meeting()
    times = TIMED | {"starts_at": at(23, 10), "ends_at": at(23, 11)}
    assert changes(circle, **times, recurrence_pattern=["RRULE:FREQ=DAILY;COUNT=3"]) == [
        "Repeats: every day, 3 times",
        "  Before: does not repeat",
    ]
    assert changes(circle, **times, recurrence_pattern=[]) == [
        "Repeats: does not repeat",
        "  Before: every day, 3 times",
    ]


def test_from_hours_to_whole_days() -> None:
    midnights = {"starts_at": at(23, 0), "ends_at": at(24, 0)}
    assert changes(meeting(), is_time_independent=False, is_all_day=True, **midnights) == [
        "Monday, 23 November 2026 (all day)",
        f"  Before: {WHEN}",
    ]


@pytest.mark.slow
def test_time_is_lost_and_found() -> None:
    circle = meeting()
    assert changes(circle, is_time_independent=True) == ["At no fixed time", f"  Before: {WHEN}"]
    found = changes(circle, **TIMED, starts_at=at(23, 10), ends_at=at(23, 11))
    assert found == [WHEN, "  Before: At no fixed time"]


def test_zone_that_changes_alone_is_told() -> None:
    """It asks everybody anew: a series follows its clocks."""
    london = {"datetime": "2026-11-23T09:00:00Z", "timezone": "Europe/London"}
    end = london | {"datetime": "2026-11-23T10:00:00Z"}
    assert changes(meeting(), **TIMED, starts_at=london, ends_at=end)[-2:] == [
        "* Time zone: Central European Time",
        "  → United Kingdom Time",
    ]


@pytest.mark.slow
def test_description_is_not_told_twice() -> None:
    circle = meeting()
    assert circle.api("creator").patch(circle.path, {"description": "New words"}).status_code == 200
    text = told(circle)[1]
    assert news(text) == ["* There is a new description."]
    assert text.count("New words") == 1
    assert changes(circle, description="") == ["* The description was removed."]


@pytest.mark.slow
def test_password_is_told_of_and_not_told() -> None:
    circle = meeting()
    assert changes(circle, password="first") == ["* The room has a password now."]
    circle.api("creator").patch(circle.path, {"password": "second"})
    text = told(circle)[1]
    assert news(text) == ["* The room has a new password."]
    assert "first" not in text
    assert changes(circle, password=None) == ["* The room no longer has a password."]


@pytest.mark.slow
def test_new_waiting_room() -> None:
    circle = meeting()
    assert changes(circle, waiting_room=True) == ["* There is a waiting room now."]
    assert changes(circle, waiting_room=False) == ["* There is no longer a waiting room."]


@pytest.mark.slow
def test_new_live_stream() -> None:
    circle = meeting()
    assert changes(circle, streaming_targets=[factories.STREAM]) == ["* Live streams: none", "  → Video site"]


@pytest.mark.slow
def test_several_changes_are_one_mail() -> None:
    assert changes(meeting(), title="Daily", description="", password="open") == [
        "Daily",
        "  Before: Team meeting",
        "* The room has a password now.",
    ]


# --- one occurrence ---


def occurrence(circle: Circle, **body: Any) -> tuple[str, str]:
    assert circle.api("creator").patch(f"{circle.path}/instances/{SECOND}", body).status_code == 200
    return told(circle)


@pytest.mark.slow
def test_moved_occurrence_is_told_by_its_first_day_and_where_it_was_last() -> None:
    circle = meeting(schedule=MONDAYS)
    later = {"datetime": "2026-12-01T14:00:00+01:00", "timezone": "Europe/Berlin"}
    subject, text = occurrence(circle, starts_at=later)
    assert subject == "Changed: Team meeting (Mon, 30 Nov 2026)"
    assert text.startswith("Alice Example has changed one date of this series: Monday, 30 November 2026.\n")
    second = "Tuesday, 1 December 2026, 14:00 – 15:00 (CET)"
    assert news(text) == [
        second,
        "  Before: Monday, 30 November 2026, 10:00 – 11:00 (CET)",
    ]
    latest = {"datetime": "2026-12-02T14:00:00+01:00", "timezone": "Europe/Berlin"}
    subject, text = occurrence(circle, starts_at=latest)
    assert subject == "Changed: Team meeting (Mon, 30 Nov 2026)"
    assert news(text) == [
        "Wednesday, 2 December 2026, 14:00 – 15:00 (CET)",
        f"  Before: {second}",
    ]


@pytest.mark.slow
def test_cancelled_occurrence_reads_as_a_cancellation_until_it_is_restored() -> None:
    circle = meeting(schedule=MONDAYS)
    subject, text = occurrence(circle, status="cancelled")
    assert subject == "Cancelled: Team meeting (Mon, 30 Nov 2026)"
    assert text.startswith("Alice Example has cancelled one date of this series: Monday, 30 November 2026.\n")
    assert "Join" not in text
    subject, text = occurrence(circle, status="ok")
    assert subject == "Changed: Team meeting (Mon, 30 Nov 2026)"
    assert news(text) == ["* It takes place after all."]
    assert "Join" in text


@pytest.mark.slow
def test_occurrence_shows_its_own_title_and_description() -> None:
    circle = meeting(schedule=MONDAYS, description="Of the series")
    subject, text = occurrence(circle, title="With guests", description="Of this date")
    assert subject == "Changed: With guests (Mon, 30 Nov 2026)"
    assert news(text) == ["With guests", "  Before: Team meeting", "* There is a new description."]
    assert "Of this date" in text
    assert "Of the series" not in text
    assert "Repeats" not in text


def split(circle: Circle, **body: Any) -> dict[str, str]:
    """What bob is told when the series changes from its second date on: text by subject."""
    second = {"datetime": "2026-11-30T10:00:00+01:00", "timezone": "Europe/Berlin"}
    answer = circle.api("creator").post(f"{circle.path}/reschedule", {"from": second} | body)
    assert answer.status_code == 201
    deliver_due()
    texts = {sent.subject: re.sub(r"[^\S\n]", " ", str(sent.body)) for sent in mail.outbox if "bob" in sent.to[0]}
    assert sorted(texts) == ["Changed: Team meeting", "Changed: Team meeting (from Mon, 30 Nov 2026 on)"]
    return texts


@pytest.mark.slow
def test_earlier_part_of_a_split_series_says_that_the_meeting_goes_on_and_when() -> None:
    later = {"datetime": "2026-11-30T12:00:00+01:00", "timezone": "Europe/Berlin"}
    text = split(meeting(schedule=MONDAYS), starts_at=later)["Changed: Team meeting"]
    assert text.startswith(
        "Alice Example has changed this series from Monday, 30 November 2026 on. This mail covers the dates before"
        " that day. The meeting continues: a second mail covers the dates from then on.\n"
    )
    assert "\nContinues: Monday, 30 November 2026, 12:00 – 13:00 (CET), every week on Monday\n" in text


@pytest.mark.slow
def test_later_part_of_a_split_series_is_told_with_its_old_time() -> None:
    later = {"datetime": "2026-11-30T12:00:00+01:00", "timezone": "Europe/Berlin"}
    text = split(meeting(schedule=MONDAYS), starts_at=later)["Changed: Team meeting (from Mon, 30 Nov 2026 on)"]
    assert text.startswith("Alice Example has changed this series from Monday, 30 November 2026 on.\n")
    assert news(text) == [
        "Monday, 30 November 2026, 12:00 – 13:00 (CET)",
        "  Before: Monday, 30 November 2026, 10:00 – 11:00 (CET)",
    ]


@pytest.mark.slow
def test_later_part_tells_its_old_pattern_where_it_has_another() -> None:
    body = {"description": "New", "recurrence_pattern": ["RRULE:FREQ=DAILY;COUNT=3"]}
    text = split(meeting(schedule=MONDAYS), **body)["Changed: Team meeting (from Mon, 30 Nov 2026 on)"]
    assert news(text) == [
        "Repeats: every day, 3 times",
        "  Before: every week on Monday",
        "* There is a new description.",
    ]


# --- whom it is told ---


@pytest.mark.slow
def test_time_is_told_in_the_receivers_language_and_zone_then_where_it_was_planned() -> None:
    circle = meeting()
    circle.bob.language, circle.bob.time_zone = "fr", "America/New_York"
    circle.bob.save()
    circle.api("creator").patch(circle.path, {"title": "Réunion"})
    subject, text = told(circle)
    assert subject == "Modification : Réunion"
    assert text.splitlines()[2:6] == [
        "Réunion",
        "  Avant : Team meeting",
        "Lundi 23 novembre 2026, 04:00 – 05:00 (HNE)",
        "Lundi 23 novembre 2026, 10:00 – 11:00 (Berlin)",
    ]


def test_creator_is_told_what_he_did_himself() -> None:
    circle = meeting()
    circle.api("creator").patch(circle.path, {"title": "Daily"})
    assert told(circle, "alice@example.com")[1].startswith("You have changed this meeting.\n")


def test_outsider_reads_the_inviters_language() -> None:
    circle = meeting()
    circle.alice.language = "de"
    circle.alice.save()
    circle.invite("dora@example.org", suppress_mail=False)
    assert told(circle, "dora@example.org")[0] == "Einladung: Team meeting"
