"""The seed's Event schema, written by hand from its members: seeds/webex-event-schema.txt."""

from typing import Any

from jsonschema import Draft202012Validator

from integrations.webex.formats.table import RESOURCES, TYPES

TEXTS = (
    "id", "roomId", "roomType", "orgId", "text", "personId", "personEmail", "meetingId", "creatorId",
    "transcriptionEnabled", "recordingEnabled", "hasPostMeetingsChat",
    "corelationId", "callType", "userId", "userType", "callDirection", "isCallAnswered", "callDurationSeconds",
    "callStartTime", "callAnswerTime", "callTransferTime", "callingNumber", "callingLineId", "calledNumber",
    "calledLineId", "dialedDigits", "callRedirectingNumber", "callRedirectedReason", "created", "type",
    "breakoutSessionId",
)  # fmt: skip
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
ID = r"^[A-Za-z0-9+/]+$"
RECIPIENT = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("personId", "personEmail", "guestDisplayName", "guestEmail")},
    "additionalProperties": False,
}
DATA: dict[str, Any] = {name: {"type": "string"} for name in TEXTS} | {
    "host": {"type": "object"},
    "attendees": {"type": "array"},
    "recipients": {"type": "array", "items": RECIPIENT},
    "callDirection": {"enum": ["ORIGINATING", "TERMINATING"]},
    "isCallAnswered": {"enum": ["true", "false"]},
    "callDurationSeconds": {"type": "string", "pattern": r"^\d+$"},
}
DATA |= {name: {"enum": ["yes", "no"]} for name in ("transcriptionEnabled", "recordingEnabled", "hasPostMeetingsChat")}
DATA |= {
    name: {"type": "string", "pattern": TIME}
    for name in ("created", "callStartTime", "callAnswerTime", "callTransferTime")
}
DATA |= {name: {"type": "string", "pattern": ID} for name in ("roomId", "orgId", "personId", "creatorId", "userId")}
SCHEMA = {
    "type": "object",
    "required": ["id", "resource", "type", "actorId", "orgId", "created", "data"],
    "properties": {
        "id": {"type": "string", "pattern": ID},
        "resource": {"enum": [*RESOURCES]},
        "type": {"enum": [*TYPES]},
        "appId": {"type": "string"},
        "actorId": {"type": "string", "pattern": ID},
        "orgId": {"type": "string", "pattern": ID},
        "created": {"type": "string", "pattern": TIME},
        "data": {"type": "object", "properties": DATA},
    },
    "additionalProperties": False,
}
VALIDATOR = Draft202012Validator(SCHEMA)


def check(event: dict[str, Any]) -> None:
    VALIDATOR.validate(event)
    assert None not in event["data"].values(), "what nobody knows is left out"
