"""Boxes, SIP accounts, phones, dialplans and chats. Calls, sensors and who is typing pass by the log (passing.py)."""

from datetime import datetime
from typing import Any

from activity.models import Activity
from integrations.cospace.dialect import seconds
from integrations.cospace.formats.registry import Events, Reader, told, without_empty
from integrations.objects.models.chats import ChatMessage


@told("box.online", "box.offline")
def box(activity: Activity, reader: Reader) -> Events:
    named = {"box": str(activity.subject_id), "owner": str(activity.owner_id or "")}
    name = "box_online" if activity.kind == "box.online" else "box_offline"
    return [(name, without_empty(**named, **activity.data))]


@told("sip_account.created")
def sip_new(activity: Activity, reader: Reader) -> Events:
    return [("sip_new", without_empty(**activity.data))]


@told("sip_account.updated")
def sip_modify(activity: Activity, reader: Reader) -> Events:
    """The description is all of it that changes: "" says that it is gone."""
    return [("sip_modify", activity.data)]


@told("sip_account.deleted")
def sip_delete(activity: Activity, reader: Reader) -> Events:
    return [("sip_delete", activity.data)]


@told("sip_account.registered")
def sip_register(activity: Activity, reader: Reader) -> Events:
    data = dict(activity.data)
    return [("sip_register", data | {"expire": _seconds(data.pop("expires_at"))})]


@told("sip_account.unregistered")
def sip_unregister(activity: Activity, reader: Reader) -> Events:
    return [("sip_unregister", activity.data)]


@told("phone.updated")
def phone_modify(activity: Activity, reader: Reader) -> Events:
    return [("phone_modify", {})]


@told("dialplan.updated")
def dialplan_modify(activity: Activity, reader: Reader) -> Events:
    return [("dialplan_modify", {})]


@told("call_reverse.started", "call_reverse.stopped")
def call_reverse(activity: Activity, reader: Reader) -> Events:
    word = "start" if activity.kind == "call_reverse.started" else "stop"
    return [(f"dialplan_callreverse_{word}", activity.data)]


@told("chat.created")
def chat_new(activity: Activity, reader: Reader) -> Events:
    return [("chat_new", {"chat": str(activity.subject_id), "create_time": seconds(activity.occurred_at)})]


@told("chat.message_posted")
def chat_message(activity: Activity, reader: Reader) -> Events:
    """Whoever is added learns of the chat by it. A text that is removed already is not told any more."""
    data = activity.data
    said: dict[str, Any] = {"user": data["user_id"], "time": seconds(activity.occurred_at), "type": data["type"]}
    about: dict[str, Any] = {}
    match data["type"]:
        case ChatMessage.Type.TEXT:
            if data["message_id"] not in reader.texts:
                return []
            said["text"] = reader.texts[data["message_id"]]
        case ChatMessage.Type.ADD:
            said["member"] = data["member_id"]
            created = _seconds(data["created_at"])
            about = without_empty(create_time=created, description=data["description"])
    return [("chat_message", {"chat": str(activity.subject_id), "message": {data["message_id"]: said}} | about)]


def _seconds(text: str) -> int:
    return seconds(datetime.fromisoformat(text))
