"""Examples for the OpenAPI document: members of the same name have the same value, so that all examples fit together.

A member whose name has no value here fails `make schema`; that the examples are good is up to tests/rest.
"""

from typing import Any

ALICE = "1b0e8a4e-9f7e-4a55-8f0d-5c2f6f1f6a10"
BOB = "7c9d3a52-2a0b-4a86-9a3e-0d7b1c4e2f31"
EVENT = "0a6f2f0e-3c51-4d0f-9b53-8a3f6d7c1e21"
ROOM = "5f0c3b8a-6d1e-4b7a-8f2c-9e4d2a1b3c40"
CODE = "9d2c4f6e-8a1b-4c3d-9e5f-7a6b5c4d3e22"
ASSET = "3e5d7c9b-1a2f-4e6d-8c7b-0f9e8d7c6b51"
STREAM = "c4a1d2e3-5f6b-4798-8a9b-b0c1d2e3f460"
PROPOSAL = "a3b2c1d0-4e5f-4a6b-8c7d-9e0f1a2b3c44"
TARIFF = "e8f7a6b5-c4d3-42e1-90af-1b2c3d4e5f71"
CALL_OBJECT = "b7e6d5c4-a3b2-41c0-8d9e-8f7a6b5c4d72"
MADE = "2026-11-16T14:30:00Z"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxYjBlIn0.c2lnbmF0dXJl"
SITE = "https://meet.example.com"
PIN = "9876543210"
DIAL_IN = "0123456789"
GUEST = "guest@example.org"
CALL = "https://call.example.com/7"
# Ids as Webex writes them: base64 of ciscospark://us/EVENT/ and a UUID.
WEBEX_EVENT = "Y2lzY29zcGFyazovL3VzL0VWRU5UL2JiY2ViMWFkLTQzZjEtNGI1OC05MTQ3LWYxNGJiMGM0ZDE1NA"
WEBEX_ALICE = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xYjBlOGE0ZS05ZjdlLTRhNTUtOGYwZC01YzJmNmYxZjZhMTA"
WEBEX_ROOM = "Y2lzY29zcGFyazovL3VzL1JPT00vNWYwYzNiOGEtNmQxZS00YjdhLThmMmMtOWU0ZDJhMWIzYzQw"
WEBEX_ORG = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU"
HOOK = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svZjRlNjA1NjAtNjYwMi00ZmIwLWEyNWEtOTQ5ODgxNjA5NDk3"
HOOK_APP = "Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OLzVhMWM3ZDJlLTBiM2YtNWM2NC05ZDE4LTZlN2Y4MDkxYTJiMw"
HOOK_VALUES = {
    "name": "Who comes",
    "targetUrl": "https://app.example.com/hook",
    "resource": "memberships",
    "event": "created",
    "filter": "personEmail=bob@example.com",
    "secret": "a long random text",
    "ownedBy": "creator",
}


def _at(time: str) -> dict[str, str]:
    return {"datetime": time, "timezone": "Europe/Berlin"}


CREATOR = {
    "id": ALICE,
    "email": "alice@example.com",
    "title": "Dr.",
    "firstname": "Alice",
    "lastname": "Example",
    "display_name": "Alice Example",
    "avatar_url": f"{SITE}/v1/users/{ALICE}/avatar",
}
# What a name stands for in all schemas but those that say otherwise below.
VALUES: dict[str, Any] = {
    "action_id": "0e4d5c6b-7a89-4b0c-9d1e-2f3a4b5c6d77",
    "box_id": "2c1d0e9f-8a7b-4c6d-9e5f-4a3b2c1d0e73",
    "bridge": None,
    "call_id": CALL_OBJECT,
    "chat_id": "6f7e8d9c-0b1a-4a2b-8c3d-4e5f6a7b8c74",
    "contact": "192.0.2.13:5060",
    "current_control": None,
    "deaf": False,
    "digit": "5",
    "direction": "incoming",
    "domain": "sip.example.com",
    "dtmf": None,
    "duration": 120,
    "expires": 3600,
    "fax_error_code": 0,
    "fax_id": "8d9c0b1a-2f3e-4d4c-9b5a-6f7e8d9c0b75",
    "floor": True,
    "hw_version": "X86",
    "incoming": True,
    "is_active": True,
    "mac_addr": "00:24:d6:83:c1:54",
    "members": {BOB: {"user_id": BOB, "mute": False, "talk": True, "volume_in": 0}},
    "mute": False,
    "object_id": "4b5c6d7e-8f90-4a1b-9c2d-3e4f5a6b7c76",
    "owner_id": BOB,
    "phone": "+492216698000",
    "phone_from": "+492216698000",
    "phone_to": "+49241441010",
    "report_id": "9e0f1a2b-3c4d-4e5f-8a6b-7c8d9e0f1a78",
    "samples": {"1790000000000": [21.5]},
    "sender": "+492216698000",
    "sensor_id": "4b5c6d7e-8f90-4a1b-9c2d-3e4f5a6b7c76",
    "sip_status_code": 200,
    "sw_version": "1.0",
    "tags": None,
    "talk": True,
    "text": "I am late",
    "time_ms": 1_795_510_800_000,
    "volume_in": 0,
    "volume_out": 0,
    "actorId": WEBEX_ALICE,
    "event_key": WEBEX_EVENT,
    "orgId": WEBEX_ORG,
    "active": True,
    "after": 300,
    "asset_id": ASSET,
    "avatar_url": f"{SITE}/v1/users/{BOB}/avatar",
    "at": "18:00",
    "base_url": "v1",
    "breakout_room": None,
    "callback_url": "https://app.example.com/answers",
    "can_edit": True,
    "color": "#49BED8",
    "comment": "I may be late",
    "conference_theme": "dark",
    "created": MADE,
    "created_at": MADE,
    "dashboard_theme": "light",
    "days_before": 1,
    "description": "What we did, what we do",
    "disabled_features": ["core::guests_allowed"],
    "display_name": "Bob Example",
    "e2e_encryption": False,
    "email": "bob@example.com",
    "enable_sip": True,
    "enabled": True,
    "enabled_modules": ["chat", "core"],
    "ends_at": _at("2026-11-23T10:00:00Z"),
    "event_id": EVENT,
    "expiration": None,
    "features": ["call_in"],
    "for_everybody": [{"days_before": 1, "at": "18:00"}],
    "filename": "Team_meeting_2026-11-23_10-02-11-UTC_recording.webm",
    "firstname": "Bob",
    "frequency": "daily",
    "from": _at("2026-11-30T09:00:00Z"),
    "has_shared_folder": False,
    "id_token": JWT,
    "instance_id": "20261123T090000Z",
    "invite_code": CODE,
    "invite_code_id": CODE,
    "invite_status": "accepted",
    "invited_email": "bob@example.com",
    "invitees_truncated": False,
    "is_adhoc": False,
    "is_all_day": False,
    "is_favorite": True,
    "is_time_independent": False,
    "kind": "custom",
    "icalendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "language": "de-DE",
    "lastname": "Example",
    "lat": "52.516275",
    "lobby": True,
    "lobby_opens_before_minutes": 15,
    "logout_token": JWT,
    "long": "13.377704",
    "minutes_before": 10,
    "modules": {"chat": {"features": []}, "core": {"features": ["call_in"]}},
    "name": "Video site",
    "namespace": "recording",
    "password": "open sesame",
    "password_required": True,
    "permissions": [],
    "pin": PIN,
    "proposal_id": PROPOSAL,
    "public_url": "https://video.example.org/42",
    "quotas": {"max_storage": 1_073_741_824, "room_participant_limit": 100},
    "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
    "recurring_event_id": EVENT,
    "reminders": [{"minutes_before": 10}],
    "received_at": MADE,
    "resumption": None,
    "role": "moderator",
    "room_id": ROOM,
    "show_meeting_details": True,
    "sip_id": DIAL_IN,
    "size": 5_242_880,
    "smart_invite_id": "interview-42",
    "starts_at": _at("2026-11-23T09:00:00Z"),
    "state": "open",
    "status": "ok",
    "streaming_target_id": STREAM,
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "summary": "Team meeting",
    "tariff_status": "default",
    "tel": "+493012345678",
    "ticket": f"{ROOM}#4Zr8tXw2QbK7mNc5vLp9sDf3gHj",
    "time": "2026-11-23T10:00:00+01:00",
    "time_zone": "Europe/Berlin",
    "title": "Team meeting",
    "total_pending_invites": 2,
    "transparency": "opaque",
    "ttl": "1795510800",
    "type": "recurring",
    "tzid": "Europe/Berlin",
    "updated": MADE,
    "updated_at": MADE,
    "uri": f"sip:{DIAL_IN}@example.com",
    "uris": ["turn:turn.example.com:3478?transport=udp"],
    "user_id": BOB,
    "used_storage": 5_242_880,
    "webhook_id": HOOK,
    "waiting_room": True,
    "within": 60,
}
PERSON = {"kind": "registered", "id": BOB, "title": ""}
FILE = {"kind": "recording", "id": ASSET}
OWN_VALUES: dict[str, dict[str, Any]] = {
    "ActivityActor": {"kind": "user", "id": ALICE, "name": "Alice Example"},
    "ActivityChange": {"old": "Team meeting", "new": "Review"},
    "ActivityResource": {
        "id": "2f1-3a7",
        "kind": "invite.added",
        "time": MADE,
        "event": EVENT,
        "room": ROOM,
        "data": {"address": "bob@example.com", "invitee_id": BOB, "role": "user"},
        "changes": {},
        "read_before": False,
        "reads_after": True,
    },
    "ActivitySubject": {"type": "event", "id": EVENT},
    "AssetResource": FILE,
    "CallIn": {"id": DIAL_IN, "password": PIN},
    "CallInStartInputRequest": {"id": DIAL_IN},
    "CloudEventInputRequest": {
        "id": "cdr-8123",
        "source": "https://exchange.example.com/7",
        "specversion": "1.0",
        "type": "call_record.created",
        "subject": CALL_OBJECT,
        "data": {"corelation_id": "fdda8613-d34b-424c-8c6a-44ff2e19379c", "call_type": "SIP_ENTERPRISE"},
    },
    "ActionAnswer": {"values": ["open"]},
    "ActionDoneAnswer": {"state": "ok"},
    "CallInputRequest": {"status": "ringing", "start_time": 1795510800, "answer_time": None, "end_time": None},
    "FaxReportInputRequest": {"recipient": "+49241441010", "time_start": MADE, "time_end": None},
    "HeartbeatInputRequest": {"ip_addr": "192.0.2.13"},
    "MembersInputRequest": {"ttl": 90},
    "ObjectInputRequest": {"type": "sensor", "description": "Thermometer"},
    "ObjectAnswer": {"type": "sensor", "description": "Thermometer"},
    "RegistrationInputRequest": {"user": "alice"},
    "KindAnswer": {
        "type": "call_record.created",
        "description": "One leg of a call, after it has ended.",
        "scope": "produce:call_record",
        "about": ["call", "conference"],
        "schema": {"type": "object", "properties": {"corelation_id": {"type": "string"}}},
    },
    "ProblemAnswer": {"pointer": "/data/call_type", "message": "This member is required"},
    "ResultAnswer": {"id": "cdr-8123", "source": "https://exchange.example.com/7", "status": "invalid"},
    "EventAnswer": {
        "id": WEBEX_EVENT,
        "resource": "rooms",
        "type": "created",
        "created": "2026-11-16T14:30:00.000Z",
        "data": {"id": WEBEX_ROOM, "roomId": WEBEX_ROOM, "roomType": "group", "type": "group", "orgId": WEBEX_ORG},
    },
    "EventException": {
        "id": f"{EVENT}_20261130T090000Z",
        "instance_id": "20261130T090000Z",
        "original_starts_at": _at("2026-11-30T09:00:00Z"),
        "status": "cancelled",
        "type": "exception",
    },
    "EventInfo": {"id": EVENT},
    "EventInstance": {"id": f"{EVENT}_20261123T090000Z", "type": "instance"},
    "EventInvitee": {"status": "accepted"},
    "EventResource": {"id": EVENT},
    "EventRoomInfo": {"id": ROOM},
    "FoundUser": PERSON,
    "IceServer": {
        "username": "1795510800:turn_random_for_privacy_q3Jx8Zk2LmN5pRtVw7YbAg==",
        "password": "dGhpcyBpcyBhbiBITUFDLXNoYTE=",
    },
    "InvitationInputRequest": {"invitee": BOB},
    "InviteResource": {"room": ROOM},
    "OidcProvider": {"name": "default", "url": f"{SITE}/oidc"},
    "OwnedAsset": FILE,
    "AnswerInputRequest": {"status": "tentative"},
    "UserInputRequest": {"title": "Dr."},
    "ProposalInputRequest": {"starts_at": _at("2026-11-24T13:00:00Z"), "ends_at": _at("2026-11-24T14:00:00Z")},
    "ProposalResource": {
        "id": PROPOSAL,
        "status": "tentative",
        "starts_at": _at("2026-11-24T13:00:00Z"),
        "ends_at": _at("2026-11-24T14:00:00Z"),
    },
    "PrivateUserProfile": CREATOR,
    "Profile": PERSON,
    "PublicUserProfile": CREATOR,
    "RoomResource": {"id": ROOM},
    "OrganizerInputRequest": {"name": "Recruiting", "email": "jobs@example.com"},
    "PlaceAnswer": {"description": "Board room"},
    "PlaceInputRequest": {"description": "Board room"},
    "RecipientAnswer": {"email": GUEST, "status": "tentative"},
    "RecipientInputRequest": {"email": GUEST, "status": "pending"},
    "RemovedAnswer": {"email": GUEST},
    "SmartInviteAnswer": {"method": "request"},
    "SmartInviteEvent": {"url": CALL, "reminders": [{"minutes": 15}]},
    "SmartInviteEventInputRequest": {
        "start": "2026-11-23T10:00:00+01:00",
        "end": {"time": "2026-11-23T11:00:00+01:00", "tzid": "Europe/Berlin"},
        "reminders": [{"minutes": 15}],
        "url": CALL,
    },
    "SmartInviteInputRequest": {"method": "request"},
    "SharedFolderAccess": {"url": "https://cloud.example.com/s/8mHk2Qd", "password": "Vy7-Kp2-Rt9"},
    "SipInputRequest": {"password": PIN},
    "SipResource": {"password": PIN, "room": ROOM},
    "StartAnswer": {"resumption": "Xk2v9QmP4tLs7ZcR1nWb8JdF5gHyT3aE6uVo0iBqXk2v9QmP4tLs7ZcR1nWb8Jd"},
    "ExceptionInDryRun": {"instance_id": "20261130T090000Z", "status": "cancelled"},
    "MailsOfOneKind": {"kind": "registered_event_update", "language": "de", "address_state": "ok", "count": 12},
    "ParticipantsInDryRun": {"count": 14, "limit": 100},
    "QuotaInDryRun": {"limit": 1000, "used": 120, "withheld": 0},
    "StreamingLink": {"url": "https://video.example.org/42"},
    "StreamingTargetResource": {"id": STREAM},
    "WebhookResource": HOOK_VALUES
    | {
        "id": HOOK,
        "status": "active",
        "created": "2026-11-16T14:30:00.000Z",
        "orgId": WEBEX_ORG,
        "createdBy": WEBEX_ALICE,
        "appId": HOOK_APP,
    },
    "WebhookInputRequest": HOOK_VALUES,
    "WebhookChangeRequest": HOOK_VALUES | {"status": "active"},
    "TariffResource": {"id": TARIFF, "name": "Standard"},
}
# Members that contradict others, or that are there at times only.
LEFT_OUT = {
    "EventAnswer": {"appId"},
    "EventException": {"title", "description", "is_all_day", "starts_at", "ends_at"},
    "EventStreamingTargetInputRequest": {"id"},
    "InvitationInputRequest": {"email"},
    "ReminderRule": {"days_before", "at"},
    "ReminderRuleRequest": {"days_before", "at"},
    "AttachmentsAnswer": {"removed"},
    "SmartInviteAnswer": {"recipients"},
    "SmartInviteInputRequest": {"recipients"},
}
KINDS = {"application/json", "application/x-www-form-urlencoded"}


def add_examples(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's hook for the finished document."""
    schemas = result["components"]["schemas"]
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["example"] = VALUES[parameter["name"]]
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for kind in KINDS & {*body.get("content", ())}:
                media = body["content"][kind]
                media["example"] = _example(media["schema"], schemas)
    return result


def _example(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """Of an object, or of a list of objects: all other values stand above. `name` is the member's."""
    if schema.get("type") == "array":
        return [_example(kind, schemas, name) for kind in _kinds(schema["items"], schemas)]
    for shape in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        return _example(shape, schemas, name)  # the others say no more than this one, or are null
    if "$ref" not in schema:
        raise LookupError(f"rest/examples.py has no value for {name}")
    own = schema["$ref"].rpartition("/")[2]
    if "oneOf" in schemas[own]:
        return _example(schemas[own]["oneOf"][0], schemas, name)  # the usual answer stands first
    known, left_out = VALUES | OWN_VALUES.get(own, {}), LEFT_OUT.get(own, ())
    return {
        key: known[key] if key in known else _example(member, schemas, f"{own}.{key}")
        for key, member in schemas[own]["properties"].items()
        if key not in left_out
    }


def _kinds(items: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """What a list holds: the example has one of each."""
    named = schemas[items["$ref"].rpartition("/")[2]] if "$ref" in items else items
    return list(named.get("oneOf", [items]))
