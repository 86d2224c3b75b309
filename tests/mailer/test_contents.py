"""What the texts say of messages that other programs send too, and patterns in the words of each catalogue."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext
from msgspec.structs import replace

from calendars.patterns import Series
from calendars.words import describe_pattern
from mailer.contents import Fact, contents
from mailer.kinds import PROTOCOL, to_json
from mailer.messages import Recipient, RegisteredUser, Time
from mailer.preview import part, sample_mail, task_mail
from mailer.protocol import DateException, EventMessage
from mailer.samples import sample

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START = datetime(2026, 11, 30, 9, tzinfo=UTC)  # the last Monday of the month


def said(message: EventMessage, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return contents(message, language, NOW)


def plain(text: str) -> str:
    """With plain spaces."""
    return re.sub(r"[^\S\n]", " ", text)


def in_words(rule: str, language: str) -> str:
    series = Series(START, START, "Europe/Berlin", pattern=(f"RRULE:{rule}",))
    with translation.override(language):
        return describe_pattern(series, locale=language, gettext=gettext, ngettext=ngettext)


@pytest.mark.parametrize(
    ("rule", "german", "french"),
    [
        ("FREQ=DAILY", "jeden Tag", "tous les jours"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=1", "alle 2 Tage, 1 Mal", "tous les 2 jours, 1 fois"),
        ("FREQ=WEEKLY", "jede Woche am Montag", "tous les lundis"),
        ("FREQ=WEEKLY;BYDAY=MO,SU", "jede Woche am Montag und Sonntag", "tous les lundis et dimanches"),
        (
            "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,TH,SA;COUNT=9",
            "alle 3 Wochen am Dienstag, Donnerstag und Samstag, 9 Mal",
            "toutes les 3 semaines, les mardis, jeudis et samedis, 9 fois",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "jeden Monat am 1.", "tous les mois, le 1er"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "jeden Monat am 1. und 15.", "tous les mois, le 1er et le 15"),
        ("FREQ=MONTHLY;INTERVAL=2", "alle 2 Monate am 30.", "tous les 2 mois, le 30"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "jeden Monat am letzten Tag", "tous les mois, le dernier jour"),
        (
            "FREQ=MONTHLY;BYDAY=1FR,-1MO;UNTIL=20270531T090000Z",
            "jeden Monat am ersten Freitag und letzten Montag bis 31. Mai 2027",
            "tous les mois, le premier vendredi et le dernier lundi jusqu’au 31 mai 2027",
        ),
        ("FREQ=YEARLY", "jedes Jahr am 30. November", "tous les ans, le 30 novembre"),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=-1MO",
            "alle 2 Jahre am letzten Montag im November",
            "tous les 2 ans, le dernier lundi du mois de novembre",
        ),
        ("FREQ=YEARLY;BYWEEKNO=20", "an mehreren Terminen", "à plusieurs dates"),
    ],
)
def test_pattern_in_german_and_french(rule: str, german: str, french: str) -> None:
    assert (in_words(rule, "de"), in_words(rule, "fr")) == (german, french)


# --- what happened, in a sentence ---


def own(kind: str, shape: str, **recipient: Any) -> EventMessage:
    """As the creator gets it."""
    message = sample(kind, shape, "en")
    creator = replace(message.invitee, email=message.event.organizer.email)
    return replace(message, invitee=creator, recipient=replace(message.recipient, **recipient))


def first_line(message: EventMessage) -> str:
    return part(task_mail(to_json(message), "en"), "txt").decode().splitlines()[0]


@pytest.mark.parametrize(
    ("shape", "sentences"),
    [
        ("single", "You have planned this meeting. The attached file adds it to your calendar."),
        ("time_independent", "You have planned this meeting."),
    ],
)
def test_creator_is_told_of_a_calendar_entry_where_there_is_one(shape: str, sentences: str) -> None:
    message = own("registered_event_invite", shape)
    assert first_line(message) == sentences
    assert bool(part(task_mail(to_json(message), "en"), "ics")) == ("attached" in sentences)


@pytest.mark.parametrize(
    ("kind", "partstat", "sentences"),
    [
        (
            "registered_event_cancellation",
            "DECLINED",
            " You had declined it. If your calendar still shows it, it will be removed.",
        ),
        ("registered_event_cancellation", "TENTATIVE", ""),
        ("registered_event_update", "DECLINED", ""),
    ],
)
def test_who_has_declined_is_told_why_the_cancellation_comes(kind: str, partstat: str, sentences: str) -> None:
    message = sample(kind, "recurring", "en")
    message = replace(message, recipient=replace(message.recipient, partstat=partstat))
    verb = "cancelled" if kind == "registered_event_cancellation" else "changed"
    assert first_line(message) == f"Dr. Ada Weber has {verb} this meeting.{sentences}"


def test_first_part_of_a_split_series_does_not_read_as_an_end() -> None:
    assert first_line(sample("registered_event_update", "following", "en")) == (
        "Dr. Ada Weber has changed this series from Tuesday, 2 February 2027 on. This mail covers the dates before"
        " that day. The meeting continues: a second mail covers the dates from then on."
    )


# --- messages of other programs have no changes, no zone of the receiver, and sometimes errors ---


def foreign(**exception: Any) -> EventMessage:
    message = sample("registered_event_update", "recurring", "en")
    told = DateException(Time(START, "Europe/Berlin"), **{"kind": "modified"} | exception)
    return replace(message, recipient=Recipient(), changes={}, event_exception=told)


def test_exception_is_compared_with_its_series() -> None:
    later = Time(START.replace(hour=13), "Europe/Berlin")
    told = said(foreign(title="Other", starts_at=later))
    assert (told["title"], told["changes"]) == (Fact("Other", "Budget 2027: A & B"), [])
    assert (plain(told["when"].text), plain(told["when"].before)) == (
        "Monday, 30 November 2026, 14:00 – 15:30 (CET)",
        "Monday, 30 November 2026, 10:00 – 11:30 (CET)",
    )


def test_update_that_says_nothing_tells_the_present_state() -> None:
    message = replace(sample("registered_event_update", "single", "en"), changes={})
    assert said(message)["changes"] == []
    assert "What has changed" not in part(task_mail(to_json(message), "en"), "txt").decode()


def test_exception_of_an_event_without_time_is_told_by_its_day() -> None:
    message = foreign()
    timeless = replace(message.event, start_time=None, end_time=None, rrule=None)
    told = said(replace(message, event=timeless))
    assert (told["day"], plain(told["when"].text)) == (
        "Monday, 30 November 2026",
        "Monday, 30 November 2026, 10:00 (CET)",
    )


def test_all_day_occurrence_has_as_many_days_as_the_first_whose_days_are_shorter() -> None:
    """The clocks in Berlin go forward on 28 March 2027, within the first occurrence."""
    message = sample("registered_event_update", "cancelled_occurrence", "en")
    first, last = datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)
    event = replace(
        message.event,
        start_time=Time(first, "Europe/Berlin"),
        end_time=Time(last, "Europe/Berlin"),
        is_all_day=True,
        rrule="RRULE:FREQ=WEEKLY",
    )
    for kind in ("canceled", "modified"):
        exception = DateException(Time(datetime(2027, 4, 16, 22, tzinfo=UTC), "Europe/Berlin"), kind, title="Other")
        told = said(replace(message, event=event, event_exception=exception))
        assert told["when"].text == "Saturday, 17 April 2027 – Sunday, 18 April 2027 (all day)"


def test_zone_that_nobody_knows_is_read_as_utc() -> None:
    message = sample("registered_event_invite", "single", "en")
    times = {"start_time": Time(START, "Mars/Olympus"), "end_time": Time(START, "Mars/Olympus")}
    told = said(replace(message, event=replace(message.event, **times), recipient=Recipient("en", "Moon/Base")))
    assert told["when"].text == "Monday, 30 November 2026, 09:00 (UTC)"
    assert told["when_planned"] == ""


def test_pattern_that_cannot_be_read_is_on_several_dates() -> None:
    message = sample("registered_event_invite", "recurring", "en")
    assert (
        said(replace(message, event=replace(message.event, rrule="FREQ=WHENEVER")))["repeats"].text
        == "on several dates"
    )


@pytest.mark.parametrize(
    ("zone", "repeats"),
    [
        ("Europe/Berlin", "every week on Monday"),
        ("America/New_York", "every week on Monday (Central European Time)"),
    ],
)
def test_days_of_a_series_that_are_others_for_the_receiver_have_their_zone(zone: str, repeats: str) -> None:
    night = START.replace(hour=1)  # on a Sunday evening in America
    message = sample("registered_event_invite", "single", "en")
    event = replace(message.event, start_time=Time(night, "Europe/Berlin"), end_time=Time(START, "Europe/Berlin"))
    event = replace(event, rrule="RRULE:FREQ=WEEKLY")
    assert said(replace(message, event=event, recipient=Recipient(time_zone=zone)))["repeats"].text == repeats


def test_room_of_an_adhoc_meeting_is_deleted_at_a_moment_in_its_own_zone() -> None:
    told = said(sample("registered_event_invite", "adhoc", "en"))
    assert told["deleted_at"] == "Tuesday, 1 December 2026, 10:00 (CET)"


@pytest.mark.parametrize("shape", ["single", "time_independent"])
def test_room_of_a_planned_meeting_is_not_said_to_be_deleted(shape: str) -> None:
    assert said(sample("registered_event_invite", shape, "en"))["deleted_at"] == ""


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example.org", "//x.example.org"])
def test_address_that_is_not_of_the_web_is_shown_and_no_link(url: str) -> None:
    message = sample("registered_event_invite", "single", "en")
    streams = [replace(message.event.streaming_targets[0], public_url=url)]
    folder = replace(message.event.shared_folder, read=replace(message.event.shared_folder.read, url=url))
    mail = task_mail(
        to_json(replace(message, event=replace(message.event, streaming_targets=streams, shared_folder=folder))), "en"
    )
    assert f'href="{url}' not in part(mail, "html").decode()
    assert f"Shared folder: {url}\n" in part(mail, "txt").decode()


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        (("de", "fr", "fr"), "Ada Weber lädt Sie"),
        (("", "fr", "de"), "Ada Weber vous invite"),
        (("tlh", "", "de-AT"), "Ada Weber lädt Sie"),
        (("", "", ""), "Ada Weber invites you"),
    ],
)
def test_language_is_the_receivers_then_the_inviters_then_the_default(
    languages: tuple[str, str, str], sentence: str
) -> None:
    own, account, inviter = languages
    message = sample("registered_event_invite", "single", "en")
    message = replace(
        message,
        invitee=replace(message.invitee, language=account),
        inviter=replace(message.inviter, language=inviter),
    )
    assert sentence in part(task_mail(to_json(message), own), "txt").decode()


@pytest.mark.parametrize("changes", [{"title": ["x"]}, {"title": "x"}, ["title"], {"starts_at": ["x", "y"]}])
def test_changes_that_cannot_be_read_are_refused(changes: Any) -> None:
    task = to_json(sample("registered_event_update", "single", "en")) | {"changes": changes}
    with pytest.raises(ValueError):  # noqa: PT011 - of the message or of its texts
        task_mail(task, "en")


# --- what other mailers got wrong (mail-and-calendar A6) ---


def test_default_language_is_the_configured_one(settings: Any) -> None:
    settings.DEFAULT_USER_LANGUAGE = "fr"
    message = sample("external_event_invite", "single", "")
    assert part(task_mail(to_json(message), ""), "txt").decode().startswith("Dr. Ada Weber vous invite")


@pytest.mark.parametrize("person", ["registered", "unregistered", "external"])
def test_calendar_object_speaks_the_receivers_language(person: str) -> None:
    message = replace(
        sample(f"{person}_event_invite", "single", "de"), inviter=RegisteredUser("a@example.com", "", "A", "B", "fr")
    )
    calendar = part(task_mail(to_json(message), "de"), "ics").decode().replace("\r\n ", "")
    assert "\\nPer Telefon: +49 30 1234567\\n" in calendar
    assert 'LABEL="Zur Besprechung"' in calendar


def test_live_stream_is_a_link_in_html_and_an_address_in_text() -> None:
    mail = sample_mail("external_event_invite", "single", "en")
    assert re.search(r'<a [^>]*href="https://video\.example\.org/42"[^>]*>Video site</a>', part(mail, "html").decode())
    assert "Live stream: Video site https://video.example.org/42\n" in mail.body


@pytest.mark.parametrize("kind", PROTOCOL)
def test_mail_names_no_product_and_no_host_but_the_configured_ones(kind: str, settings: Any) -> None:
    settings.FRONTEND_URL, settings.MAIL_PRODUCT_NAME = "https://meet.example.com", "Acme"
    settings.BASE_URL = "https://site.example.com"
    mail = sample_mail(kind, "recurring", "en")
    html = part(mail, "html").decode()
    hosts = set(re.findall(r"(?:https?:)?//([\w.-]+)", f"{mail.body} {html}"))
    assert hosts <= {"meet.example.com", "site.example.com", "cloud.example.com", "video.example.org"}
    assert "opentalk" not in f"{mail.subject} {mail.body} {html}".lower()


def test_organizer_is_not_asked_whether_to_attend() -> None:
    message = sample("registered_event_update", "single", "en")
    assert len(said(message)["answers"]) == 3
    organizers = replace(message, invitee=replace(message.invitee, email=message.event.organizer.email))
    assert said(organizers)["answers"] == []


def test_meeting_of_more_than_a_day_says_when_it_ends() -> None:
    told = said(sample("registered_event_invite", "multi_day", "en"))
    assert told["when"].text == "Monday, 30 November 2026, 04:00 – Wednesday, 2 December 2026, 10:00 (New York)"


def test_american_reads_american_times() -> None:
    for language in ("en-US", "en_US"):
        mail = sample_mail("registered_event_update", "moved_occurrence", language)
        assert plain(mail.subject) == "Changed: Budget 2027: decision (Mon, Dec 7, 2026)"
        assert "\nTuesday, December 8, 2026, 8:00 AM – 9:00 AM (EST)\n" in plain(str(mail.body))
        assert '<html lang="en" dir="ltr">' in part(mail, "html").decode()
