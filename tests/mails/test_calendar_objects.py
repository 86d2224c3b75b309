"""The calendar object of each kind of mail for each shape of meeting, whole (RFC 5545, 5546, 7986)."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest

from mailer.models import OutgoingMail
from mailer.preview import part, sample_mail
from mailer.render import render
from tests.goldens import assert_golden, assert_no_others
from tests.mails.scenes import ADDRESSES, SHAPES, mails_of
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
ENDINGS = ("uninvite", "cancellation")
REFUSAL, REFUSED = "registered_event_refusal", ("single", "all_day", "recurring", "moved_occurrence")


@pytest.fixture(autouse=True)
def places(settings: Any) -> None:
    settings.CALL_IN_TEL = "+49 30 1234567"
    settings.FRONTEND_URL = "https://meet.example.com"


def calendar_of(mail: OutgoingMail) -> bytes | None:
    """The object as it travels: the same bytes as the last alternative and as a file, METHOD as its MIME type says."""
    sent = message_from_bytes(render(mail).message().as_bytes(), policy=policy.default)
    parts = [part for part in sent.walk() if part.get_content_type() == "text/calendar"]
    files = [part for part in sent.walk() if part.get_content_type() == "application/ics"]
    assert len(parts) == len(files) <= 1
    if not parts:
        return None
    data = parts[0].get_payload(decode=True)
    assert isinstance(data, bytes)
    assert data == files[0].get_payload(decode=True)
    method = parts[0].get_param("method")
    assert f"\r\nMETHOD:{method}\r\n".encode() in data
    assert (
        files[0].get_filename()
        == {"REQUEST": "invite.ics", "PUBLISH": "meeting.ics", "CANCEL": "cancel.ics"}[str(method)]
    )
    return data


def objects_of(name: str) -> Iterator[tuple[str, bytes | None]]:
    """(kind of mail, calendar object) of what the three people get in the phases that are of this shape."""
    shape = SHAPES[name]
    found = mails_of(shape)
    for phase in shape.phases:
        mails = [mail for mail in found[phase] if mail.address in ADDRESSES]
        assert len({(mail.kind, mail.address) for mail in mails}) == len(mails)
        yield from ((mail.kind, calendar_of(mail)) for mail in mails)


def names_of(shape: str) -> set[str]:
    phases = SHAPES[shape].phases + (("invite",) if shape == "following" else ())
    return {f"ics/{person}_event_{phase}.{shape}.ics" for phase in phases for person in ADDRESSES.values()}


@sweep("shape", SHAPES, fast=3)
def test_calendar_objects(shape: str) -> None:
    found = {f"ics/{kind}.{shape}.ics": data for kind, data in objects_of(shape)}
    assert found.keys() == names_of(shape)
    for name, data in found.items():
        assert data is not None
        assert_golden(name, data)


@pytest.mark.parametrize("shape", REFUSED)
def test_refusals(shape: str) -> None:
    assert_golden(f"ics/{REFUSAL}.{shape}.ics", part(sample_mail(REFUSAL, shape, "en"), "ics"))


def test_each_file_is_the_calendar_object_of_a_mail() -> None:
    refusals = {f"ics/{REFUSAL}.{shape}.ics" for shape in REFUSED}
    assert_no_others("ics/*", set().union(*map(names_of, SHAPES)) | refusals)
