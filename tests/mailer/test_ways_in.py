"""How mails lead into a meeting: one link to each place, numbers that can be read and tapped."""

import re

import pytest
from msgspec.structs import replace

from mailer.kinds import to_json
from mailer.preview import part, sample_mail, task_mail
from mailer.protocol import CallIn
from mailer.samples import sample
from mailer.ways_in import grouped, ways_in

KINDS = ("registered_event_invite", "unregistered_event_invite", "external_event_update")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("+49 (30) 123-4567", "+49 (30) 123-4567"),
        ("+4930123456", "+49 3012 3456"),
        ("+15551234567", "+1 555 123 4567"),
        ("+352123456", "+352 123 456"),
        ("0301234567", "0301234567"),
        ("+49x1", "+49x1"),
        ("", ""),
        ("+", "+"),
    ],
)
def test_number_can_be_read_as_it_was_given_or_in_groups(given: str, shown: str) -> None:
    message = sample("registered_event_invite", "single", "en")
    call_in = CallIn(given, "1234567890", "0987654321")
    rows = ways_in(replace(message, event=replace(message.event, call_in=call_in)))[1]
    assert rows[0].text == shown


@pytest.mark.parametrize(
    ("digits", "groups"),
    [
        ("1234567890", "123 456 7890"),
        ("12345678", "1234 5678"),
        ("1234567", "123 4567"),
        ("12345", "12 345"),
        ("1234", "1234"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_digits_are_grouped_without_one_that_is_left_over(digits: str, groups: str) -> None:
    assert grouped(digits) == groups


def test_one_tap_dials_the_number_and_another_all_at_once() -> None:
    html = part(sample_mail("registered_event_invite", "single", "en"), "html").decode()
    dialled = re.findall(r'<a class="link" href="(tel:[^"]+)"[^>]*>([^<]+)</a>', html)
    assert dialled == [
        ("tel:+49301234567", "+49 30 1234567"),
        ("tel:+49301234567,,1234567890,,0987654321", "+49 30 1234567,, 123 456 7890,, 098 765 4321"),
    ]


def test_text_has_the_digits_that_telephones_find_in_it() -> None:
    assert "One-tap dial-in: +49301234567,,1234567890,,0987654321\n" in str(
        sample_mail("registered_event_invite", "single", "en").body
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_links_lead_to_the_same_place(kind: str) -> None:
    html = part(sample_mail(kind, "recurring", "en"), "html").decode()
    places = re.findall(r'href="([^"]+)"', html)
    assert len(places) == len(set(places)) >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_password_stays_where_the_link_is_a_button(kind: str) -> None:
    has_password = kind != "registered_event_invite"
    mail = sample_mail(kind, "single", "en")
    assert ("correct-horse" in part(mail, "html").decode()) == has_password
    assert str(mail.body).index("Join: ") < str(mail.body).index("By phone: ")


def test_meeting_without_any_other_way_has_its_button_alone() -> None:
    message = sample("registered_event_invite", "single", "en")
    bare = replace(message.event, call_in=None, shared_folder=None, streaming_targets=[])
    html = part(task_mail(to_json(replace(message, event=bare)), "en"), "html").decode()
    assert html.count("<a ") == 5  # to the room, to the details, and for each answer
    assert 'class="line"' not in html
