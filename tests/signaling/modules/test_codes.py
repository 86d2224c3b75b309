"""Every error code of the live meeting is expected by some test of its module, or has a reason why it is never sent."""

import re
from pathlib import Path

from signaling.modules import MODULES
from tests.site import ROOT

HERE = Path(__file__).parent
# What clients know (reference for signaling, §6). `invalid_json` is also the answer to a payload that no command has.
CODES = {
    "control": """invalid_json invalid_namespace invalid_username already_joined not_yet_joined raise_hands_disabled
        not_accepted_or_not_in_waiting_room insufficient_permissions target_is_room_owner nothing_to_do""",
    "moderation": """cannot_ban_guest cannot_send_room_owner_to_waiting_room cannot_change_name_of_registered_users
        invalid_display_name insufficient_permissions""",
    "chat": "chat_disabled insufficient_permissions",
    "breakout": "inactive insufficient_permissions",
    "timer": "invalid_duration insufficient_permissions timer_already_running",
    "polls": """insufficient_permissions invalid_choice_count invalid_poll_id invalid_choice_id still_running
        multiple_choices_not_allowed invalid_choice_description invalid_duration invalid_topic_length voted_already""",
    "legal_vote": """vote_already_active no_vote_active invalid_vote_id ineligible allowlist_contains_guests
        permission_error insufficient_permissions internal storage""",
    "recording": """insufficient_permissions invalid_streaming_id recorder_not_started invalid_recording_id
        already_recording timeout""",
    "recording_service": "insufficient_permissions invalid_streaming_id",
    "shared_folder": "",
    "automod": "invalid_selection insufficient_permissions session_already_running",
    "livekit": "livekit_unavailable insufficient_permissions",
    "meeting_report": "insufficient_permissions storage_exceeded generate_failed storage",
    "training_participation_report": """insufficient_permissions presence_logging_already_enabled
        presence_logging_not_enabled presence_logging_not_allowed_for_participant storage_exceeded generate storage
        invalid_parameters""",
    "whiteboard": """insufficient_permissions currently_initializing initialization_failed already_initialized
        storage_exceeded""",
    "subroom_audio": """invalid_whisper_id already_accepted insufficient_permissions empty_participant_list
        invalid_participant_targets livekit_unavailable not_invited""",
    "media": """invalid_sdp_offer handle_sdp_answer invalid_candidate invalid_end_of_candidates invalid_request_offer
        invalid_configure_request permission_denied""",
}
NEVER_SENT = {
    ("polls", "voted_already"): "of 2023: a second vote takes the place of the first",
    ("legal_vote", "permission_error"): "an older word for insufficient_permissions",
    ("recording", "invalid_recording_id"): "the client's word of 2024; servers say invalid_streaming_id",
    ("recording", "already_recording"): "who starts what runs already has what they want",
}


def texts_of(namespace: str) -> str:
    """The tests of a module; what no module answers is tested at sockets."""
    files = [*HERE.glob(f"test_{namespace}*.py")]
    files += {
        "control": [HERE.parent / "test_socket.py"],
        "media": [HERE.parent / "test_peers.py"],
        "recording_service": [*HERE.glob("test_recording*.py")],
    }.get(namespace, [])
    return "".join(path.read_text() for path in files)


def sent(namespace: str) -> set[str]:
    """The codes that stand in the module as `error(who, "…")`."""
    source = (ROOT / "signaling" / "modules" / f"{namespace}.py").read_text()
    return set(re.findall(r'\berror\(\w+, "(\w+)"', source))


def test_every_code_is_tested_or_has_a_reason() -> None:
    for namespace in MODULES:
        expected = texts_of(namespace)
        for code in {*CODES.get(namespace, "").split(), *sent(namespace)}:
            has_reason = (namespace, code) in NEVER_SENT
            assert (f'"{code}"' in expected) != has_reason, f"{namespace}: {code}"


def test_what_has_a_reason_is_not_sent() -> None:
    for namespace, code in NEVER_SENT:
        assert code in CODES[namespace].split()
        assert code not in sent(namespace)
