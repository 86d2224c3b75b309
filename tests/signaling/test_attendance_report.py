"""The file that says who was in a meeting, and the one that says who confirmed it in a training."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from rooms.models import Asset
from signaling.models import Participant, RoomSession, Span
from signaling.work.meeting_report import total
from tests import factories
from tests.circle import Circle
from tests.rooms.conftest import Files, keep_files_at
from tests.signaling.modules.test_meeting_report import ask
from tests.signaling.modules.test_meeting_report import stage as meeting
from tests.signaling.modules.test_training_participation_report import BEN, confirm, disable, running
from tests.signaling.reported import done, lines, session_of
from tests.signaling.stage import NOW, Stage
from users.models import User


@pytest.fixture(autouse=True)
def files(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Files:
    return keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)


def report(room: Stage, circle: Circle, *, session: RoomSession | None = None, reader: User) -> Asset:
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        session = session or session_of(room, circle.event.room)
        answered = done(room, circle.event.room, session, user_id=reader.pk)
    assert answered.result, answered.error
    return circle.event.room.assets.get(pk=answered.result["asset_id"])


class Presence:
    """Rows of people and of when they were there, in minutes since the meeting began."""

    def __init__(self, session: RoomSession) -> None:
        self.session = session

    def add(self, name: str, *times: tuple[int, int | None], kind: str = "guest", user: User | None = None) -> None:
        participant_id = uuid.uuid4()
        Participant.objects.create(
            session=self.session,
            participant_id=participant_id,
            kind="user" if user else kind,
            role="guest",
            where="joined",
            display_name=name,
            user_id=user and user.pk,
            connection=uuid.uuid4(),
            process=uuid.uuid4(),
            step=1,
        )
        for begin, end in times:
            left = None if end is None else NOW + timedelta(minutes=end)
            span = {"joined_at": NOW + timedelta(minutes=begin), "left_at": left}
            Span.objects.create(session=self.session, participant_id=participant_id, **span)


HEAD = [
    "Attendance report",
    "Weekly",
    "The meeting",
    "Began: 23 November 2026, 10:00:00",
    "As of: 23 November 2026, 12:00:00",
]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("with_addresses", [True, False])
def test_attendance(with_addresses: bool) -> None:
    circle = Circle(title="Weekly")
    reader = factories.user("reader", language="en", time_zone="Europe/Berlin")
    room = meeting()
    ask(room, "anna", include_email_addresses=with_addresses)
    session = session_of(room, circle.event.room)
    people = Presence(session)
    people.add("Alice", (0, 30), (60, None), user=circle.alice)
    people.add("Alice", (20, 40), user=circle.alice)
    people.add("Олена", (5, 65))
    people.add("+49 30 1", (6, 7), kind="sip")
    people.add("Recorder", (6, 7), kind="recorder")
    people.add("Who waited only")
    address = " alice@example.com" if with_addresses else ""
    none = " –" if with_addresses else ""
    day = "23 November 2026,"
    assert lines(report(room, circle, session=session, reader=reader)) == [
        *HEAD,
        "People: 3",
        "People",
        f"Name{' E-mail address' if with_addresses else ''} Kind Came Left Present",
        f"Alice{address} with an account {day} 10:00:00 still here 1:40:00",
        f"Олена{none} guest {day} 10:05:00 {day} 11:05:00 1:00:00",
        f"+49 30 1{none} by phone {day} 10:06:00 {day} 10:07:00 0:01:00",
    ]


@pytest.mark.parametrize(
    ("times", "minutes"),
    [
        ([], 0),
        ([(0, 10)], 10),
        ([(0, 10), (20, 30)], 20),
        ([(5, 15), (0, 10)], 15),
        ([(0, 30), (10, 20)], 30),
        ([(0, 10), (10, 20)], 20),
    ],
)
def test_what_overlaps_counts_once(times: list[tuple[int, int]], minutes: int) -> None:
    spans = [(NOW + timedelta(minutes=begin), NOW + timedelta(minutes=end)) for begin, end in times]
    assert total(spans) == timedelta(minutes=minutes)


@pytest.mark.slow
@pytest.mark.django_db
def test_participation() -> None:
    circle = Circle(title="First aid")
    reader = factories.user("reader", language="en", time_zone="Europe/Berlin")
    room = running()
    confirm(room, BEN)
    room.wait(10)
    disable(room)
    asset = report(room, circle, reader=reader)
    assert (asset.kind, asset.namespace) == ("participation_report", "training_participation_report")
    assert asset.filename == "First_aid_2026-11-23_11-00-00-UTC_participation_report.pdf"
    assert lines(asset) == [
        "Participation report",
        "First aid",
        "The training",
        "Trainer: Tina",
        "Began: 23 November 2026, 10:00:01",
        "Ended: 23 November 2026, 10:01:53",
        "Checkpoints: 2",
        "Participants",
        "Name Confirmations",
        "Ben 1",
        "Gus 0",
        "Checkpoint 1",
        "23 November 2026, 10:01:41",
        "Name Confirmed",
        "Ben 23 November 2026, 10:01:42",
        "Gus –",
        "Checkpoint 2",
        "23 November 2026, 10:01:52",
        "Name Confirmed",
        "Ben –",
        "Gus –",
    ]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("Anwesenheitsbericht", "Teilnahmebericht")),
        ("fr", ("Rapport de présence", "Rapport de participation")),
    ],
)
def test_language_is_that_of_who_asked(language: str, said: tuple[str, str]) -> None:
    circle = Circle()
    reader = factories.user("reader", language=language)
    room, training = meeting(), running()
    ask(room, "anna")
    disable(training)
    session = session_of(room, circle.event.room)
    found = [lines(report(one, circle, session=session, reader=reader))[0] for one in (room, training)]
    assert found == list(said)
