"""camelcase-keys and the client's own reading of frames: what a real server sends keeps it alive (contract 13).

A meeting is played at real sockets; client.cjs follows what each socket brought as the client does, and asserts every
row of its hard requirements. What breaks a client on purpose below shows that it would notice.
"""

import copy
import json
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from signaling.modules import MODULES
from tests.judges.node import HERE, installed
from tests.signaling.etherpad_server import Etherpad
from tests.signaling.served import Client, Meeting, Server, furnished

pytestmark = pytest.mark.judge
# What servers cannot do anything about.
CLIENTS_OWN = {"15"}
SILENT = {"recording_service": "speaks to recorders only", "media": "is of older clients, for LiveKit's place"}

Frame = dict[str, Any]
People = dict[str, list[Frame]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """{began, ended, people}, as client.cjs wants it."""
    folder = tmp_path_factory.mktemp("meeting")
    began = time.time()
    # Most other servers only have to be named for their modules to be on; what needs them is an error here.
    livekit = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "s" * 32}
    settings = {
        "SHARED_FOLDERS": "nextcloud",
        "SPACEDECK_URL": "http://127.0.0.1:9",
        "SPACEDECK_API_KEY": "key",
    } | livekit
    with ExitStack() as running:
        settings |= running.enter_context(Etherpad()).variables()
        database = running.enter_context(furnished("sqlite", folder))
        people = play(Meeting(running.enter_context(Server(database, folder, **settings))))
    return {"began": began * 1000 - 1, "ended": time.time() * 1000 + 1, "people": people}


def judged(played: dict[str, Any]) -> dict[str, Any]:
    command = ["node", str(HERE / "client.cjs"), str(installed(HERE))]
    done = subprocess.run(command, input=json.dumps(played), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


# --- The meeting ---


def play(meeting: Meeting) -> People:
    """Scenes one after the other. Everybody's frames, by socket: who comes back has another one."""
    server, room = meeting.server, meeting.room
    server.do("add_folder", room=room)
    for who in ("alice", "bob"):
        server.do("add_to_group", who=meeting.account(who), name="Board 1a/B")
    alice, bob = meeting.joined("alice"), meeting.joined("bob")
    alice.get("joined")
    sockets = {"alice": alice, "bob": bob}
    _chat(alice, bob)
    _hands_and_roles(alice, bob)
    _running(alice, bob)
    _votes_and_reports(alice, bob)
    _media(alice, bob)
    sockets["guest"] = guest = _waiting(meeting, alice, bob)
    _recording(alice, bob)
    sockets["bob in breakout"] = away = _breakout(meeting, alice, bob)
    away.socket.close()
    alice.get("left")
    sockets["bob again"] = again = meeting.joined("bob", resumption=away.resumption)
    sockets["carol"] = carol = _full(meeting, alice)
    alice.send("moderation", "kick", target=guest.id)
    guest.get("kicked")
    again.get("left")
    alice.send("moderation", "debrief", kick_scope="users_and_guests")
    carol.get("session_ended")
    alice.get("debriefing_started")
    for socket in sockets.values():
        socket.socket.close()
    return {name: socket.frames for name, socket in sockets.items()}


def _chat(alice: Client, bob: Client) -> None:
    for content in ("One", "Two", "Three"):
        bob.send("chat", "send_message", scope="global", content=content)
    bob.send("chat", "send_message", scope="private", target=alice.id, content="Psst")
    bob.send("chat", "send_message", scope="group", target="Board 1a/B", content="All of us")
    for _number in range(5):
        alice.get("message_sent")
    bob.send("chat", "set_last_seen_timestamp", scope="group", target="Board 1a/B", timestamp="2026-11-23T09:00:00Z")
    bob.send("chat", "set_last_seen_timestamp", scope="private", target=alice.id, timestamp="2026-11-23T09:00:00Z")
    alice.send("chat", "disable_chat")
    bob.get("chat_disabled")
    bob.send("chat", "send_message", scope="global", content="Nobody hears it")
    bob.get("error")
    alice.send("chat", "enable_chat")
    bob.get("chat_enabled")


def _hands_and_roles(alice: Client, bob: Client) -> None:
    bob.send("control", "raise_hand")
    alice.get("update")
    alice.send("control", "grant_moderator_role", target=bob.id)
    bob.get("role_updated")
    bob.get("updated")
    alice.send("control", "revoke_moderator_role", target=bob.id)
    bob.get("role_updated")
    alice.send("moderation", "reset_raised_hands")
    bob.get("raised_hand_reset_by_moderator")
    alice.send("moderation", "disable_raise_hands")
    bob.get("raise_hands_disabled")


def _running(alice: Client, bob: Client) -> None:
    """A poll and a timer, which go on while others come."""
    choices = {"choices": ["Soup", "Salad"], "multiple_choice": False, "duration": 3600}
    alice.send("polls", "start", topic="Lunch?", live=True, **choices)
    poll = bob.get("started")
    bob.send("polls", "vote", poll_id=poll["id"], choice_id=1)
    alice.get("live_update")
    alice.send("polls", "finish", id=poll["id"])
    bob.get("done")
    alice.send("polls", "start", topic="Dinner?", live=True, **choices)
    alice.send("timer", "start", kind="countdown", duration=3600, style="coffee-break", enable_ready_check=True)
    bob.get("started")
    timer = bob.get("started")
    bob.send("timer", "update_ready_status", timer_id=timer["timer_id"], status=True)
    alice.get("updated_ready_status")


def _votes_and_reports(alice: Client, bob: Client) -> None:
    """A vote by token, whose result those see who come later, reports, and a talking stick that goes on."""
    vote = {"name": "Budget", "enable_abstain": True, "auto_close": True, "create_pdf": True}
    people = [alice.id, bob.id]
    alice.send("legal_vote", "start", kind="pseudonymous", allowed_participants=people, **vote)
    for voter in (alice, bob):
        begun = voter.get("started")
        voter.send("legal_vote", "vote", legal_vote_id=begun["legal_vote_id"], option="yes", token=begun["token"])
        voter.get("voted")
    alice.get("stopped")
    alice.get("pdf_asset")
    alice.send("meeting_report", "generate_attendance_report", include_email_addresses=True)
    alice.get("pdf_asset")
    alice.send("training_participation_report", "enable_presence_logging")
    bob.get("presence_logging_started")
    alice.send("training_participation_report", "disable_presence_logging")
    alice.get("presence_logging_ended")
    config = {"show_list": True, "consider_hand_raise": False, "animation_on_random": False}
    config |= {"selection_strategy": "none", "allow_double_selection": True, "allow_list": people}
    alice.send("automod", "start", **config)
    alice.send("automod", "select", how="specific", participant=bob.id)
    for client in (alice, bob):
        client.get("speaker_updated")


def _media(alice: Client, bob: Client) -> None:
    """A client would go away at livekit_unavailable; these stay."""
    bob.send("livekit", "request_popout_stream_access_token")
    bob.get("popout_stream_access_token")
    alice.send("livekit", "enable_microphone_restrictions", unrestricted_participants=[alice.id])
    bob.get("microphone_restrictions_enabled")
    bob.send("subroom_audio", "create_whisper_group", participant_ids=[alice.id])
    bob.get("error")
    alice.send("whiteboard", "initialize")
    alice.get("error")
    alice.send("meeting_notes", "select_writer", participant_ids=[bob.id])
    bob.get("write_url")
    alice.get("update")


def _waiting(meeting: Meeting, alice: Client, bob: Client) -> Client:
    """Somebody waits, is let in, sent back and let in again, by one socket."""
    alice.send("moderation", "enable_waiting_room")
    bob.get("waiting_room_enabled")
    guest = meeting.client("guest")
    guest.send("echo", "ping")
    guest.send("control", "join", display_name="Gus")
    guest.get("in_waiting_room")
    for message in ("joined_waiting_room", "left"):
        guest.id = alice.get("joined_waiting_room")["id"]
        alice.send("moderation", "accept", target=guest.id)
        guest.get("accepted")
        guest.send("control", "enter_room")
        guest.get("join_success")
        alice.get("joined")
        if message == "joined_waiting_room":
            alice.send("moderation", "send_to_waiting_room", target=guest.id)
            guest.get("in_waiting_room")
            bob.get("left")
    alice.send("moderation", "change_display_name", target=guest.id, new_name="Augustus")
    guest.get("display_name_changed")
    alice.send("moderation", "disable_waiting_room")
    guest.get("waiting_room_disabled")
    return guest


def _recording(alice: Client, bob: Client) -> None:
    bob.send("recording", "set_consent", consent=True)
    alice.get("update")
    recording = next(iter(alice.welcomes[0]["recording"]["targets"]))
    alice.send("recording", "start_stream", target_ids=[recording])
    bob.get("stream_updated")
    alice.send("recording", "stop_stream", target_ids=[recording])
    bob.get("stream_updated")


def _breakout(meeting: Meeting, alice: Client, bob: Client) -> Client:
    rooms = [{"name": "Left", "assignments": [bob.id]}, {"name": "Right", "assignments": []}]
    alice.send("breakout", "start", strategy="manual", rooms=rooms, duration=3600)
    assignment = bob.get("started")["assignment"]
    assert alice.get("started")["assignment"] is None
    bob.socket.close()
    alice.get("left")
    away = meeting.joined("bob", resumption=bob.resumption, breakout_room=assignment)
    assert away.id == bob.id
    alice.get("joined")
    return away


def _full(meeting: Meeting, alice: Client) -> Client:
    """Somebody is blocked, and lets the socket try again."""
    alice.get("joined")
    meeting.server.do("limit_people", room=meeting.room, limit=3)
    carol = meeting.client("carol")
    carol.send("control", "join", display_name="Carol")
    carol.get("join_blocked")
    meeting.server.do("limit_people", room=meeting.room, limit=10)
    carol.join("Carol")
    alice.get("joined")
    return carol


# --- The judgement ---


def test_a_client_lives_through_a_meeting(played: dict[str, Any]) -> None:
    verdict = judged(played)
    assert verdict["broken"] == []
    rows = {str(number) for number in range(1, 20)} - CLIENTS_OWN
    assert rows <= verdict["asked"].keys(), "rows that no frame asked for"


def test_every_module_is_heard(played: dict[str, Any]) -> None:
    heard = {frame["namespace"] for frames in played["people"].values() for frame in frames}
    assert heard >= MODULES.keys() - SILENT.keys()


def welcome_of(people: People) -> dict[str, Any]:
    return first(people, "bob in breakout", "control", "join_success")


def first(people: People, who: str, namespace: str, message: str) -> dict[str, Any]:
    said = [frame["payload"] for frame in people[who] if frame["namespace"] == namespace]
    return next(payload for payload in said if payload["message"] == message)


def second_of_chat(people: People) -> Frame:
    return [frame for frame in people["alice"] if frame["payload"]["message"] == "message_sent"][1]


def add(people: People, namespace: str, **payload: Any) -> None:
    people["alice"].append({"namespace": namespace, "timestamp": "2099-01-01T00:00:00Z", "payload": payload})


def without_notes(people: People) -> None:
    """Somebody has a session of notes, and an update about something else leaves it out."""
    update = first(people, "alice", "control", "update")
    add(people, "control", **update, meeting_notes={"readonly": True})
    add(people, "control", **update)


HARM: dict[str, Callable[[People], Any]] = {
    "1": lambda people: welcome_of(people).update(polls=None),
    "2": lambda people: first(people, "alice", "control", "joined")["control"].pop("joined_at"),
    "3": lambda people: welcome_of(people)["breakout"]["participants"][0].pop("left_at"),
    "4": lambda people: first(people, "alice", "control", "update")["control"].pop("display_name"),
    "5": without_notes,
    "6": lambda people: first(people, "alice", "breakout", "started").pop("assignment"),
    "7": lambda people: welcome_of(people)["chat"].pop("groups_history"),
    "8": lambda people: add(people, "automod", message="started", history=[]),
    "9": lambda people: welcome_of(people)["tariff"].update(quotas=None),
    "10": lambda people: first(people, "alice", "control", "joined")["control"].update(avatar_url="https://x.org/?s=1"),
    "11": lambda people: second_of_chat(people).update(timestamp="2026-01-01T00:00:00.000001Z"),
    "12": lambda people: add(people, "timer", message="paused"),
    "13": lambda people: people["bob again"].pop(1),
    "14": lambda people: first(people, "bob", "chat", "chat_enabled").pop("id"),
    "16": lambda people: first(people, "carol", "control", "join_blocked").pop("reason"),
    "18": lambda people: people["alice"][0].update(timestamp="2026-01-01T00:00:00Z"),
    "19": lambda people: welcome_of(people).update(livekit={"microphone_restriction_state": {"type": "disabled"}}),
}


def test_what_would_break_a_client_is_noticed(played: dict[str, Any]) -> None:
    for row, harm in HARM.items():
        harmed = copy.deepcopy(played)
        harm(harmed["people"])
        rows = {found for found, _text in judged(harmed)["broken"]}
        assert row in rows, f"row {row}: {rows}"
