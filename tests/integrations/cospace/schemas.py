"""The payload of each of the seed's 56 events as JSON Schema: its members, their types, and which may be left out."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
ID: Schema = {"type": "string", "format": "uuid"}
IDS: Schema = {"type": "array", "items": ID}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "integer", "minimum": 0}
ANY: Schema = {}
LEVEL: Schema = {"type": "integer", "minimum": -4, "maximum": 4}
PORTION: Schema = {"type": "number", "minimum": 0, "maximum": 1}
UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def members(needed: Schema | None = None, optional: Schema | None = None) -> Schema:
    needed, optional = needed or {}, optional or {}
    return {
        "type": "object",
        "properties": needed | optional,
        "required": list(needed),
        "additionalProperties": False,
    }


def by_id(value: Schema) -> Schema:
    """A map of which every key is a UUID."""
    return {
        "type": "object",
        "patternProperties": {UUID: value},
        "additionalProperties": False,
        "minProperties": 1,
    }


def by_millisecond(value: Schema) -> Schema:
    return {
        "type": "object",
        "patternProperties": {r"^\d{12,14}$": value},
        "additionalProperties": False,
        "minProperties": 1,
    }


def policy(lowest: int) -> Schema:
    level = {"type": "integer", "minimum": lowest, "maximum": 4}
    return {"type": "object", "patternProperties": {UUID: level}, "additionalProperties": False}


DESCRIBED: Schema = {"description": TEXT}
OBJECT: Schema = {"object": ID, "type": TEXT, "owner": ID}
OF_COMMENT = members(OBJECT, DESCRIBED)
TAG: Schema = {"tag": ID, "owner": ID, "label": TEXT, "foreign_use": FLAG}
METADATA: Schema = {"update": {"type": "object"}, "delete": {"type": "array", "items": TEXT}}
STATE: Schema = {"mute": FLAG, "deaf": FLAG, "talk": FLAG, "floor": FLAG, "volume_in": LEVEL, "volume_out": LEVEL}
CALLER: Schema = {"phone": TEXT, "user": ID}
MEMBER = members(STATE, CALLER)
REPORT = members(
    {"incoming": FLAG, "from": TEXT, "to": TEXT, "time_start": TIME, "status": TEXT},
    {"time_end": TIME, "sip_status_code": NUMBER, "fax_error_code": NUMBER},
)
FILE: Schema = {"commit": ID, "file": ID, "volume": ID}
FILE_TYPE: Schema = {"type": {"enum": ["file", "folder"]}}
MD5: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
BOX: Schema = {"box": ID, "owner": ID}
ACCOUNT: Schema = {"user": TEXT, "domain": TEXT}
CALL_REVERSE: Schema = {"phone_from": TEXT, "phone_to": TEXT}
POINTER: Schema = {
    "page": {"type": "integer", "minimum": 1},
    "x": PORTION,
    "y": PORTION,
    "visible": FLAG,
    "moderator": ID,
}
PRESENTATION: Schema = {"presentation": ID}
MESSAGE: Schema = {
    "type": "object",
    "properties": {"user": ID, "time": TIME, "type": TEXT, "text": TEXT, "member": ID},
    "required": ["user", "time", "type"],
}
USER_STATE = members({}, {"typing": {"type": "integer", "minimum": 0}, "message_read": ANY})

PAYLOADS: dict[str, Schema] = {
    "user_modify": members(),
    "invitation_new": members({"owner": ID, "user": ID}),
    "invitation_delete": members({"owner": ID, "user": ID}),
    "phone_modify": members(),
    "tag_new": members(TAG | {"policy": policy(1)}),
    "tag_modify": members(TAG | {"policy": policy(0)}),
    "tag_delete": members({"tag": ID}),
    "trash_purge": members(),
    "object_new": members(OBJECT | {"tag": IDS}, DESCRIBED),
    "object_modify": members(OBJECT, DESCRIBED | {"user": ID}),
    "object_delete": members(OBJECT, DESCRIBED | {"user": ID, "purge": {"const": True}}),
    "object_share": members(OBJECT | {"tag": IDS}, DESCRIBED | {"user": ID}),
    "object_tag": members(OBJECT | {"tag": IDS, "tag_add": IDS, "tag_delete": IDS}, DESCRIBED | {"user": ID}),
    "object_unshare": members(OBJECT, DESCRIBED | {"user": ID}),
    "comment_new": members({"comment": ID, "owner": ID, "text": TEXT, "object": OF_COMMENT}),
    "comment_modify": members({"comment": ID, "owner": ID, "text": TEXT, "object": OF_COMMENT}),
    "comment_delete": members({"comment": ID, "owner": ID, "object": OF_COMMENT}),
    "user_metadata": members(METADATA),
    "object_metadata": members({"object": ID, "user": ID} | METADATA),
    "fax_convert": members({"fax": ID}, {"page_count": {"type": "integer", "minimum": 1}}),
    "fax_report": members({"fax": ID, "report": by_id(REPORT)}),
    "announcement_convert": members({"announcement": ID}, {"success": {"const": True}}),
    "conference_start": members({"conference": ID, "owner": ID}, DESCRIBED),
    "conference_stop": members({"conference": ID, "owner": ID}, DESCRIBED),
    "conference_status": members({"conference": ID, "member": by_id(MEMBER) | {"minProperties": 0}}),
    "conference_update": members({"conference": ID, "member": by_id(members({}, STATE | CALLER))}),
    "conference_join": members({"conference": ID, "member": by_id(MEMBER)}),
    "conference_leave": members({"conference": ID, "member": IDS | {"minItems": 1}}),
    "file_new": members(FILE | FILE_TYPE | {"name": TEXT, "ctime": TIME, "mtime": TIME, "user": ID}, {"parent": ID}),
    "file_modify": members(
        FILE | FILE_TYPE | {"user": ID},
        {"name": TEXT, "parent": ID, "ctime": TIME, "mtime": TIME, "size": TIME, "mime_type": TEXT, "md5": MD5},
    ),
    "file_delete": members(FILE),
    "box_online": members(BOX | {"ip_addr": TEXT, "mac_addr": TEXT, "sw_version": TEXT, "hw_version": TEXT}, DESCRIBED),
    "box_offline": members(BOX, DESCRIBED),
    "dialplan_modify": members(),
    "dialplan_callreverse_start": members(CALL_REVERSE),
    "dialplan_callreverse_stop": members(CALL_REVERSE),
    "sip_new": members(ACCOUNT, DESCRIBED),
    "sip_modify": members(ACCOUNT, {"description": {"type": "string"}}),
    "sip_delete": members(ACCOUNT),
    "sip_register": members(ACCOUNT | {"contact": TEXT, "expire": TIME}),
    "sip_unregister": members(ACCOUNT | {"contact": TEXT}),
    "presentation_convert": members(PRESENTATION, {"page_count": {"type": "integer", "minimum": 1}}),
    "presentation_start": members(PRESENTATION | {"owner": ID, "user": ID}, DESCRIBED),
    "presentation_stop": members(PRESENTATION | {"owner": ID}, DESCRIBED | {"user": ID}),
    "presentation_join": members(PRESENTATION | {"user": ID}),
    "presentation_leave": members(PRESENTATION | {"user": ID}),
    "presentation_status": members(PRESENTATION | POINTER | {"member": IDS}),
    "presentation_update": members(PRESENTATION, POINTER),
    "presentation_keepalive": members(PRESENTATION),
    "chat_new": members({"chat": ID, "create_time": TIME}),
    "chat_message": members({"chat": ID, "message": by_id(MESSAGE)}, {"create_time": TIME} | DESCRIBED),
    "chat_user": members({"chat": ID, "user": by_id(USER_STATE)}),
    "call_update": members({"call": by_id({"type": "object"})}),
    "call_dtmf": members({"call": ID, "digit": {"type": "string", "pattern": "^[0-9A-D*#]$"}, "duration": TIME}),
    "sensor_data": members({"sensor": ID, "data": by_millisecond(ANY)}),
    "sensor_action": members(
        {
            "status": {"enum": ["ok", "replaced"]},
            "sensor": ID,
            "action": by_millisecond(ANY),
            "action-uuid": ID,
        }
    ),
}


def check(event: dict[str, Any]) -> None:
    """The skeleton of all events, and the payload of this one."""
    skeleton = {"id": TIME, "event": {"enum": list(PAYLOADS)}, "time": TIME}
    found = {name: event[name] for name in skeleton if name in event}
    Draft202012Validator(members(skeleton)).validate(found)
    _validator(event["event"]).validate({name: value for name, value in event.items() if name not in skeleton})


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(PAYLOADS[name], format_checker=FormatChecker())
