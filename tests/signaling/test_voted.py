"""Votes and reports at real servers: a person counts once, whatever arrives together; files come into the room."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.databases import Database
from tests.signaling.served import Client, Meeting, Server

pytestmark = [pytest.mark.service, pytest.mark.slow]


def documents(folder: Path) -> int:
    """How many PDF files are among those of rooms."""
    stored = [path for path in (folder / "files").rglob("*") if path.is_file()]
    return sum(path.read_bytes().startswith(b"%PDF") for path in stored)


def test_person_with_two_devices_votes_once(database: Database, tmp_path: Path) -> None:
    with Server(database, tmp_path) as first, Server(database, tmp_path) as second:
        meeting = Meeting(first)
        with (
            meeting.joined("alice") as alice,
            meeting.joined("bob") as laptop,
            meeting.joined("bob", server=second) as phone,
        ):
            people = [alice.id, laptop.id, phone.id]
            alice.send(
                "legal_vote",
                "start",
                kind="roll_call",
                name="Budget",
                allowed_participants=people,
                enable_abstain=False,
                auto_close=False,
                create_pdf=True,
            )
            begun = laptop.get("started")
            vote_id, token = begun["legal_vote_id"], begun["token"]
            assert phone.get("started")["token"] == token

            def cast(device: Client) -> None:
                device.send("legal_vote", "vote", legal_vote_id=vote_id, option="yes", token=token)

            with ThreadPoolExecutor(2) as threads:
                list(threads.map(cast, (laptop, phone)))
            answers = [laptop.get("voted"), phone.get("voted")]
            winner = next(answer["issuer"] for answer in answers if answer["response"] == "success")
            alice.send("legal_vote", "stop", legal_vote_id=vote_id)
            stopped = alice.get("stopped")
            assert (stopped["yes"], stopped["no"], stopped["voting_record"]) == (1, 0, {winner: "yes"})
            made = alice.get("pdf_asset")
            assert made["legal_vote_id"] == vote_id
            assert made["filename"].startswith("Budget_")
        assert meeting.activities().count("vote.ended") == 1
        assert documents(tmp_path) == 1


def test_reports_become_files_of_the_room(meeting: Meeting) -> None:
    folder = Path(meeting.server.environment["VAR_DIR"])
    before = documents(folder)
    with meeting.joined("alice") as alice, meeting.joined("bob") as bob:
        alice.send("meeting_report", "generate_attendance_report", include_email_addresses=True)
        assert alice.get("pdf_asset")["filename"].endswith("_attendance_report.pdf")
        soon = {"after": 1, "within": 0}
        alice.send(
            "training_participation_report",
            "enable_presence_logging",
            initial_checkpoint_delay=soon,
            checkpoint_interval={"after": 3600, "within": 0},
        )
        bob.get("presence_confirmation_requested")
        bob.send("training_participation_report", "confirm_presence")
        bob.get("presence_confirmation_logged")
        alice.send("training_participation_report", "disable_presence_logging")
        assert alice.get("presence_logging_ended")["reason"] == "stopped_manually"
        assert alice.get("pdf_asset")["filename"].endswith("_participation_report.pdf")
    assert documents(folder) - before == 2
