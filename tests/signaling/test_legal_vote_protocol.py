"""The file of a vote's protocol: what it says in each language, and how it gets into the room."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
import typst

from activity.models import Activity
from rooms.models import Asset
from signaling import documents, presence, work
from signaling.effects import Answered
from tests import factories
from tests.circle import Circle
from tests.rooms.assets import set_quota
from tests.rooms.conftest import Files, keep_files_at
from tests.signaling.modules.test_legal_vote import ANNA, BEN, CLEO, TOKENS, cast, order, stage, started
from tests.signaling.reported import done, lines, pages, session_of
from tests.signaling.stage import NOW, Frames, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def files(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Files:
    return keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)


def voted(kind: str = "roll_call", **given: Any) -> tuple[Stage, str]:
    """Ben said no, and that the sound was bad."""
    room = stage()
    room.who(BEN).display_name = "Олексій Ґудзь"
    vote_id = started(room, kind=kind, create_pdf=True, **given)
    order(room, BEN, "report_issue", vote_id, kind="audio", description="Nothing to be heard")
    cast(room, BEN, vote_id, "no")
    return room, vote_id


def made(room: Stage, circle: Circle, **asker: Any) -> Answered:
    with time_machine.travel(NOW.replace(microsecond=123456), tick=False):
        return done(room, circle.event.room, session_of(room, circle.event.room), **asker)


def protocol(room: Stage, circle: Circle, **asker: Any) -> list[str]:
    result = made(room, circle, **asker).result
    assert result
    return lines(Asset.objects.get(pk=result["asset_id"]))


def test_votes_by_name() -> None:
    room, vote_id = voted(subtitle="of the year 2027", topic="Do we spend it?", timezone="Europe/Berlin", duration=90)
    order(room, CLEO, "stop", vote_id)
    assert protocol(room, Circle()) == [
        "Budget",
        "of the year 2027",
        "Do we spend it?",
        "The vote",
        "Kind: by name, shown at the end",
        "Started by: Anna",
        "Began: November 23, 2026, 10:00:01 AM",
        "Ended: November 23, 2026, 10:00:04 AM",
        "How it ended: Cleo ended it",
        "People with a vote: 2",
        "Votes cast: 1",
        "Abstention: possible",
        "Time limit: 0:01:30",
        "Result",
        "Option Votes",
        "Yes 0",
        "No 1",
        "Abstention 0",
        "People with a vote",
        "Name Vote Time",
        "Anna – –",
        "Олексій Ґудзь No November 23, 2026, 10:00:03 AM",
        "Reported problems",
        "Description Kind Name Time",
        "Nothing to be heard Sound Олексій Ґудзь November 23, 2026, 10:00:02 AM",
    ]


def test_votes_by_token_tell_nothing_of_who_and_when() -> None:
    room, vote_id = voted("pseudonymous", enable_abstain=False)
    cast(room, ANNA, vote_id)
    order(room, ANNA, "stop", vote_id)
    assert protocol(room, Circle())[9:] == [
        "Abstention: not possible",
        "Result",
        "Option Votes",
        "Yes 1",
        "No 1",
        "People with a vote",
        "Name",
        "Anna",
        "Олексій Ґудзь",
        "Votes by token",
        "Who voted was shown their token and can see here that the vote was counted.",
        "Token Vote",
        f"{TOKENS[ANNA]} Yes",
        f"{TOKENS[BEN]} No",
        "Reported problems",
        "Description Kind Name Time",
        "Nothing to be heard Sound – November 23, 2026, 9:00:02 AM",
    ]


@pytest.mark.parametrize("kind", ["live_roll_call", "pseudonymous"])
def test_cancelled_vote_has_no_result(kind: str) -> None:
    """And what somebody wrote is text, whatever it looks like."""
    room, vote_id = voted(kind)
    order(room, ANNA, "cancel", vote_id, reason="#let x = 1 *now* $x$")
    found = protocol(room, Circle())
    assert found[6] == "How it ended: Anna cancelled it: #let x = 1 *now* $x$"
    assert found[10:17] == [
        "Result",
        "The vote was cancelled and has no result.",
        "People with a vote",
        "Name",
        "Anna",
        "Олексій Ґудзь",
        "Reported problems",
    ]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda room: room.wait(60), "the time was over"),
        (lambda room: room.leave(ANNA), "cancelled, because the person who had started it left"),
        (lambda room: room.perform(presence.end(room.room)), "cancelled, because the meeting ended"),
    ],
)
def test_all_ends_have_words(end: Callable[[Stage], Frames], told: str) -> None:
    room, _vote_id = voted(duration=60)
    end(room)
    assert f"How it ended: {told}" in protocol(room, Circle())


def test_end_by_the_last_vote_has_words() -> None:
    room, vote_id = voted(auto_close=True)
    cast(room, ANNA, vote_id)
    assert "How it ended: everybody had voted" in protocol(room, Circle())


def test_count_that_the_protocol_does_not_bear_out() -> None:
    room, vote_id = voted()
    room.kept.pop()
    order(room, CLEO, "stop", vote_id)
    found = protocol(room, Circle())
    assert found[found.index("Result") + 1] == "The result is invalid: count and protocol differ."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de-AT", ["Die Abstimmung", "Art: namentlich, am Ende sichtbar", "Gestartet von: Anna"]),
        ("fr", ["Le vote", "Type : nominatif, visible à la fin", "Lancé par : Anna"]),
    ],
)
def test_language_and_time_zone_are_those_of_who_asked(language: str, said: list[str]) -> None:
    circle = Circle()
    reader = factories.user("reader", language=language, time_zone="Europe/Vienna")
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    found = protocol(room, circle, user_id=reader.pk)
    assert found[1:4] == said
    assert "10:00:01" in found[4]


# --- The file in the room ---


def test_file_is_one_of_the_room_and_its_making_in_the_log() -> None:
    circle = Circle()
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    result = made(room, circle, user_id=circle.bob.pk).result
    asset = circle.event.room.assets.get()
    assert result == {"filename": "Budget_2026-11-23_09-00-00-UTC_vote_protocol.pdf", "asset_id": asset.pk}
    assert (asset.filename, asset.namespace, asset.kind) == (result["filename"], "legal_vote", "vote_protocol")
    activity = Activity.objects.get(kind="asset.created")
    assert (activity.actor_kind, activity.actor_id, activity.via) == ("user", circle.bob.pk, "protocol")


def test_participant_without_an_account_is_named_in_the_log() -> None:
    circle = Circle()
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    made(room, circle)
    activity = Activity.objects.get(kind="asset.created")
    assert (activity.actor_kind, activity.actor_id, activity.actor_name) == ("participant", room.ids[CLEO], "Cleo")


def test_full_storage_is_told(files: Files) -> None:
    circle = Circle()
    set_quota(circle.alice, max_storage=1000)
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    assert made(room, circle).error == "storage_exceeded"
    assert files.names() == []


def test_storage_that_fails_is_told(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keep_files_at((tmp_path / "file" / "no folder").as_uri(), settings, monkeypatch)
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    assert made(room, Circle()).error == "storage"
    assert not Asset.objects.exists()


def test_room_that_is_gone_is_told() -> None:
    room, vote_id = voted()
    order(room, CLEO, "stop", vote_id)
    ((namespace, ask),) = room.asked
    assert work.done(room.room.id, namespace, ask).error == "storage"


# --- Every document ---


def test_document_is_accessible() -> None:
    """Tagged with headings and header cells, in a language and with a title, as PDF/UA wants it."""
    circle = Circle()
    room, vote_id = voted(name="Budget & more")
    order(room, CLEO, "stop", vote_id)
    made(room, circle, user_id=factories.user("reader", language="de-AT").pk)
    root = pages(circle.event.room.assets.get()).trailer["/Root"].get_object()
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("de", True)
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()
    assert "Budget &amp; more" in root["/Metadata"].get_data().decode()
    assert {"/Title", "/H1", "/L", "/Table", "/TR", "/TH", "/TD"} <= set(_roles(root["/StructTreeRoot"]))


def _roles(element: Any) -> Iterator[str]:
    element = element.get_object()
    children = element if isinstance(element, list) else element.get("/K", []) if isinstance(element, dict) else []
    if isinstance(element, dict) and "/S" in element:
        yield str(element["/S"])
    for child in children if isinstance(children, list) else [children]:
        yield from _roles(child)


@pytest.mark.parametrize(
    "name",
    ["Zoë Ńowak", "Αλέξης Παπαδόπουλος", "Олександр Їжак", "Nguyễn Văn Đạt", "Վարդան", "გიორგი"],
)
def test_name_is_shown(name: str) -> None:
    room, vote_id = voted()
    room.kept[0][2].data["allowed"][0]["name"] = name
    order(room, CLEO, "stop", vote_id)
    assert f"{name} – –" in protocol(room, Circle())


def test_long_word_has_several_lines() -> None:
    room, vote_id = voted()
    room.kept[0][2].data["allowed"][0]["name"] = "x" * 99
    order(room, CLEO, "stop", vote_id)
    lengths = [line.count("x") for line in protocol(room, Circle()) if "xx" in line]
    assert (sum(lengths), len(lengths)) == (99, 3)


def test_letter_that_no_font_has_costs_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_fonts", lambda: typst.Fonts(include_system_fonts=False))
    room, vote_id = voted()
    room.kept[0][2].data["allowed"][0]["name"] = "山田"
    order(room, CLEO, "stop", vote_id)
    assert any(line.endswith("– –") for line in protocol(room, Circle()))
