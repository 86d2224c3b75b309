"""Writes meetings as the contract words them (9.1): plain functions over rows, because lists are the hottest reads."""

from datetime import datetime
from typing import Any

from django.conf import settings

from events.models import Agenda, Event, SharedFolder
from invites.models import EmailInvite, EventInvite, Status
from rest.renderers import timestamp
from rooms.models import Room, StreamingTarget
from rooms.sip import call_in_of
from users.models import Tariff
from users.serializers import avatar_url, public_profile


def event_resource(entry: Agenda, *, invitees_max: int) -> dict[str, Any]:
    """One event as the owner of this agenda entry sees it. Members without value are left out, never null."""
    event = entry.event
    is_creator = entry.role == Agenda.Role.CREATOR
    invitees, is_truncated = _invitees(event, invitees_max)
    resource = {
        "id": event.pk,
        "created_by": public_profile(event.created_by),
        "created_at": timestamp(event.created_at),
        "updated_by": public_profile(event.updated_by),
        "updated_at": timestamp(event.updated_at),
        "title": event.title,
        "description": event.description,
        "room": room_info(event.room, event.created_by.tariff),
        "invitees_truncated": is_truncated,
        "invitees": invitees,
        "is_time_independent": event.is_time_independent,
        "is_adhoc": event.is_adhoc,
        "type": "recurring" if event.is_recurring else "single",
        "invite_status": entry.invite_status,
        "is_favorite": entry.is_favorite,
        "can_edit": is_creator,
        "show_meeting_details": event.show_meeting_details,
    }
    if event.starts_at is not None and event.ends_at is not None:
        resource |= {
            "is_all_day": bool(event.is_all_day),
            "starts_at": date_time_tz(event.starts_at, event.starts_at_zone),
            "ends_at": date_time_tz(event.ends_at, event.ends_at_zone),
        }
    return resource | _where_set(event, is_creator)


def _where_set(event: Event, is_creator: bool) -> dict[str, Any]:
    """Members that the frontend must not see empty: an empty list of streams blocks its edit form."""
    streams = [streaming_target(target, with_key=is_creator) for target in event.room.streaming_targets.all()]
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    members = {
        "recurrence_pattern": event.recurrence_pattern,
        "streaming_targets": streams,
        "shared_folder": shared_folder(folder, with_write=is_creator) if folder else None,
        "training_participation_report": event.training_participation_report,
    }
    return {name: value for name, value in members.items() if value}


def date_time_tz(instant: datetime, zone: str) -> dict[str, str]:
    return {"datetime": timestamp(instant), "timezone": zone}


def room_info(room: Room, tariff: Tariff | None) -> dict[str, Any]:
    """`tariff` is that of the room's owner."""
    info: dict[str, Any] = {
        "id": room.pk,
        "waiting_room": room.waiting_room,
        "e2e_encryption": room.e2e_encryption,
    }
    if room.password:
        info["password"] = room.password
    if config := call_in_of(room, tariff):
        info["call_in"] = {"tel": settings.CALL_IN_TEL, "id": config.sip_id, "password": config.password}
    return info


def streaming_target(target: StreamingTarget, *, with_key: bool) -> dict[str, Any]:
    resource = {
        "id": target.pk,
        "name": target.name,
        "kind": target.kind,
        "streaming_endpoint": target.streaming_endpoint,
        "public_url": target.public_url,
    }
    return resource | {"streaming_key": target.streaming_key} if with_key else resource


def shared_folder(folder: SharedFolder, *, with_write: bool) -> dict[str, Any]:
    resource = {"read": {"url": folder.read_url, "password": folder.read_password}}
    if with_write and folder.write_url:
        resource["read_write"] = {"url": folder.write_url, "password": folder.write_password}
    return resource


def _invitees(event: Event, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """The first `limit` invitees and whether there are more; events.access.with_invitees brought one more than that."""
    if limit == 0:
        return [], True
    rows = [
        *(user_invitee(row) for row in event.invites.all()),
        *(email_invitee(row) for row in event.email_invites.all()),
    ]
    return rows[:limit], len(rows) > limit


def user_invitee(invite: EventInvite) -> dict[str, Any]:
    profile = {"kind": "registered", **public_profile(invite.invitee), "role": invite.role}
    return {"profile": profile, "status": Status(invite.status)}


def email_invitee(invite: EmailInvite) -> dict[str, Any]:
    """`has_account` is annotated by events.access.email_invites."""
    profile = {"kind": "email", "email": invite.email, "avatar_url": avatar_url(invite.email), "role": invite.role}
    if invite.has_account:  # type: ignore[attr-defined]
        profile |= {"kind": "unregistered", "firstname": invite.first_name, "lastname": invite.last_name}
    return {"profile": profile, "status": Status(invite.status)}
