"""Faxes, announcements, presentations, and files: those of volumes, and a room's own as those of its volume."""

from datetime import datetime
from typing import Any

from activity.models import Activity
from integrations.cospace.dialect import seconds
from integrations.cospace.formats.registry import Events, Reader, told, without_empty
from integrations.objects.room_volumes import volume_id_of


@told("fax.converted")
def fax_converted(activity: Activity, reader: Reader) -> Events:
    pages = activity.data["page_count"]
    return [("fax_convert", without_empty(fax=str(activity.subject_id), page_count=pages))]


@told("presentation.converted")
def presentation_converted(activity: Activity, reader: Reader) -> Events:
    pages = activity.data["page_count"]
    return [("presentation_convert", without_empty(presentation=str(activity.subject_id), page_count=pages))]


@told("announcement.converted")
def announcement_converted(activity: Activity, reader: Reader) -> Events:
    well = {} if activity.data["problem"] else {"success": True}
    return [("announcement_convert", {"announcement": str(activity.subject_id)} | well)]


@told("fax.reported")
def fax_reported(activity: Activity, reader: Reader) -> Events:
    data = activity.data
    report = {
        "incoming": data["incoming"],
        "from": data["sender"],
        "to": data["recipient"],
        "time_start": _seconds(data["time_start"]),
        "status": data["status"],
    }
    later = without_empty(
        time_end=_seconds(data["time_end"]) if data["time_end"] else None,
        sip_status_code=data["sip_status_code"],
        fax_error_code=data["fax_error_code"],
    )
    return [("fax_report", {"fax": str(activity.subject_id), "report": {data["report_id"]: report | later}})]


@told("presentation.started", "presentation.stopped")
def presentation_live(activity: Activity, reader: Reader) -> Events:
    name = "presentation_start" if activity.kind == "presentation.started" else "presentation_stop"
    data = activity.data
    payload = without_empty(
        presentation=str(activity.subject_id), owner=data["owner_id"], user=data["user_id"], description=data["label"]
    )
    return [(name, payload)]


@told("file.created")
def file_created(activity: Activity, reader: Reader) -> Events:
    data = activity.data
    times = {"ctime": _seconds(data["ctime"]), "mtime": _seconds(data["mtime"]), "user": _user(activity)}
    name = without_empty(name=data["filename"], parent=data["parent_id"])
    return [("file_new", _file(activity) | {"type": data["type"]} | name | times)]


@told("file.updated")
def file_updated(activity: Activity, reader: Reader) -> Events:
    """Only what changed. Of what was moved to the root `parent` is the volume."""
    data = activity.data
    changed = {name: new for name, (_old, new) in activity.changes.items()}
    if "parent" in changed:
        changed["parent"] = changed["parent"] or data["volume_id"]
    for name in ("ctime", "mtime"):
        if name in changed:
            changed[name] = _seconds(changed[name])
    return [("file_modify", _file(activity) | {"type": data["type"], "user": _user(activity)} | changed)]


@told("file.deleted")
def file_deleted(activity: Activity, reader: Reader) -> Events:
    return [("file_delete", _file(activity))]


@told("asset.created")
def asset_created(activity: Activity, reader: Reader) -> Events:
    time = seconds(activity.occurred_at)
    about = {"type": "file", "name": activity.data["filename"], "ctime": time, "mtime": time, "user": _user(activity)}
    return [("file_new", _asset(activity) | about)]


@told("asset.deleted")
def asset_deleted(activity: Activity, reader: Reader) -> Events:
    return [("file_delete", _asset(activity))]


def _file(activity: Activity) -> dict[str, Any]:
    """The activity's id is that of the commit."""
    return {"commit": str(activity.id), "file": str(activity.subject_id), "volume": activity.data["volume_id"]}


def _asset(activity: Activity) -> dict[str, Any]:
    volume = volume_id_of(activity.room_id) if activity.room_id else ""
    return {"commit": str(activity.id), "file": str(activity.subject_id), "volume": str(volume)}


def _user(activity: Activity) -> str:
    """Whoever did it; for a program's doing, such as a recorder's, the owner of the room or of the volume."""
    is_person = activity.actor_kind in {Activity.ActorKind.USER, Activity.ActorKind.STAFF}
    return str((activity.actor_id if is_person else None) or activity.owner_id or "")


def _seconds(time: str) -> int:
    return seconds(datetime.fromisoformat(time))
